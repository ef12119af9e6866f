import { randomUUID } from 'node:crypto';
import { Client } from 'pg';
import { PROTOCOL, type ClaimAnswer } from '../../core/store/contract';
import { startTestStore, type TestStore } from '../store/with-store';
import { loadPosts } from './claim-load';
import { explainAll, type Scan, scansDuring } from './plans';

/** Far more than a claim has to look at, far less than what is in the tables. */
const FEW = 100;
const ACCOUNTS = 2_000;

let store: TestStore;
let database: Client;

beforeAll(async () => {
	store = await startTestStore({ logLevel: 'warn' });
	database = new Client({ connectionString: store.databaseUrl });
	await database.connect();
}, 110_000);

afterAll(async () => {
	await database?.end();
	await store?.remove();
});

/** Every scan of the statements that one claim runs, also inside its functions. */
async function scansOfClaim(graceMs: number, wanted: boolean): Promise<Scan[]> {
	const claim = { claimId: randomUUID(), carrier: 'plan', kind: 'runner', protocol: PROTOCOL };
	const { answer, scans } = await scansDuring<{ claim: unknown }>(
		database,
		'select public.social_claim(1, $1::jsonb, null, $2) as answer',
		[JSON.stringify(claim), graceMs],
	);
	expect(answer.claim !== null).toBe(wanted);
	// The look at the accounts is always there; without it nothing was explained.
	expect(scans.some(({ table }) => table === 'accounts')).toBe(true);
	return scans.filter(({ table }) => table === 'accounts' || table === 'posts');
}

function expectFew(scans: Scan[], accounts: number): void {
	for (const scan of scans) {
		expect(scan.rows).toBeLessThan(FEW);
		// A table of one row is read whole by the best of plans.
		if (scan.table === 'posts' || accounts > 1) expect(scan.how).not.toBe('Seq Scan');
	}
}

const DAY_MS = 86_400_000;

test.each([
	[
		'many accounts with posts of the next month',
		{ accounts: ACCOUNTS, due: 0, future: 2, published: 2 },
	],
	[
		'many accounts that fell due within the grace',
		{ accounts: ACCOUNTS, due: 2, future: 0, published: 0 },
	],
	['one account with all the posts', { accounts: 1, due: 1, future: 10_000, published: 0 }],
])(
	'with nothing to claim and %s, a claim reads a few rows by an index',
	async (_name, load) => {
		await loadPosts(database, load);
		await explainAll(database);
		// A plan that serves any argument is made after some calls; both kinds are looked at.
		for (let call = 0; call < 8; call++) {
			expectFew(await scansOfClaim(DAY_MS, false), load.accounts);
		}
	},
	240_000,
);

test.each([
	['many accounts are due', { accounts: ACCOUNTS, due: 2, future: 2, published: 2 }, 8],
	['one account has all the posts', { accounts: 1, due: 10_000, future: 0, published: 0 }, 1],
	['one post of an account is due', { accounts: 1, due: 1, future: 10_000, published: 0 }, 1],
])(
	'when %s, a claim reads a few rows by an index',
	async (_name, load, times) => {
		await loadPosts(database, load);
		await explainAll(database);
		for (let call = 0; call < times; call++) {
			expectFew(await scansOfClaim(0, true), load.accounts);
		}
	},
	240_000,
);

test('an intent changes nothing that an index of the posts is made of', async () => {
	await loadPosts(database, { accounts: 1, due: 1, future: 0, published: 0 });
	let before = { all: 0, hot: 0 };
	/** Updates of posts since it was asked last; a connection tells others of earlier ones with delay. */
	const written = async () => {
		const { rows } = await database.query<{ all: number; hot: number }>(
			`select n_tup_upd::int as all, n_tup_hot_upd::int as hot from pg_stat_xact_user_tables
			where relid = 'musekit_social.posts'::regclass`,
		);
		const since = { all: rows[0].all - before.all, hot: rows[0].hot - before.hot };
		before = rows[0];
		return since;
	};
	await database.query('begin');
	await written();
	const claim = { claimId: randomUUID(), carrier: 'plan', kind: 'runner', protocol: PROTOCOL };
	const { rows } = await database.query<{ answer: ClaimAnswer }>(
		'select public.social_claim(1, $1::jsonb, null, 0) as answer',
		[JSON.stringify(claim)],
	);
	const { post, fence } = rows[0].answer.claim!;
	expect(await written()).toEqual({ all: 1, hot: 0 });
	await database.query(
		`select public.social_intent(1, $1, $2, $3, 0, 'post', '{"method": "POST"}', '{}', 20000, 60000)`,
		[post.id, fence, randomUUID()],
	);
	expect(await written()).toEqual({ all: 1, hot: 1 });
	await database.query('rollback');
}, 60_000);
