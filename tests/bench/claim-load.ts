import type { Client } from 'pg';

/** What fills the tables before claims are timed. */
export interface ClaimLoad {
	accounts: number;
	/** Of each account. */
	due: number;
	future: number;
	published: number;
}

/**
 * Fills an empty store by SQL, through the table's own triggers: posts that fell due within the last
 * ten minutes, posts of the next month, and published ones. Then what a claim relies on is brought
 * up to date as the functions do it, and Postgres gets fresh statistics.
 */
export async function loadPosts(database: Client, load: ClaimLoad): Promise<void> {
	await database.query(`set synchronous_commit = on`);
	await database.query(
		`truncate musekit_social.posts, musekit_social.accounts, musekit_social.attempts,
			musekit_social.intents, musekit_social.evidence cascade`,
	);
	await database.query(
		`insert into musekit_social.accounts (id, owner_id, platform, mode, remote_id, handle,
			display_name, base_url, auth_url, token, token_key_id)
		select musekit_social.uuid_v7(), 'default', 'x', 'sandbox', 'bench' || n, 'bench' || n, 'Bench',
			'http://127.0.0.1:9/x', 'http://127.0.0.1:9/x', 'v1.k1.aXY.c2VhbGVk', 'k1'
		from generate_series(1, $1) n`,
		[load.accounts],
	);
	for (const [kind, count] of [
		['due', load.due],
		['future', load.future],
		['published', load.published],
	] as const) {
		await database.query(POSTS[kind], [count, kind]);
	}
	await database.query('select musekit_social.refresh_due(id) from musekit_social.accounts');
	await database.query('vacuum (analyze) musekit_social.posts');
	await database.query('vacuum (analyze) musekit_social.accounts');
	await database.query('checkpoint');
}

const columns = (state: string, scheduledAt: string, more: { names: string; values: string }) => `
	insert into musekit_social.posts (owner_id, account_id, platform, remote_account, call_key,
		call_ordinal, fingerprint, source, content, content_hash, text_hash, state, scheduled_at,
		max_lateness_ms, protocol${more.names})
	select a.owner_id, a.id, a.platform, a.remote_account, $2 || a.id, n, 'f', 'api',
		jsonb_build_object('text', $2 || ' ' || a.remote_id || ' ' || n),
		musekit_social.hash_of($2 || a.id || n), musekit_social.hash_of($2 || a.id || n), '${state}',
		${scheduledAt}, 86400000, 1${more.values}
	from musekit_social.accounts a, generate_series(1, $1::int) n`;

const POSTS = {
	due: columns('scheduled', `now() - random() * interval '10 minutes'`, { names: '', values: '' }),
	future: columns('scheduled', `now() + interval '1 day' + random() * interval '30 days'`, {
		names: '',
		values: '',
	}),
	published: columns('published', `now() - interval '8 days' - random() * interval '30 days'`, {
		names: ', remote_id, published_at',
		values: `, a.remote_id || '-' || n, now() - interval '8 days'`,
	}),
};
