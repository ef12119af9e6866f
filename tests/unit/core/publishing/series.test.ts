import type { RpcAnswer, StorePort } from '../../../../core/ports';
import { createPosts } from '../../../../core/publishing/create';
import {
	ruleErrors,
	saveSeries,
	seriesId,
	type SeriesDraft,
} from '../../../../core/publishing/series';
import { scene } from './doubles';

/** 1×1 PNG. */
const PNG = new Uint8Array(
	Buffer.from(
		'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
		'base64',
	),
);

const draft = (more: Partial<SeriesDraft> = {}): SeriesDraft => ({
	accountId: 'a',
	text: 'Hello',
	frequency: 'weekly',
	weekdays: [1, 5],
	localTime: '09:00',
	timeZone: 'Europe/Berlin',
	...more,
});

/** The model of the store, with the call that it does not know answered by script and noted. */
async function stageOf() {
	const stage = await scene();
	const saved: Record<string, unknown>[] = [];
	const script: RpcAnswer<unknown>[] = [];
	const store: StorePort = {
		rpc: async <T>(name: string, args: Record<string, unknown>): Promise<RpcAnswer<T>> => {
			if (name !== 'social_series_save') return await stage.store.rpc<T>(name, args);
			saved.push(args);
			const view = { id: args.p_id, warnings: [{ code: 'equal_text', message: 'm', remedy: 'r' }] };
			return (script.shift() ?? { kind: 'ok', value: view }) as RpcAnswer<T>;
		},
		putObject: async (path, bytes) => await stage.store.putObject(path, bytes),
		getObject: async (...args) => await stage.store.getObject(...args),
		signObject: async (path, seconds) => await stage.store.signObject(path, seconds),
	};
	const save = async (more: Partial<SeriesDraft> = {}, id?: string) =>
		await saveSeries({ ...stage.ports, store }, stage.options.platforms, {
			owner: 'default',
			...(id === undefined ? {} : { id }),
			draft: draft({ accountId: stage.account.id, ...more }),
		});
	return { stage, saved, script, save };
}

describe('the id of a series', () => {
	it('is that of its rule and content; first and last day do not make another one', async () => {
		const { save, saved } = await stageOf();
		for (const more of [
			{},
			{ every: 1 },
			{ startsOn: '2026-12-01', endsOn: '2027-12-01', maxLatenessMs: 60_000 },
			{ every: 2 },
			{ text: 'Other' },
			{ localTime: '09:01' },
			{ media: [{ bytes: PNG }] },
		]) {
			expect(await save(more)).toMatchObject({ kind: 'saved', warnings: [{ code: 'equal_text' }] });
		}
		const ids = saved.map(({ p_id }) => p_id);
		expect(ids.slice(1, 3)).toEqual([ids[0], ids[0]]);
		expect(new Set(ids.slice(2)).size).toBe(5);
		expect(saved[2].p_series).toMatchObject({ startsOn: '2026-12-01', maxLatenessMs: 60_000 });
	});

	it('is a uuid as it is, or made from a name and its owner', async () => {
		const { save, saved, stage } = await stageOf();
		const { crypto } = stage.ports;
		const uuid = '01935F7A-7C3E-7D2A-9B1F-2F6F0C6B3D11';
		await save({}, uuid);
		await save({ text: 'One' }, 'weekly-tip');
		await save({ text: 'Two' }, 'weekly-tip');
		expect(saved.map(({ p_id }) => p_id)).toEqual([
			uuid.toLowerCase(),
			await seriesId(crypto, 'default', 'weekly-tip'),
			await seriesId(crypto, 'default', 'weekly-tip'),
		]);
		expect(await seriesId(crypto, 'somebody', 'weekly-tip')).not.toBe(saved[1].p_id);
	});
});

it('stores the pictures once, before the rule that names them', async () => {
	const { save, saved, stage } = await stageOf();
	await save({ media: [{ bytes: PNG, altText: 'a dot' }] });
	const [path] = [...stage.store.objects.keys()];
	expect(path).toMatch(/^default\/[0-9a-f]{64}$/);
	expect(saved[0].p_series).toMatchObject({
		content: { text: 'Hello', media: [{ hash: path.split('/')[1], altText: 'a dot' }] },
		protocol: 1,
	});
	await save({ media: [{ bytes: PNG }], text: 'Again' });
	expect(stage.store.callsOf('social_media_register')).toHaveLength(1);
});

it.each<[string, Partial<SeriesDraft>, string]>([
	['no weekday', { weekdays: [] }, 'weekdays'],
	['a weekday that is none', { weekdays: [0] }, 'weekdays'],
	['half a weekday', { weekdays: [1.5] }, 'weekdays'],
	['no day of the month', { frequency: 'monthly', monthDay: undefined }, 'monthDay'],
	['day 32', { frequency: 'monthly', monthDay: 32 }, 'monthDay'],
	['every 0', { every: 0 }, 'every'],
	['24:00', { localTime: '24:00' }, 'localTime'],
	['9:00', { localTime: '9:00' }, 'localTime'],
	['30 February', { startsOn: '2026-02-30' }, 'startsOn'],
	['another form of date', { endsOn: '24.12.2026' }, 'endsOn'],
	['an end before the start', { startsOn: '2026-12-24', endsOn: '2026-12-23' }, 'endsOn'],
])('%s is refused', (_name, more, field) => {
	expect(ruleErrors(draft(more))).toEqual([
		expect.objectContaining({ code: 'series_invalid', field }),
	]);
});

it('saves nothing of what is invalid, and says everything that is wrong', async () => {
	const { save, saved, stage } = await stageOf();
	const outcome = await save({
		text: 'x'.repeat(300),
		localTime: 'noon',
		media: [{ bytes: PNG }],
	});
	if (outcome.kind !== 'invalid') throw new Error(outcome.kind);
	expect(outcome.errors.map(({ field }) => field)).toEqual(['localTime', 'text']);
	expect(await save({ media: [{ bytes: new Uint8Array([1]) }] })).toMatchObject({
		kind: 'invalid',
		errors: [{ code: 'media_not_an_image' }],
	});
	expect(saved).toEqual([]);
	expect(stage.store.objects.size).toBe(0);
});

describe('a refusal after an answer that was lost', () => {
	const off = { status: 403, code: 'off', message: 'Off.' };

	it('of a series', async () => {
		const { save, script, saved } = await stageOf();
		script.push({ kind: 'refused', refusal: off });
		expect(await save()).toEqual({ kind: 'refused', refusal: off, earlierUnclear: false });
		script.push({ kind: 'unreachable', reason: 'reset' }, { kind: 'refused', refusal: off });
		expect(await save()).toEqual({ kind: 'refused', refusal: off, earlierUnclear: true });
		expect(saved[1]).toEqual(saved[2]);
	});

	it('of a create call', async () => {
		const { stage } = await stageOf();
		const call = async (key: string) =>
			await createPosts(stage.ports, stage.options.platforms, {
				key,
				owner: 'default',
				source: 'test',
				dedupe: false,
				entries: [{ accountId: stage.account.id, text: 'Hello' }],
			});
		stage.store.fault('social_create', { refuse: 'off', status: 403 });
		expect(await call('k1')).toMatchObject({ kind: 'refused', earlierUnclear: false });
		stage.store.fault('social_create', 'lost_after');
		stage.store.fault('social_create', { refuse: 'off', status: 403 });
		expect(await call('k2')).toMatchObject({ kind: 'refused', earlierUnclear: true });
		expect(stage.store.rows.size).toBe(1);
	});
});
