import { jsonOf, numberAt, objectAt, textAt, type Json } from '../answers';
import type { RefusalRow, RefusalTable, RefusedAnswer } from '../refusals';

const MINUTE_MS = 60_000;
/** Meta counts calls over an hour; a quarter of it is worth another try. */
const THROTTLE_MS = 15 * MINUTE_MS;
/** The daily cap is a rolling window: places come free one by one. */
const DAILY_CAP_MS = 60 * MINUTE_MS;
/** Policy blocks last hours to days. */
const BLOCK_MS = 6 * 60 * MINUTE_MS;

function graphError(body: Json): Json {
	return objectAt(body, 'error');
}

function words(body: Json): string {
	const error = graphError(body);
	return textAt(error, 'error_user_msg') ?? textAt(error, 'message') ?? '';
}

/** `code/subcode`, or the code alone. */
function platformCode(body: Json): string | undefined {
	const error = graphError(body);
	const code = numberAt(error, 'code');
	const subcode = numberAt(error, 'error_subcode');
	if (code === undefined) return undefined;
	return subcode === undefined ? String(code) : `${code}/${subcode}`;
}

const codeOf = (answer: RefusedAnswer) => numberAt(graphError(answer.body), 'code');
const subcodeOf = (answer: RefusedAnswer) => numberAt(graphError(answer.body), 'error_subcode');
const coded =
	(...codes: number[]) =>
	(answer: RefusedAnswer) =>
		codes.includes(codeOf(answer) ?? NaN);
const subcoded =
	(...subcodes: number[]) =>
	(answer: RefusedAnswer) =>
		subcodes.includes(subcodeOf(answer) ?? NaN);
const says = (pattern: RegExp) => (answer: RefusedAnswer) => pattern.test(answer.words);

/** Longest `estimated_time_to_regain_access` (minutes) in Meta's usage headers. */
export function throttleWaitMs({ headers }: RefusedAnswer): number {
	const minutes: number[] = [];
	for (const name of ['x-business-use-case-usage', 'x-app-usage']) {
		collectMinutes(jsonOf({ text: headers[name] ?? '' }), minutes);
	}
	const longest = Math.max(0, ...minutes);
	return longest > 0 ? longest * MINUTE_MS : THROTTLE_MS;
}

function collectMinutes(value: unknown, found: number[]): void {
	if (Array.isArray(value)) value.forEach((entry) => collectMinutes(entry, found));
	else if (typeof value === 'object' && value !== null) {
		for (const [name, field] of Object.entries(value)) {
			if (name === 'estimated_time_to_regain_access') found.push(Number(field) || 0);
			else collectMinutes(field, found);
		}
	}
}

/**
 * First fit counts. Source: Meta's page "Instagram Platform, Error Codes" (2026-06-02), Graph API
 * error handling, and the field reports named in the rows. Subcodes come before codes.
 */
