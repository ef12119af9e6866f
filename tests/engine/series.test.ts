import { randomUUID } from 'node:crypto';
import { DateTime } from 'luxon';
import type { IDataObject } from 'n8n-workflow';
import sharp from 'sharp';

import type { ConnectedAccount } from '../e2e/system/accounts';
import type { RunOptions } from './support/engine';
import { World } from './support/world';

let world: World;

beforeAll(async () => {
	world = await World.open();
});

afterAll(async () => await world.close());

const run = async (parameters: IDataObject, more: Partial<RunOptions> = {}) =>
	await world.engine.run({ credential: world.credential, parameters, ...more });

const save = async (account: ConnectedAccount, change: IDataObject = {}, more = {}) =>
	await run(
		{
			resource: 'series',
			operation: 'save',
			accountId: account.id,
			text: 'Tip of the week',
			frequency: 'weekly',
			weekdays: [1],
			localTime: '9:00',
			...change,
		},
		{ settings: { timezone: 'Europe/Berlin' }, ...more },
	);

const next = (json: IDataObject | undefined) => json?.next as string[];

it('a weekly series comes at its local time in the zone of the workflow; saved again it is the same', async () => {
	const account = await world.account();
	const { output, error } = await save(account);
	expect(error).toBeUndefined();
	const json = output?.[0].json;
	expect(json).toMatchObject({
		active: true,
		localTime: '09:00',
		timeZone: 'Europe/Berlin',
		warnings: [],
		maxLatenessMinutes: 1440,
	});
	expect(next(json).length).toBeGreaterThanOrEqual(1);
	for (const at of next(json)) {
		const local = DateTime.fromISO(at, { zone: 'Europe/Berlin' });
		expect([local.weekday, local.toFormat('HH:mm')]).toEqual([1, '09:00']);
	}
	const again = await save(account);
	expect(again.output?.[0].json).toEqual(json);
	expect(await world.posts(account)).toHaveLength(next(json).length);
});

it('a name of one’s own changes the series instead of making a second one', async () => {
	const account = await world.account('linkedin', 'named');
	const named = { seriesId: 'weekly-tip', options: { owner: 'named' } };
	const first = await save(account, named);
	const image = await sharp({ create: { width: 64, height: 64, channels: 3, background: '#fff' } })
		.png()
		.toBuffer();
	const second = await save(
		account,
		{
			...named,
			text: 'Changed',
			frequency: 'daily',
			localTime: '17:30',
			timeZone: 'America/New_York',
			images: { binary: [{ field: 'photo', altText: 'White' }] },
			options: { owner: 'named', ifMissed: 'markMissed', endsOn: '2099-12-31T00:00:00' },
		},
		{
			items: [{ json: {}, binary: { photo: { data: image.toString('base64'), mimeType: 'x/y' } } }],
		},
	);
	expect(second.error).toBeUndefined();
	expect(second.output?.[0].json).toMatchObject({
		id: first.output?.[0].json.id,
		text: 'Changed',
		images: 1,
		frequency: 'daily',
		maxLatenessMinutes: 2,
		endsOn: '2099-12-31',
	});
	const texts = new Set((await world.posts(account)).map(({ content }) => content.text));
	expect([...texts]).toEqual(['Changed']);

	const listed = await run({
		resource: 'series',
		operation: 'getAll',
		options: { owner: 'named' },
	});
	expect(listed.output?.map(({ json }) => json.id)).toEqual([first.output?.[0].json.id]);
	const stop = { resource: 'series', operation: 'stop', ...named };
	expect((await run(stop)).output?.[0].json).toMatchObject({ active: false, next: [] });
	expect(await world.posts(account)).toEqual([]);
});

it('warns of equal text within 48 hours on LinkedIn; the schedule too', async () => {
	const account = await world.account('linkedin');
	const { output } = await save(account, { frequency: 'daily', text: 'Every day the same' });
	expect(output?.[0].json.warnings).toEqual([
		expect.objectContaining({ code: 'equal_text', message: expect.stringMatching(/same text/) }),
	]);
	const at = next(output?.[0].json).find((each) => Date.parse(each) > Date.now());
	const scheduled = await run({
		operation: 'schedule',
		account: { __rl: true, mode: 'id', value: account.id },
		text: 'Every day the same',
		publishAt: at,
		options: { allowRepeat: true, ifMissed: 'publishLate', maxLatenessMinutes: 30 },
	});
	expect(scheduled.output?.[0].json).toMatchObject({
		state: 'scheduled',
		warnings: [expect.objectContaining({ code: 'equal_text' })],
	});
	const made = await world.store.post(scheduled.output?.[0].json.id as string);
	expect(made.maxLatenessMs).toBe(30 * 60_000);
});

it.each<[string, IDataObject, RegExp]>([
	['no account', { accountId: '={{ "" }}' }, /No account/],
	['an unknown account', { accountId: randomUUID() }, /no account/i],
	['no day of the week', { weekdays: [] }, /at least one day/],
	['a weekday that is none', { weekdays: '={{ [0, 8] }}' }, /1 \(Monday\) to 7/],
	['a day of the month that is none', { frequency: 'monthly', monthDay: 40 }, /from 1 to 31/],
	['a time of day that is none', { localTime: '25:00' }, /"25:00" is not a time of day/],
	['a zone nobody knows', { timeZone: 'Mars/Olympus' }, /"Mars\/Olympus" is not known/],
	['a date that is none', { options: { startsOn: '2026-02-30' } }, /"2026-02-30" is not a day/],
	[
		'an end before the start',
		{ options: { startsOn: '2031-02-03', endsOn: '2031-02-02' } },
		/ends before/,
	],
	['a text that is too long', { text: 'x'.repeat(281) }, /280/],
])('%s is refused and nothing is saved', async (_name, change, message) => {
	const account = await world.account();
	const { output, error } = await save(account, change);
	expect(output).toBeUndefined();
	expect(error?.message).toMatch(message);
	expect(error?.description).toMatch(/Nothing was saved/);
	expect(await world.posts(account)).toEqual([]);
});
