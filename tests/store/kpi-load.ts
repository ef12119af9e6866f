import { randomUUID } from 'node:crypto';
import type { Client } from 'pg';
import type { CarrierKind, Platform } from '../../core/store/contract';

/** Published posts of one owner, as they would stand after having gone out some time ago. */
export interface PastPosts {
	owner: string;
	platform?: Platform;
	tier?: 'universal' | 'power';
	kind?: CarrierKind;
	/** How many of them. */
	posts: number;
	/** When the first and the last of them went out; the others lie evenly between. */
	from: Date;
	to: Date;
	/** How late each was, ms; the n-th post takes the n-th, beginning again at the end. */
	lateMs: number[];
	/** On how many accounts, evenly; 1 unless told otherwise. */
	accounts?: number;
	/** The accounts' handle; made up unless told. */
	handle?: string;
	/** The n-th post takes the n-th, beginning again at the end. */
	texts?: string[];
}

/**
 * Writes posts into the past by SQL, through the tables' own triggers and with ids of their time.
 * Answers the ids of the accounts.
 */
export async function loadPast(database: Client, past: PastPosts): Promise<string[]> {
	const { owner, platform = 'x', tier = 'universal', kind = 'n8n', posts, lateMs } = past;
	const accounts = Array.from({ length: past.accounts ?? 1 }, () => randomUUID());
	await database.query(
		`insert into musekit_social.owners (id, tier) values ($1, $2)
		on conflict (id) do update set tier = excluded.tier`,
		[owner, tier],
	);
	await database.query(
		`insert into musekit_social.accounts (id, owner_id, platform, mode, remote_id, handle, display_name,
			base_url, auth_url, token, token_key_id)
		select id, $2, $3, 'sandbox', id::text, coalesce($4, 'h' || left(id::text, 8)), 'Past', 'http://127.0.0.1:9/x',
			'http://127.0.0.1:9/x', 'v1.k1.aXY.c2VhbGVk', 'k1' from unnest($1::uuid[]) id`,
		[accounts, owner, platform, past.handle ?? null],
	);
	await database.query(
		`with made as (
			select n, a.id as account_id, a.remote_account, gen_random_uuid() as claim_id,
				nextval('musekit_social.fence_seq') as fence,
				$5::timestamptz + ($6::timestamptz - $5::timestamptz) * n / greatest($4 - 1, 1) as went,
				($7::bigint[])[1 + n % cardinality($7::bigint[])] * interval '1 millisecond' as late
			from generate_series(0, $4::int - 1) n
			join musekit_social.accounts a on a.id = ($3::uuid[])[1 + n % cardinality($3::uuid[])]
		), posts as (
			insert into musekit_social.posts (id, owner_id, account_id, platform, remote_account, call_key,
				call_ordinal, fingerprint, source, content, content_hash, text_hash, state, scheduled_at,
				max_lateness_ms, protocol, remote_id, published_at, created_at, fence, claim_id, carrier, attempts)
			select overlay(gen_random_uuid()::text placing
					left(musekit_social.first_id(m.went - m.late)::text, 14) from 1 for 14)::uuid,
				$1, m.account_id, $2, m.remote_account, m.account_id::text || ':past', m.n, 'f', 'api',
				jsonb_build_object('text', ($9::text[])[1 + m.n % cardinality($9::text[])]), md5(m.claim_id::text), md5(m.claim_id::text), 'published',
				m.went - m.late, 86400000, 1, m.claim_id::text, m.went, m.went - m.late, m.fence, m.claim_id,
				'past-' || $8, 1
			from made m returning id, claim_id, fence, carrier, published_at
		)
		insert into musekit_social.attempts (claim_id, post_id, fence, carrier, carrier_kind, protocol, started_at, ended_at)
		select claim_id, id, fence, carrier, $8, 1, published_at, published_at from posts`,
		[owner, platform, accounts, posts, past.from, past.to, lateMs, kind, past.texts ?? ['Past']],
	);
	return accounts;
}
