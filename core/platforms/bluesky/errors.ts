import { textAt } from '../answers';
import type { RefusalRow, RefusalTable, RefusedAnswer } from '../refusals';

export const NAMES = { name: 'bluesky', displayName: 'Bluesky' };

/** Bluesky counts in hours and in windows of five minutes; used when it names no time. */
const THROTTLE_MS = 300_000;

function code(...names: string[]): RefusalRow['match'] {
	return ({ platformCode }) => platformCode !== undefined && names.includes(platformCode);
}

/** Until `retry-after` (seconds) or `ratelimit-reset` (Unix seconds, as the PDS sends both). */
function throttleWaitMs({ headers, nowMs }: RefusedAnswer): number {
	const after = Number(headers['retry-after'] ?? '');
	if (Number.isFinite(after) && after > 0) return after * 1000;
	const reset = Number(headers['ratelimit-reset'] ?? '') * 1000;
	return Number.isFinite(reset) && reset > nowMs ? reset - nowMs : THROTTLE_MS;
}

/** Answers of a PDS, measured on @atproto/pds 0.5.35 on 2026-11-22. First match wins. */
export const REFUSALS: RefusalTable = {
	platform: NAMES.name,
	displayName: NAMES.displayName,
	words: (body) => textAt(body, 'message') ?? textAt(body, 'error') ?? '',
	platformCode: (body) => textAt(body, 'error'),
	throttleWaitMs,
	rows: [
		{
			code: 'bluesky_session_expired',
			match: code('ExpiredToken', 'InvalidToken', 'AuthMissing'),
			class: 'refresh',
			message: 'The session with Bluesky has run out. Nothing was published; the post waits.',
			remedy: 'Nothing to do: the session is renewed. Connect the account again if asked to.',
		},
		{
			code: 'bluesky_account_taken_down',
			match: code('AccountTakedown'),
			class: 'account',
			message: 'Bluesky has taken this account down. Nothing was published; the post waits.',
			remedy:
				'Appeal at Bluesky (moderation@blueskyweb.xyz). The post goes out when the account is back.',
		},
		{
			code: 'bluesky_account_deactivated',
			match: code('AccountDeactivated', 'AccountSuspended', 'AccountInactive'),
			class: 'account',
			message: 'This Bluesky account is deactivated. Nothing was published; the post waits.',
			remedy: 'Reactivate the account in Bluesky’s settings, and the post goes out.',
		},
		{
			code: 'bluesky_account_unknown',
			match: code('AccountNotFound', 'RepoNotFound'),
			class: 'account',
			message:
				'This server does not hold the account (any more). Nothing was published; the post waits.',
			remedy: 'If the account moved to another server, connect it again there.',
		},
		{
			code: 'bluesky_access_refused',
			match: code('AuthenticationRequired', 'Forbidden', 'InsufficientScope', 'ScopeMissingError'),
			class: 'reconnect',
			message:
				'Bluesky refused the session for this account. Nothing was published; the post waits.',
			remedy: 'Connect the account again; the post then goes out by itself if it is not too late.',
		},
		{
			code: 'bluesky_rate_limit',
			match: ({ status, platformCode }) => status === 429 || platformCode === 'RateLimitExceeded',
			class: 'rate_limit',
			waitMs: throttleWaitMs,
			message:
				'Bluesky takes no more calls from this account for now. Nothing was published; the post waits.',
			remedy: 'Nothing to do: the post goes out when the limit is over.',
		},
		{
			// Identical content is answered with success, so what stands there differs from ours, or
			// another server's software compares less kindly. The look-up reads it.
			code: 'bluesky_key_taken',
			match: code('InvalidSwap'),
			class: 'ambiguous',
			message: 'There is an entry under this post’s key on Bluesky already.',
			remedy: 'Nothing to do: the entry is read and compared with the post.',
		},
		{
			code: 'bluesky_image_gone',
			match: code('BlobNotFound', 'InvalidMimeType'),
			class: 'redo',
			message: 'Bluesky no longer has the uploaded picture. Nothing was published.',
			remedy: 'Nothing to do: the picture is uploaded again.',
		},
		{
			code: 'bluesky_image_too_large',
			match: ({ status, platformCode, words }) =>
				status === 413 || platformCode === 'PayloadTooLarge' || /^.*blob too big/i.test(words),
			class: 'permanent',
			message: 'Bluesky refused a picture as too large. Nothing was published.',
			remedy: 'Use a picture of at most 2 MB and create the post again.',
		},
		{
			code: 'bluesky_text_too_long',
			match: ({ words }) =>
				/(grapheme|string) too (big|long).*\$\.record\.text|text must not be longer/i.test(words),
			class: 'permanent',
			message: 'Bluesky refused the text as too long. Nothing was published.',
			remedy: 'Shorten the text to 300 characters and create the post again.',
		},
	],
};
