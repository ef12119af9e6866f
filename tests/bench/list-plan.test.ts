import { Client } from 'pg';
import type { PostFindFilter } from '../../core/store/contract';
import { startTestStore, type TestStore } from '../store/with-store';
import { loadPosts } from './claim-load';
import { explainAll, type Scan, scansDuring } from './plans';

/** Enough that reading all of them would show. */
const ACCOUNTS = 20;
const EACH = { due: 0, future: 200, published: 800 };
const POSTS = ACCOUNTS * (EACH.future + EACH.published);
const PAGE = 50;

let store: TestStore;
let database: Client;
let account: string;

beforeAll(async () => {
	store = await startTestStore({ logLevel: 'warn' });
	database = new Client({ connectionString: store.databaseUrl });
	await database.connect();
	await loadPosts(database, { accounts: ACCOUNTS, ...EACH });
	// Posts do not go out at one instant.
	await database.query(
		`update musekit_social.posts set published_at = scheduled_at where state = 'published'`,
	);
	await database.query('vacuum (analyze) musekit_social.posts');
	await database.query('vacuum (analyze) musekit_social.post_finder');
	const { rows } = await database.query<{ id: string }>(
		`select id from musekit_social.accounts where handle = 'bench7'`,
	);
	account = rows[0].id;
	await explainAll(database);
}, 240_000);

afterAll(async () => {
	await database?.end();
	await store?.remove();
});

const ofPosts = (scans: Scan[]) =>
	scans.filter(({ table }) => table === 'posts' || table === 'post_finder');

function expectAtMost(scans: Scan[], rows: number): void {
	expect(scans.length).toBeGreaterThan(0);
	for (const scan of scans) {
		expect(scan.how).not.toBe('Seq Scan');
		expect(scan.rows).toBeLessThanOrEqual(rows);
	}
}

const find = async (filter: PostFindFilter, cursor: string | null = null) => {
	const { answer, scans } = await scansDuring<{ items: unknown[]; nextCursor: string | null }>(
		database,
		'select public.social_post_find(1, $1, $2::jsonb, $3, $4) as answer',
		['default', JSON.stringify(filter), PAGE, cursor],
	);
	return { ...answer, scans: ofPosts(scans) };
};

/** A page and the one row that tells whether there is another. */
const ONE_STREAM = PAGE + 1;
/** Words are looked for among these before the index of words is asked. */
const LOOK = 500;

test.each<[string, () => PostFindFilter, number]>([
	['all', () => ({}), ONE_STREAM],
	['a state', () => ({ states: ['scheduled'] }), ONE_STREAM],
	['two states', () => ({ states: ['scheduled', 'published'] }), 2 * ONE_STREAM],
	['an account', () => ({ accountIds: [account] }), ONE_STREAM],
	['by planned time', () => ({ by: 'due' }), ONE_STREAM],
	['what goes out next', () => ({ by: 'next' }), ACCOUNTS * ONE_STREAM],
	['by publishing time', () => ({ by: 'published' }), ACCOUNTS * (ONE_STREAM + 1)],
	['a word that is everywhere', () => ({ search: 'publ' }), LOOK],
	['a word of an account', () => ({ search: 'bench7' }), (3 * POSTS) / ACCOUNTS],
	['a word of one post', () => ({ search: 'published bench7 13' }), LOOK],
])('a page of %s is read by an index, and not much more than it', async (_name, filter, rows) => {
	const first = await find(filter());
	expect(first.items.length).toBeGreaterThan(0);
	expectAtMost(first.scans, rows);
	if (first.nextCursor === null) return;
	const second = await find(filter(), first.nextCursor);
	expectAtMost(second.scans, rows);
});

test('counts and days of the calendar read a bounded number', async () => {
	const counted = await scansDuring(database, 'select public.social_post_counts(1, $1) as answer', [
		'default',
	]);
	expectAtMost(ofPosts(counted.scans), 8 * 100);
	const days = await scansDuring(
		database,
		`select public.social_post_calendar(1, $1, current_date, 42, 'UTC', null, 4) as answer`,
		['default'],
	);
	expectAtMost(ofPosts(days.scans), 42 * 150);
});
