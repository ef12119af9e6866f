import type { StoreFunctions } from '../../core/store/contract';
import { pause } from './outages';
import { violation } from './refusal';
import type { AccountRow } from './rows';
import { accountOf, numberOf, refreshDue, save, type Call } from './tables';
import { accountView } from './views';

type Args<Name extends keyof StoreFunctions> = StoreFunctions[Name]['args'];
type Kind = AccountRow['troubles'][number]['kind'];

/** Form of a vault envelope. */
export const SEALED = /^v1\.[^.]+\.[^.]+\.[^.]+$/;
const HOUR_MS = 3_600_000;

export const instantOrNull = (text: string | null | undefined) =>
	text === null || text === undefined ? null : Date.parse(text);

/** Trigger `note_new_token`; to be called before the version grows. */
export function noteNewToken(call: Call, a: AccountRow): void {
	const connected = a.status === 'connected';
	a.tokenRefreshedAt = call.now;
	a.refreshInterruptedAt = null;
	a.refreshNotBefore = null;
	a.troubles = a.troubles.filter(({ kind }) => kind !== 'refresh' && connected);
}

/** Posts that waited for a connection may go. */
export function releaseParked(call: Call, a: AccountRow): void {
	for (const p of a.posts) {
		if (p.state === 'scheduled' && p.waitReason === 'account_dead') {
			save(call, p, { nextAt: null, waitReason: null });
		}
	}
}

/** True while a platform refuses so many accounts that it proves nothing about any of them. */
function refusesMany(call: Call, { platform, mode }: AccountRow, kind: Kind): boolean {
	const since = call.now - numberOf(call.t, 'tokens', 'windowMs');
	const troubled = new Set<string>();
	const healthy = new Set<string>();
	for (const a of call.t.accounts.values()) {
		if (a.platform !== platform || a.mode !== mode) continue;
		if (a.troubles.some((one) => one.kind === kind && one.lastAt > since)) {
			troubled.add(a.remoteAccount);
		} else if (
			kind === 'refresh'
				? a.tokenVersion > 1 && a.tokenRefreshedAt > since
				: (a.lastSuccessAt ?? -Infinity) > since
		) {
			healthy.add(a.remoteAccount);
		}
	}
	if (troubled.size < numberOf(call.t, 'tokens', 'accounts')) return false;
	return troubled.size > healthy.size;
}

/** Accounts that were marked while their platform refused everybody are connected again. */
function unmark(call: Call, { platform, mode }: AccountRow): void {
	const since = call.now - numberOf(call.t, 'tokens', 'windowMs');
	for (const a of call.t.accounts.values()) {
		if (a.platform !== platform || a.mode !== mode || a.status !== 'reconnect') continue;
		if (!a.troubles.some(({ markedAt }) => markedAt !== null && markedAt > since)) continue;
		a.status = 'connected';
		a.statusReason = null;
		for (const one of a.troubles) one.markedAt = null;
		releaseParked(call, a);
		refreshDue(call, a.id);
	}
}

/** Writes a trouble down and says whether the platform as a whole is in it. */
function noteTrouble(call: Call, a: AccountRow, kind: Kind): boolean {
	const { now } = call;
	const known = a.troubles.find((one) => one.kind === kind);
	if (known === undefined) {
		a.troubles.push({ kind, firstAt: now, lastAt: now, times: 1, markedAt: null });
	} else {
		const anew = (a.lastSuccessAt ?? -Infinity) > known.lastAt || known.lastAt < now - HOUR_MS;
		known.firstAt = anew ? now : known.firstAt;
		known.times = anew ? 1 : known.times + 1;
		known.lastAt = now;
	}
	if (!refusesMany(call, a, kind)) return false;
	unmark(call, a);
	const reason = 'refuses the access of several accounts at once';
	pause(
		call,
		{ platform: a.platform, mode: a.mode, reason },
		numberOf(call.t, 'outage', 'pauseMs'),
	);
	return true;
}

