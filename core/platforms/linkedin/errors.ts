import { numberAt, objectAt, objectsAt, textAt, type Json } from '../answers';
import type { RefusalRow, RefusalTable, RefusedAnswer } from '../refusals';

const DAY_MS = 86_400_000;
/** Resource throttles other than the daily one end by themselves; LinkedIn names no time. */
const THROTTLE_MS = 900_000;
/** A few minutes past midnight UTC, when the daily counters start anew. */
const AFTER_MIDNIGHT_MS = 120_000;
/** A picture is processed within seconds. */
const PROCESSING_MS = 5_000;

/** A URN that LinkedIn names in the message about a duplicate. */
const DUPLICATE = /duplicate of (urn:li:[A-Za-z]+:[A-Za-z0-9_-]+)/;

function inputErrors(body: Json): Json[] {
	return objectsAt(objectAt(body, 'errorDetails'), 'inputErrors') ?? [];
}

function words(body: Json): string {
	return (
		textAt(body, 'message') ??
		inputErrors(body).map((entry) => textAt(entry, 'description'))[0] ??
		textAt(body, 'error_description') ??
		''
	);
}

function platformCode(body: Json): string | undefined {
	const service = numberAt(body, 'serviceErrorCode');
	return (
		inputErrors(body).map((entry) => textAt(entry, 'code'))[0] ??
		textAt(body, 'code') ??
		(service === undefined ? undefined : String(service))
	);
}

const says = (pattern: RegExp) => (answer: RefusedAnswer) => pattern.test(answer.words);
const coded =
	(...codes: string[]) =>
	(answer: RefusedAnswer) =>
		codes.includes(answer.platformCode ?? '');
const service =
	(...codes: number[]) =>
	(answer: RefusedAnswer) =>
		codes.includes(numberAt(answer.body, 'serviceErrorCode') ?? -1);

/** No rate headers are documented: a daily limit ends at midnight UTC, others soon. */
export function throttleWaitMs(answer: RefusedAnswer): number {
	const retryAfter = Number(answer.headers['retry-after']);
	if (Number.isFinite(retryAfter) && retryAfter > 0) return retryAfter * 1000;
	return /\bDAY\b/i.test(answer.words)
		? DAY_MS - (answer.nowMs % DAY_MS) + AFTER_MIDNIGHT_MS
		: THROTTLE_MS;
}

