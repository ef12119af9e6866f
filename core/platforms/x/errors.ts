import { objectsAt, textAt, type Json } from '../answers';
import type { RefusalRow, RefusalTable, RefusedAnswer } from '../refusals';

/** X counts in windows of 15 minutes; used when it names no reset time. */
const WINDOW_MS = 900_000;
/** A monthly or product cap does not end in minutes; asking four times a day is enough. */
const CAP_MS = 6 * 3_600_000;
/** `x-rate-limit-reset` is in whole seconds; one more keeps us on the far side of it. */
const RESET_RESERVE_MS = 1_000;

/** Problem bodies carry `detail`, legacy ones `errors[].message`; some carry both. */
function words(body: Json): string {
	const first = objectsAt(body, 'errors')?.[0] ?? {};
	return (
		textAt(first, 'message') ??
		textAt(first, 'detail') ??
		textAt(body, 'detail') ??
		textAt(body, 'error_description') ??
		textAt(body, 'title') ??
		''
	);
}

function platformCode(body: Json): string | undefined {
	const legacy = objectsAt(body, 'errors')?.[0]?.code;
	if (typeof legacy === 'number') return String(legacy);
	const type = textAt(body, 'type');
	if (type !== undefined && type !== 'about:blank') return type.split('/').pop();
	return textAt(body, 'title');
}

/** All of X's words, for rows that look for a phrase. */
function all(answer: RefusedAnswer): string {
	return [textAt(answer.body, 'detail'), answer.words].filter(Boolean).join(' ');
}

const says = (pattern: RegExp) => (answer: RefusedAnswer) => pattern.test(all(answer));
const titled = (title: string) => (answer: RefusedAnswer) => textAt(answer.body, 'title') === title;
const legacy = (...codes: number[]) => {
	const names = new Set(codes.map(String));
	return (answer: RefusedAnswer) => names.has(answer.platformCode ?? '');
};
const problem = (name: string) => (answer: RefusedAnswer) =>
	(textAt(answer.body, 'type') ?? '').endsWith(`/problems/${name}`);

/** Wait until X's own reset time: of a used-up 24-hour window, else of the 15-minute one. */
export function resetWaitMs({ headers, nowMs }: RefusedAnswer): number {
	const daily = ['x-app-limit-24hour', 'x-user-limit-24hour']
		.filter((name) => headers[`${name}-remaining`] === '0')
		.map((name) => Number(headers[`${name}-reset`]));
	const resets = [...daily, Number(headers['x-rate-limit-reset'])].filter(
		(seconds) => Number.isFinite(seconds) && seconds * 1000 > nowMs,
	);
	return resets.length === 0 ? WINDOW_MS : Math.max(...resets) * 1000 - nowMs + RESET_RESERVE_MS;
}

function untilResetDate({ body, nowMs }: RefusedAnswer): number {
	const date = Date.parse(textAt(body, 'reset_date') ?? '');
	return Number.isNaN(date) || date <= nowMs ? CAP_MS : date - nowMs;
}

