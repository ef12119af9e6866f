import { readRefusal } from '../../../../../core/platforms/refusals';
import { REFUSALS } from '../../../../../core/platforms/x/errors';
import { NOW, rejected, response } from '../posts';
import { describeRefusals, type Sample } from '../refusal-samples';

const RESET = Math.floor(NOW / 1000) + 120;

const plain = (status: number, detail: string, title = 'Forbidden') =>
	response(status, { detail, type: 'about:blank', title, status });
const problem = (status: number, name: string, detail = '') =>
	response(status, {
		title: 'x',
		detail,
		type: `https://api.twitter.com/2/problems/${name}`,
		status,
	});
const legacy = (status: number, code: number, message = 'x') =>
	response(status, { errors: [{ code, message }] });
const invalid = (message: string) =>
	response(400, {
		errors: [{ parameters: {}, message }],
		title: 'Invalid Request',
		detail: 'One or more parameters to your request was invalid.',
		type: 'https://api.twitter.com/2/problems/invalid-request',
	});

const SAMPLES: Sample[] = [
	{
		name: 'expired token',
		answer: plain(401, 'Unauthorized', 'Unauthorized'),
		code: 'x_access_refused',
		visible: 'refresh',
	},
	{ name: 'legacy 89', answer: legacy(403, 89), code: 'x_access_refused', visible: 'refresh' },
	{
		name: 'duplicate, verbatim 2026-02-12',
		answer: plain(403, 'You are not allowed to create a Tweet with duplicate content.'),
		code: 'x_duplicate_text',
		visible: 'duplicate',
	},
	{ name: 'legacy 187', answer: legacy(403, 187), code: 'x_duplicate_text', visible: 'duplicate' },
	{
		name: 'no credits',
		answer: response(402, {
			account_id: 1,
			title: 'CreditsDepleted',
			detail: 'Your enrolled account [1] does not have any credits to fulfill this request.',
			type: 'https://api.twitter.com/2/problems/credits',
		}),
		code: 'x_no_credits',
		visible: 'account',
		platformCode: 'credits',
	},
	{
		name: 'spend cap',
		answer: response(403, {
			title: 'SpendCapReached',
			detail: 'Your enrolled account has reached its billing cycle spend cap.',
			reset_date: '2026-11-23',
			type: 'https://api.twitter.com/2/problems/credits',
		}),
		code: 'x_spend_cap',
		visible: 'account',
		waitMs: 14 * 3_600_000,
	},
	{
		name: 'usage cap with remaining calls',
		answer: response(
			429,
			{ title: 'UsageCapExceeded', period: 'Monthly', scope: 'Product' },
			{ 'x-rate-limit-remaining': '99', 'x-rate-limit-reset': String(RESET) },
		),
		code: 'x_usage_cap',
		visible: 'account',
		waitMs: 6 * 3_600_000,
	},
	{
		name: 'rate limit',
		answer: response(429, { title: 'Too Many Requests' }, { 'x-rate-limit-reset': String(RESET) }),
		code: 'x_rate_limit',
		visible: 'rate_limit',
		waitMs: 121_000,
	},
	{
		name: 'used-up 24-hour window',
		answer: response(
			429,
			{ title: 'Too Many Requests' },
			{
				'x-rate-limit-reset': String(RESET),
				'x-user-limit-24hour-remaining': '0',
				'x-user-limit-24hour-reset': String(RESET + 3600),
				'x-app-limit-24hour-remaining': '5',
				'x-app-limit-24hour-reset': String(RESET + 9999),
			},
		),
		code: 'x_rate_limit',
		visible: 'rate_limit',
		waitMs: 121_000 + 3_600_000,
	},
	{
		name: 'rate limit whose reset is over',
		answer: response(429, {}, { 'x-rate-limit-reset': '1' }),
		code: 'x_rate_limit',
		visible: 'rate_limit',
		waitMs: 900_000,
	},
	{
		name: 'more than one cashtag',
		answer: plain(403, 'Your post contains more than one cashtag.'),
		code: 'x_cashtags',
		visible: 'permanent',
	},
	{
		name: 'reply without being summoned',
		answer: plain(
			403,
			'Reply to this conversation is not allowed because you have not been mentioned or otherwise engaged by the author.',
		),
		code: 'x_reply_not_allowed',
		visible: 'permanent',
	},
	{
		name: 'text too long',
		answer: invalid('Your Tweet text is too long.'),
		code: 'x_text_too_long',
		visible: 'permanent',
	},
	{
		name: 'suspended',
		answer: plain(403, 'Your account is suspended and is not permitted to access this feature.'),
		code: 'x_account_suspended',
		visible: 'account',
	},
	{
		name: 'locked',
		answer: legacy(403, 326, 'To protect our users, this account is temporarily locked.'),
		code: 'x_account_locked',
		visible: 'account',
		platformCode: '326',
	},
	{
		name: 'app write-restricted',
		answer: legacy(401, 261, 'Application cannot perform write actions.'),
		code: 'x_app_read_only',
		visible: 'account',
	},
	{
		name: 'automated',
		answer: legacy(403, 226, 'This request looks like it might be automated.'),
		code: 'x_looks_automated',
		visible: 'account',
	},
	{
		name: 'daily limit',
		answer: legacy(403, 185, 'User is over daily status update limit.'),
		code: 'x_daily_limit',
		visible: 'rate_limit',
	},
	{
		name: 'client forbidden',
		answer: problem(403, 'client-forbidden'),
		code: 'x_app_not_allowed',
		visible: 'account',
	},
	{
		name: 'not permitted',
		answer: plain(403, 'You are not permitted to perform this action.'),
		code: 'x_permission_missing',
		visible: 'reconnect',
	},
	{
		name: 'OAuth 1 permissions',
		answer: problem(403, 'oauth1-permissions', 'Your client app is not configured.'),
		code: 'x_permission_missing',
		visible: 'reconnect',
	},
	{
		name: 'media ids invalid',
		answer: invalid('Your media IDs are invalid.'),
		code: 'x_media_gone',
		visible: 'redo',
	},
	{
		name: 'upload finished before',
		answer: invalid('Invalid media id. The upload is not open.'),
		code: 'x_media_gone',
		visible: 'redo',
	},
	{
		name: 'media type',
		answer: invalid('$.media_type: [image/tiff] is not a supported media type'),
		code: 'x_media_refused',
		visible: 'permanent',
	},
	{
		name: 'file size',
		answer: invalid('File size exceeds 5242880 bytes.'),
		code: 'x_media_refused',
		visible: 'permanent',
	},
];

describeRefusals(REFUSALS, SAMPLES);

test('an unknown refusal keeps X’s words and hides secrets', () => {
	const answer = plain(400, 'Strange thing with access_token=abcdef123456 happened');
	const { error } = rejected(
		readRefusal(REFUSALS, answer, { visible: true, redo: [], nowMs: NOW }),
	);
	expect(error).toMatchObject({ code: 'x_refused', status: 400 });
	expect(error.message).toContain('Strange thing');
	expect(error.message).not.toContain('abcdef123456');
});

test('a 5xx with words that a row knows is ambiguous all the same', () => {
	const answer = plain(503, 'You are not allowed to create a Tweet with duplicate content.');
	expect(readRefusal(REFUSALS, answer, { visible: true, redo: [], nowMs: NOW })).toMatchObject({
		outcome: 'ambiguous',
	});
});
