import type { RejectionClass } from '../../../../../core/platforms/platform';
import { REFUSALS } from '../../../../../core/platforms/instagram/errors';
import { readRefusal } from '../../../../../core/platforms/refusals';
import { NOW, response } from '../posts';
import { describeRefusals, type Sample } from '../refusal-samples';

function graph(
	code: number,
	subcode?: number,
	extra: Record<string, unknown> = {},
	headers: Record<string, string> = {},
) {
	return response(
		400,
		{
			error: {
				message: 'x',
				type: 'OAuthException',
				code,
				...(subcode === undefined ? {} : { error_subcode: subcode }),
				...extra,
			},
		},
		headers,
	);
}

type Class = RejectionClass | 'ambiguous';

/** [code, subcode, our code, on publish, on container and status when that differs] */
const ROWS: [number, number | undefined, string, Class, RejectionClass?][] = [
	[-1, 2207001, 'instagram_server_trouble', 'ambiguous', 'retry'],
	[-2, 2207003, 'instagram_image_not_fetched', 'redo', 'retry'],
	[9004, 2207052, 'instagram_image_not_fetched', 'redo', 'retry'],
	[-1, 2207077, 'instagram_image_not_fetched', 'redo', 'retry'],
	[-2, 2207020, 'instagram_container_expired', 'redo'],
	[-1, 2207032, 'instagram_container_unusable', 'redo'],
	[-1, 2207053, 'instagram_container_unusable', 'redo'],
	[-1, 2207082, 'instagram_container_unusable', 'redo'],
	[-1, 2207085, 'instagram_media_unprocessable', 'permanent'],
	[9007, 2207027, 'instagram_container_not_ready', 'retry'],
	[-1, 2207008, 'instagram_publish_unclear', 'ambiguous', 'retry'],
	[24, 2207006, 'instagram_container_missing', 'ambiguous', 'redo'],
	[9, 2207042, 'instagram_daily_cap', 'rate_limit'],
	[25, 2207050, 'instagram_account_restricted', 'account'],
	[4, 2207051, 'instagram_action_blocked', 'ambiguous', 'account'],
	[36000, 2207004, 'instagram_image_too_large', 'permanent'],
	[36001, 2207005, 'instagram_image_format', 'permanent'],
	[36003, 2207009, 'instagram_image_ratio', 'permanent'],
	[36004, 2207010, 'instagram_text_too_long', 'permanent'],
	[352, 2207026, 'instagram_media_kind', 'permanent'],
	[100, 2207023, 'instagram_media_kind', 'permanent'],
	[-1, 2207028, 'instagram_media_kind', 'permanent'],
	[190, 458, 'instagram_app_removed', 'reconnect'],
	[190, 459, 'instagram_login_needed', 'reconnect'],
	[190, 460, 'instagram_login_needed', 'reconnect'],
	[190, 464, 'instagram_login_needed', 'reconnect'],
	[190, 492, 'instagram_login_needed', 'reconnect'],
	[190, 463, 'instagram_access_refused', 'refresh'],
	[190, 467, 'instagram_access_refused', 'refresh'],
	[190, undefined, 'instagram_access_refused', 'refresh'],
	[10, undefined, 'instagram_permission_missing', 'reconnect'],
	[200, undefined, 'instagram_permission_missing', 'reconnect'],
	[299, undefined, 'instagram_permission_missing', 'reconnect'],
	[368, undefined, 'instagram_policy_block', 'account'],
	[100, 33, 'instagram_object_unreadable', 'ambiguous', 'retry'],
	[1, undefined, 'instagram_service_trouble', 'ambiguous', 'retry'],
	[2, undefined, 'instagram_service_trouble', 'ambiguous', 'retry'],
	[100, undefined, 'instagram_parameter_refused', 'permanent'],
	...[4, 17, 32, 613, 80002].map((code): [number, undefined, string, Class] => [
		code,
		undefined,
		'instagram_rate_limit',
		'rate_limit',
	]),
];

const SAMPLES: Sample[] = [
	...ROWS.map(
		([code, subcode, ours, visible, invisible]): Sample => ({
			name: `code ${code}, subcode ${subcode ?? 'none'}`,
			answer: graph(code, subcode),
			code: ours,
			visible,
			...(invisible === undefined ? {} : { invisible }),
			platformCode: subcode === undefined ? String(code) : `${code}/${subcode}`,
		}),
	),
	{
		name: 'a container that was published already',
		answer: graph(-1, 2209999, { message: 'This media was already published' }),
		code: 'instagram_already_published',
		visible: 'ambiguous',
		invisible: 'permanent',
	},
	{
		name: 'an unknown code that is transient',
		answer: graph(7777, undefined, { is_transient: true }),
		code: 'instagram_service_trouble',
		visible: 'ambiguous',
		invisible: 'retry',
	},
	{
		name: 'an unknown code: a second publish may be answered so',
		answer: graph(7777),
		code: 'instagram_no_clear_answer',
		visible: 'ambiguous',
		invisible: 'permanent',
	},
	{
		name: 'a throttle with the time to regain access',
		answer: graph(
			4,
			undefined,
			{},
			{
				'x-app-usage': '{"call_count":100,"total_time":1}',
				'x-business-use-case-usage':
					'{"1784":[{"type":"instagram","estimated_time_to_regain_access":7},{"estimated_time_to_regain_access":3}]}',
			},
		),
		code: 'instagram_rate_limit',
		visible: 'rate_limit',
		waitMs: 420_000,
	},
	{
		name: 'a throttle with broken usage headers',
		answer: graph(17, undefined, {}, { 'x-app-usage': 'oops', 'x-business-use-case-usage': '[]' }),
		code: 'instagram_rate_limit',
		visible: 'rate_limit',
		waitMs: 900_000,
	},
];

describeRefusals(REFUSALS, SAMPLES);

test('HTTP 500 with code 2 on publish is ambiguous: seven copies went live so (koala #699)', () => {
	const answer = response(500, { error: { code: 2, message: 'x', is_transient: true } });
	expect(readRefusal(REFUSALS, answer, { visible: true, redo: [], nowMs: NOW })).toMatchObject({
		outcome: 'ambiguous',
	});
});
