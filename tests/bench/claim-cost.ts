import { randomUUID } from 'node:crypto';
import { Client } from 'pg';
import { PROTOCOL, type ClaimAnswer } from '../../core/store/contract';
import { startTestStore } from '../store/with-store';
import { loadPosts } from './claim-load';
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

/** Median of many claims, each of the oldest due post of another account. */
async function claims(
	database: Client,
	{ warm, samples }: { warm: number; samples: number },
	after: (answer: ClaimAnswer) => Promise<void> = async () => await Promise.resolve(),
): Promise<number> {
	const times: number[] = [];
	for (let at = 0; at < warm + samples; at++) {
		const { ms, answer } = await timedClaim(database, 0);
		if (answer.claim === null) throw new Error(`Nothing was claimed: ${answer.reason}`);
		if (at >= warm) times.push(ms);
		await after(answer);
	}
	return percentile(times, 0.5);
}

async function idleClaims(
	database: Client,
	{ warm, samples }: { warm: number; samples: number },
): Promise<number> {
	const times: number[] = [];
	for (let at = 0; at < warm + samples; at++) {
		const { ms, answer } = await timedClaim(database, NOTHING_DUE_MS);
		if (answer.claim !== null) throw new Error('Something was claimed');
		if (at >= warm) times.push(ms);
	}
	return percentile(times, 0.5);
}

/** A quarter of the posts is due, each on an account of its own. */
const mixed = (posts: number) => ({ accounts: posts / 4, due: 1, future: 1, published: 2 });

/**
 * What `social_claim` costs with few and with many posts in the table, asked on one connection of
 * Postgres so that nothing else is in the number.
 */
export async function claimCost(scale: Scale): Promise<Metric[]> {
	const { tiny } = scale;
	const size = tiny ? TINY : FULL;
	const goal = { of: 'ratio', is: '<=', bound: GOAL } as const;
	const store = await startTestStore({ logLevel: 'warn' });
	const database = new Client({ connectionString: store.databaseUrl });
	try {
		await database.connect();
		await assertDurable(database);
		const metrics: Metric[] = [];
		let least: { claim: number; idle: number } | null = null;
		for (const posts of size.sizes) {
			scale.say(`claim-cost: ${posts} posts`);
			await loadPosts(database, mixed(posts));
			const idle = await idleClaims(database, size);
			const claim = await claims(database, size);
			const first = least;
			least ??= { claim, idle };
			const largest = posts === size.sizes.at(-1);
			metrics.push(
				metric(`claim-cost: ${posts} posts, median`, claim, 'ms', {
					...(first === null ? {} : { reference: first.claim }),
					...(largest ? { goal } : {}),
					tiny,
				}),
				metric(`claim-cost: ${posts} posts, nothing due, median`, idle, 'ms', {
					...(first === null ? {} : { reference: first.idle }),
				}),
			);
		}
		scale.say(`claim-cost: ${size.one} due posts of one account`);
		await loadPosts(database, { accounts: 1, due: size.one, future: 0, published: 0 });
		const one = await claims(database, size, async ({ claim }) => {
			// Handed back, so that the next claim finds the account free and takes the next post.
			await database.query('select public.social_result(1, $1, $2, $3)', [
				claim?.post.id,
				claim?.fence,
				JSON.stringify({ to: 'scheduled', reason: 'handed_back', waitMs: 0 }),
			]);
		});
		metrics.push(
			metric(`claim-cost: ${size.one} due posts of one account, median`, one, 'ms', {
				reference: least?.claim,
				goal,
				tiny,
			}),
		);
		return metrics;
	} finally {
		await database.end();
		await store.remove();
	}
}