const ROWS: RefusalRow[] = [
	{
		code: 'instagram_already_published',
		match: says(/already (been )?(published|posted)/i),
		class: 'ambiguous',
		invisibleClass: 'permanent',
		message: 'Instagram says this was published already. The post may be live.',
		remedy: 'Nothing to do: it is looked up before anything else is sent.',
	},
	{
		code: 'instagram_server_trouble',
		match: subcoded(2207001),
		class: 'ambiguous',
		message: 'Instagram’s servers could not say whether it worked. The post may be live.',
		remedy: 'Nothing to do: it is looked up before anything else is sent.',
	},
	{
		code: 'instagram_image_not_fetched',
		match: (answer) => subcoded(2207003, 2207052, 2207077)(answer) || coded(9004)(answer),
		class: 'redo',
		invisibleClass: 'retry',
		message:
			'Instagram could not fetch the picture from its public address. Nothing was published.',
		remedy:
			'Check that the public address for media is reachable from the internet; it is tried again by itself.',
	},
	{
		code: 'instagram_container_expired',
		match: subcoded(2207020),
		class: 'redo',
		message: 'The prepared post at Instagram has expired. Nothing was published.',
		remedy: 'Nothing to do: it is prepared anew.',
	},
	{
		code: 'instagram_container_unusable',
		match: subcoded(2207032, 2207053, 2207082),
		class: 'redo',
		message: 'Instagram could not prepare the picture. Nothing was published.',
		remedy: 'Nothing to do: it is prepared anew.',
	},
	{
		code: 'instagram_media_unprocessable',
		match: subcoded(2207085),
		class: 'permanent',
		message: 'Instagram cannot process this media file. Nothing was published.',
		remedy: 'Save the picture anew as JPEG, then create the post again.',
	},
	{
		code: 'instagram_container_not_ready',
		match: (answer) => subcoded(2207027)(answer) || coded(9007)(answer),
		class: 'retry',
		waitMs: 30_000,
		message: 'Instagram is still preparing the picture. Nothing was published; the post waits.',
		remedy: 'Nothing to do: it is tried again in a moment.',
	},
	{
		code: 'instagram_publish_unclear',
		match: subcoded(2207008),
		class: 'ambiguous',
		message: 'Instagram had a temporary trouble while publishing. The post may be live.',
		remedy: 'Nothing to do: it is looked up before anything else is sent.',
	},
	{
		// Also what publishing a container for the second time may be answered with.
		code: 'instagram_container_missing',
		match: subcoded(2207006),
		class: 'ambiguous',
		invisibleClass: 'redo',
		message:
			'Instagram does not find the prepared post: it is gone, or published already. The post may be live.',
		remedy: 'Nothing to do: it is looked up before anything else is sent.',
	},
	{
		code: 'instagram_daily_cap',
		match: (answer) => subcoded(2207042)(answer) || coded(9)(answer),
		class: 'rate_limit',
		waitMs: DAILY_CAP_MS,
		message:
			'The account has reached Instagram’s limit of posts in 24 hours. Nothing was published; the post waits.',
		remedy: 'Nothing to do: the post goes out when a place is free.',
	},
	{
		code: 'instagram_account_restricted',
		match: (answer) => subcoded(2207050)(answer) || coded(25)(answer),
		class: 'account',
		message:
			'Instagram has restricted or paused this account. Nothing was published; the post waits.',
		remedy: 'Sign in to the Instagram app and follow what it asks for.',
	},
	{
		// Was answered for a post that its user found live (postiz PR #1681, 2026-07).
		code: 'instagram_action_blocked',
		match: subcoded(2207051),
		class: 'ambiguous',
		invisibleClass: 'account',
		message: 'Instagram blocked this action as spam. The post may be live all the same.',
		remedy: 'It is looked up. Post less often for a day, and look into the Instagram app.',
	},
	{
		code: 'instagram_image_too_large',
		match: (answer) => subcoded(2207004)(answer) || coded(36000)(answer),
		class: 'permanent',
		message: 'Instagram found the picture larger than 8 MB. Nothing was published.',
		remedy: 'Make the picture smaller, then create the post again.',
	},
	{
		code: 'instagram_image_format',
		match: (answer) => subcoded(2207005)(answer) || coded(36001)(answer),
		class: 'permanent',
		message: 'Instagram takes JPEG pictures only. Nothing was published.',
		remedy: 'Convert the picture to JPEG, then create the post again.',
	},
	{
		code: 'instagram_image_ratio',
		match: (answer) => subcoded(2207009)(answer) || coded(36003)(answer),
		class: 'permanent',
		message: 'Instagram takes pictures between 4:5 and 1.91:1. Nothing was published.',
		remedy: 'Crop the picture, then create the post again.',
	},
	{
		code: 'instagram_text_too_long',
		match: (answer) => subcoded(2207010)(answer) || coded(36004)(answer),
		class: 'permanent',
		message:
			'Instagram takes 2200 characters, 30 hashtags and 20 mentions; this text has more. Nothing was published.',
		remedy: 'Shorten the text, then retry the post.',
	},
	{
		code: 'instagram_media_kind',
		match: (answer) => subcoded(2207023, 2207026, 2207028)(answer) || coded(352)(answer),
		class: 'permanent',
		message: 'Instagram does not take this kind of media. Nothing was published.',
		remedy: 'Post a single JPEG picture.',
	},
	{
		code: 'instagram_app_removed',
		match: (answer) => coded(190)(answer) && subcoded(458)(answer),
		class: 'reconnect',
		message:
			'The app was removed from this Instagram account. Nothing was published; the post waits.',
		remedy: 'Connect the account again.',
	},
	{
		code: 'instagram_login_needed',
		match: (answer) => coded(190)(answer) && subcoded(459, 460, 464, 492)(answer),
		class: 'reconnect',
		message:
			'Instagram ended the connection (a security check, a new password or another role). Nothing was published; the post waits.',
		remedy: 'Sign in to Instagram, finish its checks, then connect the account again.',
	},
	{
		code: 'instagram_access_refused',
		match: (answer) => coded(190, 2500)(answer) || answer.status === 401,
		class: 'refresh',
		message: 'Instagram refused the access token. Nothing was published; the post waits.',
		remedy: 'Connect the account again if it is not renewed by itself.',
	},
	{
		code: 'instagram_permission_missing',
		match: (answer) => {
			const code = codeOf(answer) ?? 0;
			return code === 10 || (code >= 200 && code <= 299);
		},
		class: 'reconnect',
		message:
			'The connection to Instagram lacks the right to publish. Nothing was published; the post waits.',
		remedy: 'Connect the account again and grant instagram_business_content_publish.',
	},
	{
		code: 'instagram_policy_block',
		match: coded(368),
		class: 'account',
		waitMs: BLOCK_MS,
		message:
			'Instagram has blocked this account for a while for breaking its rules. Nothing was published; the post waits.',
		remedy: 'Look into the Instagram app; the block ends by itself after hours or days.',
	},
	{
		// The object is missing, or Meta's read is broken (postiz #1562): no proof of anything.
		code: 'instagram_object_unreadable',
		match: (answer) => coded(100)(answer) && subcoded(33)(answer),
		class: 'ambiguous',
		message: 'Instagram says it does not know the prepared post. The post may be live.',
		remedy: 'Nothing to do: it is looked up before anything else is sent.',
	},
	{
		code: 'instagram_rate_limit',
		match: (answer) => coded(4, 17, 32, 613, 80002)(answer) || answer.status === 429,
		class: 'rate_limit',
		waitMs: throttleWaitMs,
		message:
			'Instagram takes no more calls from this account for now. Nothing was published; the post waits.',
		remedy: 'Nothing to do: the post goes out when the limit is over.',
	},
	{
		code: 'instagram_service_trouble',
		match: (answer) => coded(1, 2)(answer) || graphError(answer.body).is_transient === true,
		class: 'ambiguous',
		message: 'Instagram had a trouble of its own. The post may be live.',
		remedy: 'Nothing to do: it is looked up before anything else is sent.',
	},
	{
		code: 'instagram_parameter_refused',
		match: coded(100),
		class: 'permanent',
		message: 'Instagram does not take a part of this post. Nothing was published.',
		remedy: 'Report this with the platform’s code: the request has to change.',
	},
];

export const REFUSALS: RefusalTable = {
	platform: 'instagram',
	displayName: 'Instagram',
	rows: ROWS,
	words,
	platformCode,
	// Which code a second publish of a container gets is undocumented; its status tells for sure.
	unknownIsAmbiguous: true,
	throttleWaitMs,
};