/** First fit counts. Source: docs.x.com response codes, and the field reports named in the rows. */
const ROWS: RefusalRow[] = [
	{
		code: 'x_no_credits',
		match: (answer) => answer.status === 402 || titled('CreditsDepleted')(answer),
		class: 'account',
		message: 'The X developer account has no credits left. Nothing was published; the post waits.',
		remedy: 'Buy credits at console.x.com; the post then goes out by itself.',
	},
	{
		code: 'x_spend_cap',
		match: titled('SpendCapReached'),
		class: 'account',
		waitMs: untilResetDate,
		message:
			'The X developer account has reached its spending cap of this billing cycle. Nothing was published; the post waits.',
		remedy: 'Raise the cap at console.x.com, or wait for the next billing cycle.',
	},
	{
		code: 'x_usage_cap',
		match: (answer) => titled('UsageCapExceeded')(answer) || problem('usage-capped')(answer),
		class: 'account',
		waitMs: CAP_MS,
		message:
			'The X developer account has used up its plan for this period. Nothing was published; the post waits.',
		remedy: 'Upgrade the plan at console.x.com, or wait for the next period.',
	},
	{
		// Seen verbatim 2026-02-12 (akrherz/iembot #163); X does not name the other post.
		code: 'x_duplicate_text',
		match: (answer) => says(/duplicate content/i)(answer) || legacy(187)(answer),
		class: 'duplicate',
		message: 'X has this text from this account already. This attempt published nothing.',
		remedy: 'Change the text, or delete the earlier post at X and wait some hours.',
	},
	{
		code: 'x_text_too_long',
		match: (answer) =>
			says(/too long|exceeds? the (maximum|character)/i)(answer) || legacy(186)(answer),
		class: 'permanent',
		message: 'X found the text too long. Nothing was published.',
		remedy: 'Shorten the text, then retry the post.',
	},
	{
		code: 'x_cashtags',
		match: says(/cashtag/i),
		class: 'permanent',
		message: 'X takes one cashtag in a post and this one has more. Nothing was published.',
		remedy: 'Keep one $TICKER, then retry the post.',
	},
	{
		code: 'x_reply_not_allowed',
		match: says(
			/reply to (this|a )|only reply to|not been mentioned|mentioned or (otherwise )?engaged|summon/i,
		),
		class: 'permanent',
		message:
			'X lets this account answer only posts whose author mentioned or quoted it. Nothing was published.',
		remedy: 'Publish it as a post of its own.',
	},
	{
		code: 'x_account_suspended',
		match: (answer) => legacy(63, 64)(answer) || says(/suspended/i)(answer),
		class: 'account',
		message: 'X has suspended this account. Nothing was published; the post waits.',
		remedy: 'Sign in at x.com and follow what X asks for.',
	},
	{
		code: 'x_account_locked',
		match: (answer) => legacy(326)(answer) || says(/temporarily locked|account is locked/i)(answer),
		class: 'account',
		message:
			'X has locked this account until its owner acts. Nothing was published; the post waits.',
		remedy: 'Sign in at x.com and unlock the account.',
	},
	{
		code: 'x_app_read_only',
		match: (answer) => legacy(261)(answer) || says(/cannot perform write actions/i)(answer),
		class: 'account',
		message:
			'X has restricted the developer app to reading. Nothing was published; the post waits.',
		remedy: 'Look at the app in X’s developer console and lift the restriction.',
	},
	{
		code: 'x_looks_automated',
		match: (answer) => legacy(226)(answer) || says(/might be automated|automated request/i)(answer),
		class: 'account',
		message: 'X takes this post for spam and did not publish it; the post waits.',
		remedy: 'Sign in at x.com, confirm that it is you, and post less alike or less often.',
	},
	{
		code: 'x_daily_limit',
		match: (answer) => legacy(185)(answer) || says(/daily status update limit/i)(answer),
		class: 'rate_limit',
		waitMs: 3_600_000,
		message:
			'This account has reached X’s daily limit of posts. Nothing was published; the post waits.',
		remedy: 'Nothing to do: the post goes out when the limit is over.',
	},
	{
		code: 'x_app_not_allowed',
		match: problem('client-forbidden'),
		class: 'account',
		message:
			'X does not let the developer app use this call. Nothing was published; the post waits.',
		remedy: 'Add the app to a project with access to the v2 API in X’s developer console.',
	},
	{
		code: 'x_permission_missing',
		match: (answer) =>
			answer.status === 403 &&
			(problem('oauth1-permissions')(answer) ||
				problem('unsupported-authentication')(answer) ||
				says(/not permitted to perform this action|not permitted to use|\bscopes?\b/i)(answer)),
		class: 'reconnect',
		message:
			'The connection to X lacks a permission this post needs. Nothing was published; the post waits.',
		remedy:
			'Connect the account again and grant tweet.read, tweet.write, users.read, media.write and offline.access.',
	},
	{
		code: 'x_media_gone',
		match: (answer) =>
			(answer.status === 400 || answer.status === 404) &&
			(legacy(324)(answer) ||
				says(
					/media ids? (is|are) invalid|invalid media ids?|upload is not open|segments (do not|exceed)|media.{0,40}(expired|not found|not ready|still processing|could not be found)/i,
				)(answer)),
		class: 'redo',
		message: 'X no longer has the uploaded picture. Nothing was published.',
		remedy: 'Nothing to do: the picture is uploaded again.',
	},
	{
		code: 'x_media_refused',
		match: says(
			/media.{0,40}(type|category|format|size|dimension|unsupported|unrecognized)|file (size|is too (large|big))/i,
		),
		class: 'permanent',
		message: 'X does not take this picture. Nothing was published.',
		remedy: 'Use a JPEG, PNG, WebP or GIF of at most 5 MB, then create the post again.',
	},
	{
		code: 'x_access_refused',
		match: (answer) => answer.status === 401 || legacy(32, 89)(answer),
		class: 'refresh',
		message: 'X refused the access token. Nothing was published; the post waits.',
		remedy: 'Nothing to do yet: the token is renewed. Connect the account again if asked to.',
	},
	{
		code: 'x_rate_limit',
		match: (answer) => answer.status === 429 || legacy(88)(answer),
		class: 'rate_limit',
		waitMs: resetWaitMs,
		message:
			'X takes no more calls from this account for now. Nothing was published; the post waits.',
		remedy: 'Nothing to do: the post goes out when the limit is over.',
	},
];

export const REFUSALS: RefusalTable = {
	platform: 'x',
	displayName: 'X',
	rows: ROWS,
	words,
	platformCode,
	throttleWaitMs: resetWaitMs,
};
