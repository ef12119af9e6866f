import type { Pool } from 'pg';
import { canonical } from './compare';
import type { Tables } from './tables';
import { isoOrNull } from './views';

const POSTS = `
	select id, state, wait_reason, fence::int as fence, claim_id, attempts, barren_claims, open_intents,
		cancel_requested, held, send_anyway, remote_id, musekit_social.iso(due_at) as due_at,
		musekit_social.iso(lease_until) as lease_until, musekit_social.iso(claimed_at) as claimed_at,
		musekit_social.iso(updated_at) as updated_at
	from musekit_social.posts order by id`;
const ACCOUNTS = `
	select id, status, token_version::int as token_version, musekit_social.iso(next_due_at) as next_due_at,
		musekit_social.iso(hold_until) as hold_until, musekit_social.iso(last_success_at) as last_success_at
	from musekit_social.accounts order by id`;
const INTENTS = `
	select id, closed_by, repeat_of, musekit_social.iso(settled_at) as settled_at
	from musekit_social.intents order by id`;
const EVIDENCE = `select id, outcome, fence::int as fence from musekit_social.evidence order by id`;
const ATTEMPTS = `
	select claim_id, fence::int as fence, musekit_social.iso(ended_at) as ended_at
	from musekit_social.attempts order by claim_id`;
const INCIDENTS = `select kind, post_id, message from musekit_social.incidents order by 1, 2, 3`;
const OUTAGES = `
	select platform, musekit_social.iso(paused_until) as paused_until, musekit_social.iso(ended_at) as ended_at
	from musekit_social.outages order by 1, 2, 3`;
const OWNERS = `select id from musekit_social.owners order by id`;

const sorted = <T>(rows: T[]) =>
	rows.map((row) => canonical(row)).sort((left, right) => (left < right ? -1 : 1));

function rowsOf(t: Tables): Record<string, string[]> {
	return {
		posts: sorted(
			[...t.posts.values()].map((p) => ({
				id: p.id,
				state: p.state,
				wait_reason: p.waitReason,
				fence: p.fence,
				claim_id: p.claimId,
				attempts: p.attempts,
				barren_claims: p.barrenClaims,
				open_intents: p.openIntents,
				cancel_requested: p.cancelRequested,
				held: p.held,
				send_anyway: p.sendAnyway,
				remote_id: p.remoteId,
				due_at: isoOrNull(p.dueAt),
				lease_until: isoOrNull(p.leaseUntil),
				claimed_at: isoOrNull(p.claimedAt),
				updated_at: isoOrNull(p.updatedAt),
			})),
		),
		accounts: sorted(
			[...t.accounts.values()].map((a) => ({
				id: a.id,
				status: a.status,
				token_version: a.tokenVersion,
				next_due_at: isoOrNull(a.nextDueAt),
				hold_until: isoOrNull(a.holdUntil),
				last_success_at: isoOrNull(a.lastSuccessAt),
			})),
		),
		intents: sorted(
			[...t.intents.values()].map((i) => ({
				id: i.id,
				closed_by: i.closedBy,
				repeat_of: i.repeatOf,
				settled_at: isoOrNull(i.settledAt),
			})),
		),
		evidence: sorted(
			[...t.evidence.values()].map(({ id, outcome, fence }) => ({ id, outcome, fence })),
		),
		attempts: sorted(
			[...t.attempts.values()].map((a) => ({
				claim_id: a.claimId,
				fence: a.fence,
				ended_at: isoOrNull(a.endedAt),
			})),
		),
		incidents: sorted(
			t.incidents.map(({ kind, postId, message }) => ({ kind, post_id: postId, message })),
		),
		outages: sorted(
			t.outages.map((o) => ({
				platform: o.platform,
				paused_until: isoOrNull(o.pausedUntil),
				ended_at: isoOrNull(o.endedAt),
			})),
		),
		owners: sorted([...t.owners.keys()].map((id) => ({ id }))),
	};
}

/** The first table whose rows differ, also in what no answer shows. */
export async function differenceOfRows(
	pool: Pool,
	t: Tables,
): Promise<{ model: string; sql: string } | null> {
	const queries: Record<string, string> = {
		posts: POSTS,
		accounts: ACCOUNTS,
		intents: INTENTS,
		evidence: EVIDENCE,
		attempts: ATTEMPTS,
		incidents: INCIDENTS,
		outages: OUTAGES,
		owners: OWNERS,
	};
	const own = rowsOf(t);
	for (const [table, query] of Object.entries(queries)) {
		const real = sorted((await pool.query<Record<string, unknown>>(query)).rows);
		const model = own[table];
		if (real.join('\n') === model.join('\n')) continue;
		const only = (one: string[], other: string[]) => one.filter((row) => !other.includes(row));
		return {
			model: `${table}: ${only(model, real).join(' ')}`,
			sql: `${table}: ${only(real, model).join(' ')}`,
		};
	}
	return null;
}
