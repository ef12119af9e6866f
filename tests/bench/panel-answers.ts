import { Client } from 'pg';
import { Browser, type Panel, startPanel, withPeople } from '../panel/world';
import { loadPast } from '../store/kpi-load';
import { metric, percentile, type Metric, type Scale } from './metric';
import { assertDurable } from './system';

const FULL = { few: 10_000, many: 1_000_000, warm: 10, samples: 200 };
const TINY = { few: 400, many: 800, warm: 1, samples: 5 };
const GOAL = 1.3;
const DAY_MS = 86_400_000;
/** As the page asks when it is opened. */
const KPIS = '/api/kpis?range=30d&bucket=day';
const ROUTES = [
	'/api/session',
	'/api/overview',
	'/api/posts',
	'/api/accounts',
	'/api/notifications',
	KPIS,
];

/**
 * Posts of 90 days on four platforms by both carriers; nobody's of before stay. Without its triggers a
 * post is not in the lists, which the key figures do not look at.
 */
async function load(database: Client, posts: number, triggers: boolean): Promise<void> {
	await database.query(`set session_replication_role = ${triggers ? 'origin' : 'replica'}`);
	await database.query(
		`truncate musekit_social.posts, musekit_social.accounts, musekit_social.attempts,
			musekit_social.kpi_counts, musekit_social.kpi_all, musekit_social.kpi_days, musekit_social.post_events cascade`,
	);
	await database.query(`update musekit_social.kpi_state set until = '-infinity'`);
	// Most within seconds, some after minutes, in no order.
	const lateMs = Array.from({ length: 997 }, (_, n) =>
		Math.round(400 * Math.exp((((n * 7_919) % 997) / 997) * 6)),
	);
	const from = new Date(Date.now() - 90 * DAY_MS);
	for (const platform of ['x', 'linkedin', 'instagram', 'bluesky'] as const) {
		for (const kind of ['n8n', 'runner'] as const) {
			const to = new Date(Date.now() - DAY_MS / 24);
			const past = { owner: 'default', platform, kind, from, to, lateMs };
			await loadPast(database, { ...past, posts: posts / 8, accounts: 5 });
		}
	}
	await database.query(`set session_replication_role = origin`);
	await database.query('vacuum analyze');
}

/** Counts all of them as upkeep does; s. */
async function rollUp(database: Client): Promise<number> {
	const from = performance.now();
	for (;;) {
		const { rows } = await database.query<{ done: boolean }>(
			`select (public.social_rollup(1, 20000) ->> 'upToDate')::boolean as done`,
		);
		if (rows[0].done) break;
	}
	const seconds = (performance.now() - from) / 1_000;
	await database.query('vacuum analyze');
	return seconds;
}

/** Times of an answer, from the request to its last byte, one after another, ms. */
async function times(
	browser: Browser,
	route: string,
	{ warm, samples }: { warm: number; samples: number },
): Promise<number[]> {
	const all: number[] = [];
	for (let at = 0; at < warm + samples; at++) {
		const from = performance.now();
		const answer = await browser.send('GET', route);
		const ms = performance.now() - from;
		if (answer.status !== 200)
			throw new Error(`${route} answered ${answer.status}: ${answer.text}`);
		if (at >= warm) all.push(ms);
	}
	return all;
}

/** Answers of the panel's API, and of the key figures with few and with many posts. */
export async function answers(scale: Scale): Promise<Metric[]> {
	const { tiny } = scale;
	const size = tiny ? TINY : FULL;
	const panel: Panel = await startPanel();
	const database = new Client({ connectionString: panel.store.databaseUrl });
	try {
		await database.connect();
		await assertDurable(database);
		const { admin } = await withPeople(panel);
		const metrics: Metric[] = [];
		scale.say(`panel: ${size.few} posts`);
		await load(database, size.few, true);
		await rollUp(database);
		for (const route of ROUTES) {
			const [path] = route.split('?');
			metrics.push(
				metric(
					`panel: GET ${path}, ${size.few} posts, p95`,
					percentile(await times(admin, route, size), 0.95),
					'ms',
				),
			);
		}
		const few = percentile(await times(admin, KPIS, size), 0.5);
		scale.say(`panel: ${size.many} posts`);
		await load(database, size.many, false);
		const counting = await rollUp(database);
		const many = percentile(await times(admin, KPIS, size), 0.5);
		metrics.push(
			metric(`panel: key figures over ${size.many} posts, median`, many, 'ms', {
				reference: few,
				goal: { of: 'ratio', is: '<=', bound: GOAL },
				tiny,
			}),
			metric(`panel: counting ${size.many} posts for the first time`, counting, 's'),
		);
		return metrics;
	} finally {
		await database.end();
		await panel.stop();
	}
}
