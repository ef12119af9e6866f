import type { Capabilities } from '../platform';

const MEGABYTE = 1024 * 1024;

/** Graph API version of every call (current in August 2026, served for about two years). */
export const GRAPH_VERSION = 'v26.0';

/** Instagram content publishing, single image (developers.facebook.com, IG User media). */
export const CAPABILITIES: Capabilities = {
	text: { required: false, max: 2200, unit: 'characters' },
	images: {
		min: 1,
		max: 1,
		mimes: ['image/jpeg'],
		maxBytes: 8 * MEGABYTE,
		altTextMax: 1000,
	},
	canDelete: false,
	fetchesMedia: true,
	duplicateWindowMs: 0,
};

export const MAX_HASHTAGS = 30;
export const MAX_MENTIONS = 20;

/** Width over height: 4:5 to 1.91:1. */
export const MIN_RATIO = 0.8;
export const MAX_RATIO = 1.91;

/** Narrower pictures are refused; wider ones than 1440 are scaled down by Instagram. */
export const MIN_WIDTH = 320;