/** First fit counts. Source: learn.microsoft.com error pages and the reports named in the rows. */
const ROWS: RefusalRow[] = [
	{
		// Verbatim 2023-12, the same in reports of 2026; names the post that is live.
		code: 'linkedin_duplicate_post',
		match: (answer) => coded('DUPLICATE_POST')(answer) || says(DUPLICATE)(answer),
		class: 'duplicate',
		message: 'LinkedIn has this text from this author already. This attempt published nothing.',
		remedy: 'Change the text, or wait two days after the earlier post.',
		namedId: (answer) => DUPLICATE.exec(answer.words)?.[1],
	},
	{
		code: 'linkedin_token_revoked',
		match: (answer) => coded('REVOKED_ACCESS_TOKEN')(answer) || service(65601)(answer),
		class: 'refresh',
		message: 'The access to LinkedIn was revoked. Nothing was published; the post waits.',
		remedy: 'Connect the account again if it is not renewed by itself.',
	},
	{
		code: 'linkedin_token_expired',
		match: (answer) => coded('EXPIRED_ACCESS_TOKEN')(answer) || service(65602)(answer),
		class: 'refresh',
		message: 'The access to LinkedIn has expired. Nothing was published; the post waits.',
		remedy: 'Connect the account again if it is not renewed by itself.',
	},
	{
		code: 'linkedin_access_refused',
		match: (answer) =>
			answer.status === 401 ||
			coded('INVALID_ACCESS_TOKEN', 'EMPTY_ACCESS_TOKEN')(answer) ||
			service(65600, 65604)(answer),
		class: 'refresh',
		message: 'LinkedIn refused the access token. Nothing was published; the post waits.',
		remedy: 'Connect the account again if it is not renewed by itself.',
	},
	{
		code: 'linkedin_permission_missing',
		match: (answer) =>
			answer.status === 403 &&
			(coded('ACCESS_DENIED')(answer) ||
				service(100)(answer) ||
				says(/not enough permissions/i)(answer)),
		class: 'reconnect',
		message:
			'The connection to LinkedIn may not post as this author. Nothing was published; the post waits.',
		remedy:
			'Connect again and grant w_member_social (for a page: w_organization_social, as its administrator).',
	},
	{
		code: 'linkedin_version_gone',
		match: (answer) => answer.status === 426 || coded('NONEXISTENT_VERSION')(answer),
		class: 'account',
		message:
			'LinkedIn no longer serves the API version this account uses. Nothing was published; the post waits.',
		remedy: 'Set linkedinVersion in the account’s settings to a current one (YYYYMM).',
	},
	{
		code: 'linkedin_text_too_long',
		match: says(/exceeded the maximum allowed|length \(\d+ characters\)/i),
		class: 'permanent',
		message: 'LinkedIn found the text too long. Nothing was published.',
		remedy: 'Shorten the text below 3000 characters, then retry the post.',
	},
	{
		code: 'linkedin_image_unusable',
		match: (answer) =>
			coded('MEDIA_ASSET_PROCESSING_FAILED')(answer) || says(/PROCESSING_FAILED/)(answer),
		class: 'permanent',
		message: 'LinkedIn could not process the picture. Nothing was published.',
		remedy: 'Save the picture anew as JPEG or PNG, then create the post again.',
	},
	{
		code: 'linkedin_image_not_ready',
		match: (answer) =>
			coded('MEDIA_ASSET_PROCESSING', 'MEDIA_ASSET_WAITING_UPLOAD')(answer) ||
			says(/(asset|image|media).{0,120}(not (yet )?(ready|available)|processing|WAITING_UPLOAD)/i)(
				answer,
			),
		class: 'retry',
		waitMs: PROCESSING_MS,
		message: 'LinkedIn is still working on the picture. Nothing was published; the post waits.',
		remedy: 'Nothing to do: it is tried again in a moment.',
	},
	{
		code: 'linkedin_image_gone',
		match: (answer) =>
			coded('INVALID_URN_ID')(answer) ||
			says(
				/(asset|image|media).{0,120}(not exist|not found|expired)|urn:li:image:\S+.{0,40}invalid/i,
			)(answer),
		class: 'redo',
		message: 'LinkedIn no longer has the uploaded picture. Nothing was published.',
		remedy: 'Nothing to do: the picture is uploaded again.',
	},
	{
		code: 'linkedin_field_refused',
		match: (answer) => answer.status === 422 && says(/^ERROR ::/)(answer),
		class: 'permanent',
		message: 'LinkedIn does not take a field of this post. Nothing was published.',
		remedy: 'Report this with the platform’s code: the request has to change.',
	},
	{
		code: 'linkedin_conflict',
		match: (answer) => answer.status === 409,
		class: 'retry',
		message: 'LinkedIn was busy with the same author. Nothing was published; the post waits.',
		remedy: 'Nothing to do: it is tried again.',
	},
	{
		code: 'linkedin_rate_limit',
		match: (answer) => answer.status === 429 || coded('TOO_MANY_REQUESTS')(answer),
		class: 'rate_limit',
		waitMs: throttleWaitMs,
		message:
			'LinkedIn takes no more calls from this account for now. Nothing was published; the post waits.',
		remedy: 'Nothing to do: the post goes out when the limit is over.',
	},
];

export const REFUSALS: RefusalTable = {
	platform: 'linkedin',
	displayName: 'LinkedIn',
	rows: ROWS,
	words,
	platformCode,
	throttleWaitMs,
};
