import { randomUUID } from 'node:crypto';
import { Client } from 'pg';
import { PROTOCOL } from '../../core/store/contract';
import { startTestStore, type TestStore } from '../store/with-store';
import { loadPosts } from './claim-load';

/** One node of a plan as `auto_explain` writes it. */
interface PlanNode {
	'Node Type': string;
	'Relation Name'?: string;
	'Index Name'?: string;
	'Actual Rows'?: number;
	'Actual Loops'?: number;
	'Rows Removed by Filter'?: number;
	'Rows Removed by Index Recheck'?: number;
	Plans?: PlanNode[];
}

interface Scan {
	table: string;
	how: string;
	/** Rows that were read, whether they were wanted or not. */
	rows: number;
}

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

function scansOf(node: PlanNode): Scan[] {
	const below = (node.Plans ?? []).flatMap(scansOf);
	const table = node['Relation Name'];
	if (table === undefined || !/Scan/.test(node['Node Type'])) return below;
	const loops = node['Actual Loops'] ?? 1;
	const read =
		(node['Actual Rows'] ?? 0) +
		(node['Rows Removed by Filter'] ?? 0) +
		(node['Rows Removed by Index Recheck'] ?? 0);
	return [{ table, how: node['Node Type'], rows: Math.ceil(read * loops) }, ...below];
}

/** Every scan of the statements that one claim runs, also inside its functions. */
async function scansOfClaim(graceMs: number, wanted: boolean): Promise<Scan[]> {
	const plans: PlanNode[] = [];
	const listen = (notice: { message?: string }) => {
		const json = /plan:\s*(\{[\s\S]*\})\s*$/.exec(notice.message ?? '')?.[1];
		if (json !== undefined) plans.push((JSON.parse(json) as { Plan: PlanNode }).Plan);
	};
	database.on('notice', listen);
	const claim = { claimId: randomUUID(), carrier: 'plan', kind: 'runner', protocol: PROTOCOL };
	const { rows } = await database.query<{ answer: { claim: unknown } }>(
		'select public.social_claim(1, $1::jsonb, null, $2) as answer',
		[JSON.stringify(claim), graceMs],
	);
	database.off('notice', listen);
	expect(rows[0].answer.claim !== null).toBe(wanted);
	const scans = plans.flatMap(scansOf);
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

async function explainClaims(): Promise<void> {
	await database.query(`load 'auto_explain'`);
	for (const [name, value] of [
		['auto_explain.log_min_duration', '0'],
		['auto_explain.log_nested_statements', 'on'],
		['auto_explain.log_analyze', 'on'],
		['auto_explain.log_timing', 'off'],
		['auto_explain.log_format', 'json'],
		['auto_explain.log_level', 'notice'],
	]) {
		await database.query(`set ${name} = '${value}'`);
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
		await explainClaims();
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
		await explainClaims();
		for (let call = 0; call < times; call++) {
			expectFew(await scansOfClaim(0, true), load.accounts);
		}
	},
	240_000,
);
