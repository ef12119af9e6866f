import type { Capabilities } from '../platform';

const MEGABYTE = 1024 * 1024;

/** X API v2, docs.x.com as of 2026-08-22 (posts, media best practices, media metadata). */
export const CAPABILITIES: Capabilities = {
	text: { required: false, max: 280, unit: 'characters (as X counts them)' },
	images: {
		min: 0,
		max: 4,
		mimes: ['image/jpeg', 'image/png', 'image/webp', 'image/gif'],
		maxBytes: 5 * MEGABYTE,
		altTextMax: 1000,
	},
	canDelete: true,
	fetchesMedia: false,
	// Undocumented; reported to last for hours, so a day is the careful reading.
	duplicateWindowMs: 24 * 3_600_000,
};

/** Self-serve access allows one `$TICKER` a post (docs.x.com changelog, 2026-04-20). */
export const MAX_CASHTAGS = 1;
