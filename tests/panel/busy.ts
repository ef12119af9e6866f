import { randomUUID } from 'node:crypto';
import type { Client } from 'pg';
import { callsOf, createPost, giveUp, saveAccount, type Call } from '../store/fixtures';
import { loadPast } from '../store/kpi-load';
import { test as base } from './browser';
import { type Panel, startPanel, withPeople } from './world';

export interface BusyPanel extends Panel {
	call: Call;
	database: Client;
	/** A post that a carrier could not settle: it waits for a person. */
	inReview(text: string): Promise<string>;
	/** Drops what other specs left to be decided. */
	nothingInReview(): Promise<void>;
}

const DAY_MS = 86_400_000;
const ago = (days: number) => new Date(Date.now() - days * DAY_MS);

const TEXTS = [
	'New issue is out: five small habits that keep a launch calm.',
	'We are hiring a community manager in Vienna. Tell a friend!',
	'Behind the scenes: how we plan a month of posts in one afternoon.',
	'Thank you for 10,000 readers. Here is what you asked for most.',
];

/** Weeks of posts on four platforms, by both carriers, with some that went wrong. */
async function past(database: Client): Promise<void> {
	// Most within seconds, a few after minutes.
	const lateMs = Array.from({ length: 97 }, (_, n) =>
		Math.round(900 * Math.exp((n / 97) ** 3 * 5)),
	);
	const spread = { from: ago(60), to: ago(0.02), lateMs, owner: 'default', texts: TEXTS };
	for (const [platform, kind, posts, handle] of [
		['x', 'n8n', 310, 'museandco'],
		['linkedin', 'n8n', 160, 'muse-and-co'],
		['bluesky', 'runner', 90, 'muse.example'],
	] as const) {
		await loadPast(database, { ...spread, platform, kind, posts, handle });
	}
	await database.query(
		`insert into musekit_social.post_events (post_id, owner_id, platform, kind, carrier, at)
		select gen_random_uuid(), 'default', (array['x', 'linkedin', 'bluesky'])[1 + n % 3],
			(array['failed', 'missed', 'needs_review', 'cancelled'])[1 + n % 4], (array['n8n', 'runner'])[1 + n % 2],
			now() - (n * 47 || ' hours')::interval
		from generate_series(1, 28) n`,
	);
}

async function open(panel: Panel): Promise<BusyPanel> {
	await withPeople(panel);
	const database = await panel.store.connect();
	await past(database);
	const call = callsOf(panel.store.client());
	const account = await saveAccount(call, { p_handle: 'museandco-events' });
	const inReview = async (text: string) => {
		// An account of its own: while one post's outcome is open, others of its account may wait.
		const own = await saveAccount(call, { p_handle: 'museandco-news' });
		const post = await createPost(call, own, { content: { text } });
		await giveUp(call, post.id, 'needs_review', {
			code: 'outcome_unknown',
			message: 'X did not answer, and the post was not found on the account.',
			remedy: 'Look at the account and decide.',
		});
		return post.id;
	};
	const nothingInReview = async () => {
		const left = await call('social_post_list', {
			p_owner: 'default',
			p_filter: { states: ['needs_review'] },
		});
		for (const { id } of left.items) {
			await call('social_post_resolve', {
				p_post_id: id,
				p_owner: 'default',
				p_resolve_id: randomUUID(),
				p_decision: { to: 'drop' },
			});
		}
	};
	for (const [n, text] of TEXTS.entries()) {
		const scheduledAt = new Date(Date.now() + (n + 1) * 5 * 3_600_000).toISOString();
		await createPost(call, account, { content: { text }, scheduledAt });
	}
	await call('social_heartbeat', {
		p_carrier: 'n8n-main',
		p_kind: 'n8n',
		p_interval_ms: 3_600_000,
	});
	await call('social_heartbeat', {
		p_carrier: 'runner-1',
		p_kind: 'runner',
		p_interval_ms: 3_600_000,
	});
	return Object.assign(panel, { call, database, inReview, nothingInReview });
}

const pages = process.env.MUSEKIT_PANEL_WEB ? { webFolder: process.env.MUSEKIT_PANEL_WEB } : {};

/** A panel with a history, apart from the other specs' panels. */
export const test = base.extend<object, { busy: BusyPanel }>({
	busy: [
		// Playwright wants the fixtures that one needs to be named here, also when there are none.
		// eslint-disable-next-line no-empty-pattern
		async ({}, use) => {
			const panel = await startPanel({ ...pages, streamTimes: { pollMs: 200, aliveMs: 1_000 } });
			const busy = await open(panel);
			await use(busy);
			await panel.stop();
		},
		{ scope: 'worker', timeout: 120_000 },
	],
});
