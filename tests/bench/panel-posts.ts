import { Client } from 'pg';
import type { PostsAnswer } from '../../panel/shared/posts';
import { type Browser, type Panel, startPanel, withPeople } from '../panel/world';
import { loadPosts } from './claim-load';
import { metric, percentile, type Metric, type Scale } from './metric';
import { assertDurable } from './system';

const FULL = { few: 1_000, many: 100_000, warm: 20, samples: 150 };
const TINY = { few: 200, many: 400, warm: 1, samples: 5 };
const ACCOUNTS = 20;
const GOAL = 1.3;

/** As the page asks: opened, then narrowed down. */
const LISTS = {
	'the list': '',
	'the list by state': 'state=scheduled',
	'the list of an account': 'account=',
	'what goes out next': 'by=next',
	'by publishing time': 'by=published',
	'a word of every 20th post': 'search=bench7',
};

interface Filled {
	panel: Panel;
	admin: Browser;
	account: string;
	close(): Promise<void>;
}

/** A panel over a store with so many posts: four of five are published, the others come next month. */
async function filled(posts: number): Promise<Filled> {
	const panel = await startPanel();
	const database = new Client({ connectionString: panel.store.databaseUrl });
	await database.connect();
	try {
		await assertDurable(database);
		const { admin } = await withPeople(panel);
		const each = posts / ACCOUNTS;
		await loadPosts(database, {
			accounts: ACCOUNTS,
			due: 0,
			future: each / 5,
			published: (each * 4) / 5,
		});
		// Posts do not go out at one instant.
		await database.query(
			`update musekit_social.posts set published_at = scheduled_at where state = 'published'`,
		);
		await database.query('vacuum (analyze) musekit_social.posts');
		await database.query('vacuum (analyze) musekit_social.post_finder');
		const { rows } = await database.query<{ id: string }>(
			`select id from musekit_social.accounts where handle = 'bench7'`,
		);
		return { panel, admin, account: rows[0].id, close: async () => await panel.stop() };
	} catch (error) {
		await panel.stop();
		throw error;
	} finally {
		await database.end();
	}
}

async function timed({ admin, account }: Filled, query: string): Promise<number> {
	const asked = query === 'account=' ? query + account : query;
	const from = performance.now();
	const answer = await admin.send('GET', `/api/posts?${asked}`);
	const ms = performance.now() - from;
	if (answer.status !== 200) throw new Error(`${asked}: ${answer.status} ${answer.text}`);
	if ((answer.json as PostsAnswer).posts.length === 0) throw new Error(`${asked}: nothing found`);
	return ms;
}

/** The posts list with few and with many posts; both are asked in turns, so that noise hits both. */
export async function posts(scale: Scale): Promise<Metric[]> {
	const { tiny } = scale;
	const size = tiny ? TINY : FULL;
	scale.say(`panel: lists of ${size.few} and ${size.many} posts`);
	const few = await filled(size.few);
	try {
		const many = await filled(size.many);
		try {
			const metrics: Metric[] = [];
			for (const [name, query] of Object.entries(LISTS)) {
				const times = { few: [] as number[], many: [] as number[] };
				for (let at = 0; at < size.warm + size.samples; at++) {
					const pair = [await timed(few, query), await timed(many, query)];
					if (at < size.warm) continue;
					times.few.push(pair[0]);
					times.many.push(pair[1]);
				}
				const label = `panel: ${name}, ${size.many} posts`;
				metrics.push(
					metric(`${label}, median`, percentile(times.many, 0.5), 'ms', {
						reference: percentile(times.few, 0.5),
						goal: { of: 'ratio', is: '<=', bound: GOAL },
						tiny,
					}),
					metric(`${label}, p95`, percentile(times.many, 0.95), 'ms', {
						reference: percentile(times.few, 0.95),
					}),
				);
			}
			return metrics;
		} finally {
			await many.close();
		}
	} finally {
		await few.close();
	}
}
