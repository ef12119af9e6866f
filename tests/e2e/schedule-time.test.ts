import { outputOf } from './system/n8n-client';
import { openSystem, type System } from './system/system';
import { accountById, chain, socialPost, splitItems, webhook } from './system/workflows';

const OWNER = 'schedule-time';

let system: System;

beforeAll(async () => {
	system = await openSystem();
});

test('a time without an offset is local time of the workflow, in every form n8n gives it', async () => {
	const account = await system.connect({ platform: 'x', handle: 'schedule-time', owner: OWNER });
	const workflow = await system.install(
		chain(
			'Schedule in New York',
			[
				webhook('e2e-schedule-time'),
				splitItems(),
				socialPost(
					{
						operation: 'schedule',
						account: accountById(account.id),
						text: '={{ $json.text }}',
						publishAt:
							'={{ $json.luxon ? DateTime.fromISO($json.luxon, { zone: "utc" }) : $json.at }}',
						timeZone: '={{ $json.zone ?? "" }}',
						options: { owner: OWNER },
					},
					system.access.credentialId,
				),
			],
			{ timezone: 'America/New_York' },
		),
	);
	const items = [
		{ text: 'Zone of the workflow', at: '2031-07-01T09:00' },
		{ text: 'Zone of the node', at: '2031-07-01 09:00:00', zone: 'Europe/Berlin' },
		{ text: 'Offset in the text', at: '2031-07-01T09:00:00+05:30' },
		{ text: 'Unix seconds', at: 1_940_662_800 },
		{ text: 'DateTime', luxon: '2031-07-01T09:00:00' },
	];
	const execution = await system.run(workflow, { items });
	expect(outputOf(execution, 'Social Post').map(({ json }) => json.scheduledAt)).toEqual([
		'2031-07-01T13:00:00.000Z',
		'2031-07-01T07:00:00.000Z',
		'2031-07-01T03:30:00.000Z',
		new Date(1_940_662_800_000).toISOString(),
		'2031-07-01T09:00:00.000Z',
	]);
});
