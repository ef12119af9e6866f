import type { Capabilities } from '../platform';

/** Lexicon app.bsky.feed.post: `maxGraphemes` 300 and `maxLength` 3000 bytes, both hold. */
export const TEXT_BYTES = 3000;

/** What Bluesky takes (lexicons of bluesky-social/atproto, 2026-08-20; checked on PDS 0.5.35). */
export const CAPABILITIES: Capabilities = {
	text: { required: false, max: 300, unit: 'characters' },
	images: {
		min: 0,
		max: 4,
		mimes: ['image/jpeg', 'image/png', 'image/webp', 'image/gif'],
		// app.bsky.embed.images: two million bytes, not two megabytes of 1024.
		maxBytes: 2_000_000,
		// The lexicon names no limit; this is the one of Bluesky's own app.
		altTextMax: 2000,
	},
	canDelete: true,
	fetchesMedia: false,
	duplicateWindowMs: 0,
};
