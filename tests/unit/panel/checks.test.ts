import { checksOf, type Check } from '../../../panel/server/features/catalog';
import type { CheckContext } from '../../../panel/server/features/check-context';
import { StoreSilent } from '../../../panel/server/features/check-context';
import { bad, ok, warning, type Finding } from '../../../panel/server/features/finding';
import { Checks, lightOf } from '../../../panel/server/features/run-checks';
import { agoOf } from '../../../panel/server/features/system-checks';
import { dashboardOf } from '../../../panel/server/settings/keys';

const warned: string[] = [];
const context = {
	ports: { log: { info: () => undefined, warn: (event: string) => void warned.push(event) } },
} as unknown as CheckContext;

const check = (id: string, run: () => Finding | Promise<Finding>): Check => ({
	id,
	label: id.toUpperCase(),
	run,
});

test('checks run at the same time', async () => {
	let inside = 0;
	let most = 0;
	const slow = async () => {
		inside += 1;
		most = Math.max(most, inside);
		await new Promise((done) => setImmediate(done));
		inside -= 1;
		return ok('fine');
	};
	const checks = new Checks(context);
	const results = await checks.run(['a', 'b', 'c'].map((id) => check(id, slow)));
	expect(most).toBe(3);
	expect(results).toEqual(
		['a', 'b', 'c'].map((id) => ({
			id,
			label: id.toUpperCase(),
			state: 'ok',
			message: 'fine',
			remedy: null,
			to: null,
		})),
	);
});

test('one that never answers is bad and holds up no other', async () => {
	const checks = new Checks(context, Date.now, 20);
	const [never, fine] = await checks.run([
		check('never', () => new Promise<Finding>(() => undefined)),
		check('fine', () => ok('fine')),
	]);
	expect(never).toMatchObject({ state: 'bad', message: expect.stringContaining('no answer') });
	expect(fine.state).toBe('ok');
});

test('one that throws is bad without its words; a silent store is named', async () => {
	const checks = new Checks(context);
	const [broken, silent] = await checks.run([
		check('broken', () => {
			throw new Error('a secret in an error');
		}),
		check('silent', () => {
			throw new StoreSilent('no connection');
		}),
	]);
	expect(broken).toMatchObject({ state: 'bad' });
	expect(JSON.stringify(broken)).not.toContain('secret');
	expect(warned).toEqual(['check_failed']);
	expect(silent.message).toContain('no connection');
});

test('answers are kept for half a minute, asked anew on wish, and shared while they are on their way', async () => {
	const clock = { now: 0 };
	let asked = 0;
	const one = check('one', () => ok(`answer ${(asked += 1)}`));
	const checks = new Checks(context, () => clock.now);
	const said = async (fresh = false) => (await checks.run([one], fresh))[0].message;
	expect([await said(), await said()]).toEqual(['answer 1', 'answer 1']);
	expect(await said(true)).toBe('answer 2');
	clock.now += 31_000;
	expect(await said()).toBe('answer 3');
	checks.forget();
	const both = await Promise.all([said(), said(true), said()]);
	expect(new Set(both)).toEqual(new Set(['answer 4']));
});

test('the light is that of the gravest finding', () => {
	expect(lightOf([ok('a')])).toBe('green');
	expect(lightOf([ok('a'), warning('b', 'c')])).toBe('amber');
	expect(lightOf([warning('b', 'c'), bad('d', 'e')])).toBe('red');
});

test('every switch has checks, each with an id of its own', () => {
	for (const toggle of [
		'module',
		'feature:universal:connect',
		'feature:power:publish',
		'feature:universal:schedule',
		'feature:power:media',
		'feature:universal:recurrence',
		'platform:x',
		'platform:bluesky',
	] as const) {
		const ids = checksOf(toggle).map(({ id }) => id);
		expect(ids.length).toBeGreaterThan(1);
		expect(new Set(ids).size).toBe(ids.length);
	}
});

test.each([
	[10, '10 s ago'],
	[300, '5 min ago'],
	[7_200, '2 h ago'],
	[3 * 86_400, '3 days ago'],
])('%d s are told as "%s"', (seconds, text) => {
	const now = Date.parse('2026-11-22T12:00:00Z');
	expect(agoOf(new Date(now - seconds * 1_000).toISOString(), now)).toBe(text);
});

test.each([
	[
		'https://abcdefghijklmnop.supabase.co',
		'https://supabase.com/dashboard/project/abcdefghijklmnop/settings/api-keys',
	],
	['https://db.example.com', 'https://supabase.com/dashboard/project/_/settings/api-keys'],
	[undefined, 'https://supabase.com/dashboard/project/_/settings/api-keys'],
])('keys of %s are made at %s', (storeUrl, page) => {
	expect(dashboardOf(storeUrl)).toBe(page);
});
