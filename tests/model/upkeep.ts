import type { CarrierView, StoreFunctions } from '../../core/store/contract';
import { graceMs } from './claims';
import { entryTime } from './instants';
import { refuse, violation } from './refusal';
import type { PostRow } from './rows';
import { noteSwitches } from './switches';
import {
	accountRow,
	keyOf,
	lastMoment,
	liveKey,
	MISSED,
	refreshDue,
	save,
	type Call,
} from './tables';
import { copy, iso, isoOrNull, postView } from './views';

type Args<Name extends keyof StoreFunctions> = StoreFunctions[Name]['args'];

/** Posts whose time is over although no carrier could take them. */
function markMissed(call: Call, limit: number): number {
	const over = [...call.t.posts.values()]
		.filter((p) => p.state === 'scheduled' && p.openIntents === 0 && lastMoment(p) < call.now)
		.filter((p) => !(p.waitReason === 'off' && (p.nextAt ?? 0) > call.now))
		.sort((left, right) => left.scheduledAt - right.scheduledAt)
		.slice(0, limit);
	for (const p of over) {
		save(call, p, { state: 'missed', error: p.error ?? { ...MISSED } });
		refreshDue(call, p.accountId);
	}
	return over.filter(({ state }) => state === 'missed').length;
}

/** Posts that wait because something was off go on at once. */
function releaseOff(call: Call): void {
	const waiting = [...call.t.posts.values()].filter(
		(p) =>
			p.state === 'scheduled' &&
			p.scheduledAt <= call.now &&
			(p.nextAt ?? 0) > call.now &&
			(p.waitReason === 'off' || p.error?.code === 'publish_off'),
	);
	for (const p of waiting) {
		save(call, p, { nextAt: null, waitReason: null });
		refreshDue(call, p.accountId);
	}
}

export function heartbeat(call: Call, args: Args<'social_heartbeat'>) {
	if (args.p_interval_ms <= 0 || !['n8n', 'runner'].includes(args.p_kind)) violation('check');
	call.t.heartbeats.set(args.p_carrier, {
		carrier: args.p_carrier,
		kind: args.p_kind,
		intervalMs: args.p_interval_ms,
		lastAt: call.now,
	});
	markMissed(call, 100);
	return { storeNow: iso(call.now) };
}

const THIRTY_DAYS_MS = 30 * 86_400_000;

export function maintain(call: Call) {
	const missed = markMissed(call, 1000);
	for (const [carrier, { lastAt }] of call.t.heartbeats) {
		if (lastAt < call.now - THIRTY_DAYS_MS) call.t.heartbeats.delete(carrier);
	}
	return { missed, made: 0 };
}

export function carrierView(call: Call, args: Args<'social_carrier_view'>): CarrierView {
	const { t, now } = call;
	const posts = [...t.posts.values()];
	const due = posts.filter(
		(p) => p.state === 'scheduled' && p.scheduledAt <= now && p.dueAt !== null && p.dueAt <= now,
	);
	const waiting = [...t.accounts.values()].flatMap(({ nextDueAt }) =>
		nextDueAt !== null && nextDueAt <= now ? [nextDueAt] : [],
	);
	const beats = [...t.heartbeats.values()].filter(({ kind }) => kind === 'n8n');
	const last = beats.sort((left, right) => right.lastAt - left.lastAt)[0];
	const flying = posts.filter(({ state }) => state === 'publishing');
	return {
		storeNow: iso(now),
		due: due.length,
		oldestDueAt: due.length === 0 ? null : isoOrNull(Math.min(...due.map((p) => p.dueAt ?? 0))),
		lagMs: waiting.length === 0 ? 0 : now - Math.min(...waiting),
		inFlight: flying.length,
		carrying: flying.filter(({ carrier }) => carrier === (args.p_carrier ?? null)).length,
		n8n:
			last === undefined
				? null
				: {
						lastAt: iso(last.lastAt),
						intervalMs: last.intervalMs,
						fresh: graceMs(call, 'runner') > 0,
					},
		outages: t.outages
			.filter(({ endedAt, pausedUntil }) => endedAt === null && pausedUntil > now)
			.sort((left, right) => (left.platform + left.mode < right.platform + right.mode ? -1 : 1))
			.map(({ platform, mode, reason, pausedUntil }) => ({
				platform,
				mode,
				reason,
				pausedUntil: iso(pausedUntil),
			})),
	};
}

export function settingsGet(call: Call) {
	return copy(call.t.settings);
}

