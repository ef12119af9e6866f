import { randomUUID } from 'node:crypto';
import { Client } from 'pg';
import { PROTOCOL, type ClaimAnswer } from '../../core/store/contract';
import { startTestStore, type TestStore } from '../store/with-store';
import { loadPosts, type ClaimLoad } from './claim-load';
import { metric, percentile, type Metric, type Scale } from './metric';
import { assertDurable } from './system';

const FULL = { sizes: [1_000, 100_000, 1_000_000], one: 1_000_000, warm: 50, samples: 200 };
const TINY = { sizes: [400, 800], one: 400, warm: 5, samples: 20 };
const GOAL = 1.3;
/** A day more than anything is overdue: such a claim looks and finds nothing. */
const NOTHING_DUE_MS = 86_400_000;

interface TimedClaim {
	ms: number;
	answer: ClaimAnswer;
}

/** One claim in a transaction of its own; the time is that of the call, without the commit. */
async function timedClaim(database: Client, graceMs: number | null): Promise<TimedClaim> {
	const claim = { claimId: randomUUID(), carrier: 'bench', kind: 'runner', protocol: PROTOCOL };
	await database.query('begin');
	const from = performance.now();
	const { rows } = await database.query<{ answer: ClaimAnswer }>({
		name: 'claim',
		text: 'select public.social_claim(1, $1::jsonb, null, $2) as answer',
		values: [JSON.stringify(claim), graceMs],
	});
	const ms = performance.now() - from;
	await database.query('commit');
	return { ms, answer: rows[0].answer };
}

/** A quarter of the posts is due, each on an account of its own. */
const mixed = (posts: number): ClaimLoad => ({
	accounts: posts / 4,
	due: 1,
	future: 1,
	published: 2,
});
const ofOne = (posts: number): ClaimLoad => ({ accounts: 1, due: posts, future: 0, published: 0 });

/** A table of the given size in a database of its own, beside the small one. */
interface Side {
	database: Client;
	/** All posts are one account's: it has to be freed after each claim. */
	one: boolean;
	/** Of each claim, ms. */
	claims: number[];
	idle: number[];
}

/** Hands the post back, so that its account is free and its next post can be claimed. */
async function handBack(database: Client, { claim }: ClaimAnswer): Promise<void> {
	await database.query('select public.social_result(1, $1, $2, $3)', [
		claim?.post.id,
		claim?.fence,
		JSON.stringify({ to: 'scheduled', reason: 'handed_back', waitMs: 0 }),
	]);
}

async function claimOnce({ database, one, claims }: Side): Promise<void> {
	const { ms, answer } = await timedClaim(database, 0);
	if (answer.claim === null) throw new Error(`Nothing was claimed: ${answer.reason}`);
	claims.push(ms);
	if (one) await handBack(database, answer);
}

async function lookOnce({ database, idle }: Side): Promise<void> {
	const { ms, answer } = await timedClaim(database, NOTHING_DUE_MS);
	if (answer.claim !== null) throw new Error('Something was claimed');
	idle.push(ms);
}

/**
 * What `social_claim` costs with few and with many posts in the table, asked on one connection of
 * Postgres so that nothing else is in the number. Each table stands in a database of its own beside one
 * with few posts, and claims are made on both in turns: a machine that is slower for a while is slower
 * for both.
 */
export async function claimCost(scale: Scale): Promise<Metric[]> {
	const { tiny } = scale;
	const size = tiny ? TINY : FULL;
	const goal = { of: 'ratio', is: '<=', bound: GOAL } as const;
	const memory = process.env.MUSEKIT_STORE_MEMORY_MB;
	const store = await startTestStore({
		logLevel: 'warn',
		// As much as any store takes, not as little as those of tests.
		memoryMb: memory ? Number(memory) : undefined,
	});
	try {
		await keepEmpty(store);
		const metrics: Metric[] = [];
		const [few, ...more] = size.sizes;
		const runs = [
			...more.map((posts) => ({ name: `${posts} posts`, posts, one: false })),
			{ name: `${size.one} due posts of one account`, posts: size.one, one: true },
		];
		for (const { name, posts, one } of runs) {
			scale.say(`claim-cost: ${name}, filling the tables`);
			const [small, large] = await inTurns(store, size, [
				mixed(few),
				one ? ofOne(posts) : mixed(posts),
			]);
			const worst = posts === Math.max(size.one, ...size.sizes);
			const found = [
				metric(`claim-cost: ${name}, median`, percentile(large.claims, 0.5), 'ms', {
					reference: percentile(small.claims, 0.5),
					...(worst ? { goal } : {}),
					tiny,
				}),
				metric(`claim-cost: ${name}, nothing due, median`, percentile(large.idle, 0.5), 'ms', {
					reference: percentile(small.idle, 0.5),
				}),
			];
			for (const { name: what, value, ratio } of found) {
				scale.say(`${what}: ${value} ms, ${ratio} of ${few} posts`);
			}
			metrics.push(...found);
		}
		return metrics;
	} finally {
		await store.remove();
	}
}

/** Claims on the two tables in turns. */
async function inTurns(
	store: TestStore,
	{ warm, samples }: { warm: number; samples: number },
	loads: ClaimLoad[],
): Promise<Side[]> {
	const sides: Side[] = [];
	try {
		for (const [at, load] of loads.entries()) {
			const database = await databaseWith(store, `claims_${at}`);
			sides.push({ database, one: load.accounts === 1, claims: [], idle: [] });
			await loadPosts(database, load);
		}
		for (let at = 0; at < warm + samples; at++) {
			if (at === warm) for (const side of sides) side.claims.length = side.idle.length = 0;
			for (const side of sides) await lookOnce(side);
			for (const side of sides) await claimOnce(side);
		}
		return sides;
	} finally {
		for (const { database } of sides) await database.end();
	}
}

const EMPTY = 'musekit_empty';

/** A connection to a database of the store's server. */
async function connectTo(store: TestStore, name: string): Promise<Client> {
	const url = new URL(store.databaseUrl);
	url.pathname = `/${name}`;
	const database = new Client({ connectionString: url.href });
	await database.connect();
	return database;
}

/** Sets the migrated store aside before anything is in it. */
async function keepEmpty(store: TestStore): Promise<void> {
	const admin = await connectTo(store, 'template1');
	try {
		await assertDurable(admin);
		// A database in use cannot be copied, and the gateway keeps connections.
		await admin.query(
			`select pg_terminate_backend(pid, 5000) from pg_stat_activity where datname = 'postgres'`,
		);
		await admin.query(`create database ${EMPTY} template postgres`);
	} finally {
		await admin.end();
	}
}

/** A connection to a fresh copy of the empty store. */
async function databaseWith(store: TestStore, name: string): Promise<Client> {
	const admin = await connectTo(store, 'template1');
	try {
		await admin.query(`drop database if exists ${name} with (force)`);
		await admin.query(`create database ${name} template ${EMPTY}`);
	} finally {
		await admin.end();
	}
	return await connectTo(store, name);
}