function tokenView(call: Call, a: AccountRow, granted: boolean) {
	return {
		granted,
		token: a.token,
		tokenVersion: a.tokenVersion,
		leaseMsLeft: Math.max((a.refreshLeaseUntil ?? call.now) - call.now, 0),
		status: a.status,
		interrupted: a.refreshInterruptedAt !== null,
		retryMs: Math.max((a.refreshNotBefore ?? call.now) - call.now, 0),
		// The model keeps no vault.
		sealWith: null,
	};
}

export function tokenTrouble(call: Call, args: Args<'social_token_trouble'>) {
	const a = accountOf(call, args.p_account_id);
	const platformWide = noteTrouble(call, a, 'call');
	const outage = call.t.outages.find(
		(one) => one.platform === a.platform && one.mode === a.mode && one.endedAt === null,
	);
	const waitMs = outage === undefined ? 0 : Math.max(outage.pausedUntil - call.now, 0);
	return { platformWide, waitMs };
}

export function tokenLease(call: Call, args: Args<'social_token_lease'>) {
	const a = accountOf(call, args.p_account_id);
	if (a.tokenVersion !== args.p_seen_version || a.status !== 'connected') {
		return tokenView(call, a, false);
	}
	const other = a.refreshLeaseId !== args.p_lease_id;
	const running = a.refreshLeaseUntil !== null && a.refreshLeaseUntil > call.now;
	const tooSoon = a.refreshNotBefore !== null && a.refreshNotBefore > call.now;
	if ((other && running) || tooSoon) return tokenView(call, a, false);
	// Whoever held it before neither saved nor gave up.
	if (other && a.refreshLeaseId !== null) a.refreshInterruptedAt = call.now;
	a.refreshLeaseId = args.p_lease_id;
	a.refreshLeaseUntil = call.now + Math.min(Math.max(args.p_lease_ms, 1000), 120_000);
	return tokenView(call, a, true);
}

export function tokenSave(call: Call, args: Args<'social_token_save'>) {
	const a = accountOf(call, args.p_account_id);
	const first = a.tokenVersion === args.p_seen_version;
	if (first) {
		if (!SEALED.test(args.p_token)) violation('check');
		noteNewToken(call, a);
		a.token = args.p_token;
		a.tokenKeyId = args.p_token_key_id;
		a.tokenVersion += 1;
		a.tokenExpiresAt = instantOrNull(args.p_token_expires_at);
		a.refreshLeaseId = null;
		a.refreshLeaseUntil = null;
	}
	return {
		saved: first || a.token === args.p_token,
		token: a.token,
		tokenVersion: a.tokenVersion,
	};
}

export function tokenGiveUp(call: Call, args: Args<'social_token_give_up'>) {
	const { now } = call;
	const a = accountOf(call, args.p_account_id);
	if (a.refreshLeaseId !== args.p_lease_id) return accountView(a);
	const refused = args.p_trouble === 'refused';
	const wide = args.p_dead || refused ? noteTrouble(call, a, refused ? 'refresh' : 'call') : false;
	const longSince = now - numberOf(call.t, 'tokens', 'refusalMs');
	const proven =
		(args.p_proof ?? 'word') === 'word' ||
		a.troubles.some(({ times, firstAt }) => times > 2 && firstAt < longSince);
	const mark = args.p_dead && !wide && proven;
	a.refreshLeaseId = null;
	a.refreshLeaseUntil = null;
	if (args.p_trouble === 'lost') a.refreshInterruptedAt = now;
	// A refresh has just failed: nobody tries again before.
	if (args.p_trouble) a.refreshNotBefore = now + 10_000;
	if (mark) {
		a.status = 'reconnect';
		a.statusReason = args.p_reason ?? null;
		for (const one of a.troubles) one.markedAt = now;
	}
	refreshDue(call, a.id);
	return accountView(a);
}