export function settingsSet(call: Call, args: Args<'social_settings_set'>) {
	const value = args.p_value;
	if (typeof value !== 'object' || value === null || Array.isArray(value)) {
		return refuse(400, 'setting_invalid', 'A setting is a JSON object. Nothing was changed.');
	}
	const known = call.t.settings[args.p_key];
	if (known === undefined) {
		return refuse(
			404,
			'setting_unknown',
			`There is no setting ${args.p_key}.`,
			'Use module, features, platforms, caps, timing, burst, outage, tokens, risks, media or panel.',
		);
	}
	const before = JSON.stringify(known);
	for (const [field, given] of Object.entries(copy(value) as Record<string, unknown>)) {
		const tier = args.p_key === 'features' || args.p_key === 'caps';
		known[field] = tier ? { ...(known[field] as object), ...(given as object) } : given;
	}
	if (
		['module', 'features', 'platforms'].includes(args.p_key) &&
		JSON.stringify(known) !== before
	) {
		noteSwitches(call.t, call.now);
		releaseOff(call);
	}
	return copy(known);
}

/** What may be purged: ended, and nothing open. */
const ENDED = new Set<PostRow['state']>(['published', 'failed', 'missed', 'cancelled']);
const EIGHT_DAYS_MS = 691_200_000;

export function purge(call: Call, args: Args<'social_purge'>) {
	const { t } = call;
	if (args.p_older_than_ms < EIGHT_DAYS_MS) {
		refuse(
			400,
			'purge_too_young',
			'Posts are kept for at least 8 days after their end, because look-ups need them. Nothing was removed.',
			'Give an age of 8 days (691200000 ms) or more.',
		);
	}
	const before = call.now - args.p_older_than_ms;
	const old = [...t.posts.values()]
		.filter((p) => ENDED.has(p.state) && p.openIntents === 0 && p.updatedAt < before)
		.sort((left, right) => left.updatedAt - right.updatedAt)
		.slice(0, Math.min(Math.max(args.p_limit ?? 500, 1), 5000));
	for (const p of old) bury(call, p);
	return { purged: old.length };
}

function bury(call: Call, p: PostRow): void {
	const { t } = call;
	const place = keyOf(p.owner, p.callKey, p.callOrdinal);
	t.tombstones.set(place, { fingerprint: p.fingerprint, postId: p.id });
	t.byKey.delete(place);
	t.posts.delete(p.id);
	for (const { id } of p.intents) t.intents.delete(id);
	for (const { id } of p.evidence) t.evidence.delete(id);
	for (const { id } of p.resolutions) t.resolutions.delete(id);
	for (const { claimId } of p.claims) t.attempts.delete(claimId);
	if (p.remoteId !== null) t.live.delete(liveKey(p.remoteAccount, p.remoteId));
	const others = (list: PostRow[] | undefined) => (list ?? []).filter((o) => o !== p);
	t.byRemoteAccount.set(p.remoteAccount, others(t.byRemoteAccount.get(p.remoteAccount)));
	const a = accountRow(t, p.accountId);
	a.posts = others(a.posts);
	t.serverFailures = t.serverFailures.filter(({ postId }) => postId !== p.id);
}

export function postGet(call: Call, args: Args<'social_post_get'>) {
	const p = call.t.posts.get(args.p_post_id);
	if (p !== undefined && p.owner === args.p_owner) return postView(call.t, p);
	return refuse(
		404,
		'post_unknown',
		`There is no post ${args.p_post_id} for this owner.`,
		'Check the post id; Get Many lists the posts that exist.',
	);
}

export function postList(call: Call, args: Args<'social_post_list'>) {
	const filter = args.p_filter ?? {};
	const limit = Math.min(Math.max(args.p_limit ?? 50, 1), 500);
	const cursor = args.p_cursor ?? null;
	const fits = (p: PostRow) =>
		p.owner === args.p_owner &&
		(cursor === null || p.id < cursor) &&
		(filter.states === undefined || filter.states.includes(p.state)) &&
		(filter.platforms === undefined || filter.platforms.includes(p.platform)) &&
		(filter.accountIds === undefined || filter.accountIds.includes(p.accountId)) &&
		(filter.search === undefined ||
			p.content.text.toLowerCase().includes(filter.search.toLowerCase())) &&
		(filter.from === undefined || p.scheduledAt >= Date.parse(filter.from)) &&
		(filter.to === undefined || p.scheduledAt < Date.parse(filter.to));
	const all = [...call.t.posts.values()]
		.filter(fits)
		.sort((left, right) => (left.id < right.id ? 1 : -1));
	const page = all.slice(0, limit);
	return {
		items: page.map((p) => postView(call.t, p)),
		nextCursor: all.length > limit ? page[page.length - 1].id : null,
	};
}

export function instant(call: Call, args: Args<'social_instant'>) {
	const time = entryTime({ wallTime: args.p_wall_time, timeZone: args.p_time_zone }, call.now);
	if (time.bad !== null) refuse(400, time.bad.code, time.bad.message, time.bad.remedy);
	return { at: iso(time.at) };
}
