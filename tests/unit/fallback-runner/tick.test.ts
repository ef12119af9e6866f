import { serverlessTick } from '../../../fallback-runner/src/serverless';
import { basicPasswordOf, bearerOf, isSecret } from '../../../fallback-runner/src/http/secrets';
import { tick } from '../../../fallback-runner/src/tick';

const SECRET = 'a-secret-of-the-tests';
const answer = { claimed: 2, counts: { published: 2 }, more: true, trouble: null, busy: false };

function loop(value: Awaited<ReturnType<Parameters<typeof tick>[0]['tick']>> = answer) {
	const budgets: number[] = [];
	return {
		budgets,
		tick: async (budgetMs: number) => {
			budgets.push(budgetMs);
			return await Promise.resolve(value);
		},
	};
}

test('the right secret lets a tick in, for 70 % of the time allowed', async () => {
	const inner = loop();
	const reply = await tick(inner, { secret: SECRET, limitMs: 60_000 }, `Bearer ${SECRET}`);
	expect(reply).toEqual({ status: 200, body: answer });
	expect(inner.budgets).toEqual([42_000]);
});

test.each([
	['none', undefined],
	['an empty one', ''],
	['another one', 'Bearer another-secret-of-tests'],
	['a longer one', `Bearer ${SECRET}x`],
	['a shorter one', `Bearer ${SECRET.slice(0, -1)}`],
	['the word undefined', 'Bearer undefined'],
	['no scheme', SECRET],
	['Basic', `Basic ${SECRET}`],
])('with %s nothing is done', async (_name, authorization) => {
	const inner = loop();
	const reply = await tick(inner, { secret: SECRET, limitMs: 60_000 }, authorization);
	expect(reply).toMatchObject({ status: 401, body: { code: 'unauthorized' } });
	expect(inner.budgets).toEqual([]);
});

test.each([undefined, '', 'too-short'])(
	'without a proper secret (%s) all are refused',
	async (secret) => {
		const inner = loop();
		for (const given of [undefined, 'Bearer undefined', 'Bearer ', `Bearer ${secret}`]) {
			const reply = await tick(inner, { secret, limitMs: 60_000 }, given);
			expect(reply).toMatchObject({ status: 503, body: { code: 'tick_off' } });
		}
		expect(inner.budgets).toEqual([]);
	},
);

test('503 when the store could not be asked, so that the service tries again', async () => {
	const silent = { ...answer, claimed: 0, counts: {}, trouble: 'the store gave no answer' };
	const reply = await tick(loop(silent), { secret: SECRET, limitMs: 1_000 }, `Bearer ${SECRET}`);
	expect(reply).toEqual({ status: 503, body: silent });
});

test('as a function: refused before anything is read, and told what is not configured', async () => {
	const refused = await serverlessTick({ authorization: null, limitMs: 1_000, environment: {} });
	expect(refused).toMatchObject({ status: 503, body: { code: 'tick_off' } });
	const bare = await serverlessTick({
		authorization: `Bearer ${SECRET}`,
		limitMs: 1_000,
		environment: { CRON_SECRET: SECRET },
	});
	expect(bare.status).toBe(500);
	expect(bare.body.code).toBe('tick_misconfigured');
	expect(String(bare.body.message)).toContain('SUPABASE_URL');
	expect(String(bare.body.message)).not.toContain(SECRET);
});

test('secrets and headers', () => {
	expect(isSecret(SECRET, SECRET)).toBe(true);
	expect(isSecret(null, SECRET)).toBe(false);
	expect(isSecret('', undefined)).toBe(false);
	expect(isSecret('short', 'short')).toBe(false);
	expect(bearerOf(`bearer ${SECRET}`)).toBe(SECRET);
	expect(bearerOf('Bearer a b')).toBeNull();
	expect(basicPasswordOf(`Basic ${Buffer.from('a:b:c').toString('base64')}`)).toBe('b:c');
	expect(basicPasswordOf(`Basic ${Buffer.from('nothing').toString('base64')}`)).toBeNull();
});
