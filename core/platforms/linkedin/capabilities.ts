import type { Capabilities } from '../platform';

const MEGABYTE = 1024 * 1024;

/** LinkedIn Posts and Images API (learn.microsoft.com, li-lms-2026-03). */
export const CAPABILITIES: Capabilities = {
	// Whether escapes count is undocumented; counting them never promises too much.
	text: { required: false, max: 3000, unit: 'characters (as sent, escapes and hashtags included)' },
	images: {
		min: 0,
		max: 20,
		mimes: ['image/jpeg', 'image/png', 'image/gif'],
		// LinkedIn documents pixels only; 10 MB is what its own editor takes for a picture.
		maxBytes: 10 * MEGABYTE,
		altTextMax: 4086,
	},
	canDelete: true,
	fetchesMedia: false,
	// Undocumented; reports say 24 to 48 hours.
	duplicateWindowMs: 48 * 3_600_000,
};

/** A picture must have fewer pixels than this (Images API). */
export const MAX_PIXELS = 36_152_320;

/** In service from September 2026 for at least a year; the account's settings may name another. */
export const DEFAULT_VERSION = '202609';
