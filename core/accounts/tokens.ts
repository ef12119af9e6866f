import type { Ports } from '../ports';
import type { PlatformDefinition, TokenSecret } from '../platforms/platform';
import { createStore, isUnclear, retrying, whyNot } from '../store/client';
import type { CarriedAccount, Platform, PostError, TokenLease } from '../store/contract';
import { Countdown, mark } from '../publishing/elapsed';
import { openToken, sealToken, type VaultKey } from './vault';

/** A token to send with, or why there is none. */
export type TokenOutcome =
	| {
			outcome: 'ok';
			accessToken: string;
			/** The account with its newest sealed token and version. */
			account: CarriedAccount;
	  }
	/** The person must connect again. */
	| { outcome: 'dead'; error: PostError }
	/** Not known yet; nothing was spoilt. `ownTrouble`: this carrier could not reach the platform. */
	| { outcome: 'later'; error: PostError; ownTrouble: boolean }
	/** The store could not be asked. */
	| { outcome: 'unreachable'; reason: string }
	/** This carrier holds another vault key; another carrier may do better. */
	| { outcome: 'vault_key_mismatch'; error: PostError };

export interface TokenOptions {
	vaultKey: VaultKey;
	definition: PlatformDefinition;
	/** How long saving a refreshed pair is retried; a lost pair means connecting again on X. */
	saveBudgetMs?: number;
	/** How long a caller waits for another one that refreshes. */
	waitBudgetMs?: number;
}

/** A refresh takes one request of at most 20 s; the rest is room for saving the pair. */
const LEASE_MS = 60_000;
/** Left on the lease below which no refresh request begins. */
const LEASE_RESERVE_MS = 5_000;
/** Ten minutes outlast a restart of the store; the pair exists only in this process until then. */
const SAVE_BUDGET_MS = 600_000;
/** A little longer than a lease, so that a crashed holder's lease is taken over. */
const WAIT_BUDGET_MS = 75_000;
const FIRST_POLL_MS = 200;
const LONGEST_POLL_MS = 2_000;
/** Five minutes: longer than any publish takes. */
const LEAST_AHEAD_MS = 300_000;
/** A week: long-lived tokens (60 days) get several chances before they end. */
const MOST_AHEAD_MS = 7 * 86_400_000;
/** Meta refuses to refresh a token younger than 24 h (reference/platforms.md, token table). */
const SELF_REFRESH_AGE_MS = 86_400_000;
/** Platforms whose access token refreshes itself, without a refresh token. */
const SELF_REFRESHING: ReadonlySet<Platform> = new Set<Platform>(['instagram']);

/**
 * A usable access token of an account, refreshed ahead of its end. A refresh that fails while the
 * token still works changes nothing. Never throws.
 */
export async function accessTokenFor(
	ports: Ports,
	account: CarriedAccount,
	options: TokenOptions,
): Promise<TokenOutcome> {
	const opened = await open(ports, account, options);
	if (opened.outcome !== 'ok') return opened;
	const now = ports.clock.now();
	if (!canRefresh(options.definition, opened.secret, now)) return usable(opened.secret, account);
	if (!isDue(opened.secret, now)) return usable(opened.secret, account);
	const refreshed = await refreshSingleFlight(ports, account, options);
	const stillWorks = (opened.secret.expiresAt ?? 0) > now;
	return refreshed.outcome !== 'ok' && refreshed.outcome !== 'dead' && stillWorks
		? usable(opened.secret, account)
		: refreshed;
}

/**
 * A token after the platform refused the one of `account.tokenVersion`: the newest one if somebody
 * refreshed meanwhile, else a refresh. `dead` only if the platform proves it or no refresh exists.
 */
export async function refreshAfterRefusal(
	ports: Ports,
	account: CarriedAccount,
	options: TokenOptions,
): Promise<TokenOutcome> {
	const opened = await open(ports, account, options);
	if (opened.outcome !== 'ok') return opened;
	return await refreshSingleFlight(ports, account, options);
}

/**
 * Marks an account for reconnect after proof, unless its token was replaced meanwhile. Best effort:
 * an account that stays unmarked is found dead again by the next post.
 */
export async function markDead(
	ports: Ports,
	account: CarriedAccount,
	reason: string,
): Promise<void> {
	const store = createStore(ports.store);
	const leaseId = ports.crypto.uuid();
	const lease = await store.call('social_token_lease', {
		p_account_id: account.id,
		p_lease_id: leaseId,
		p_seen_version: account.tokenVersion,
		p_lease_ms: LEASE_MS,
	});
	if (lease.kind !== 'ok' || !lease.value.granted) return;
	await store.call('social_token_give_up', {
		p_account_id: account.id,
		p_lease_id: leaseId,
		p_dead: lease.value.tokenVersion === account.tokenVersion,
		p_reason: reason,
	});
}

async function refreshSingleFlight(
	ports: Ports,
	account: CarriedAccount,
	options: TokenOptions,
): Promise<TokenOutcome> {
	const store = createStore(ports.store);
	const leaseId = ports.crypto.uuid();
	const waiting = new Countdown(
		ports.clock,
		mark(ports.clock),
		options.waitBudgetMs ?? WAIT_BUDGET_MS,
	);
	let pause = FIRST_POLL_MS;
	for (;;) {
		const asked = mark(ports.clock);
		const answer = await store.call('social_token_lease', {
			p_account_id: account.id,
			p_lease_id: leaseId,
			p_seen_version: account.tokenVersion,
			p_lease_ms: LEASE_MS,
		});
		if (isUnclear(answer)) return { outcome: 'unreachable', reason: whyNot(answer) };
		if (answer.kind !== 'ok') return later(`The store refused: ${whyNot(answer)}`, false);
		const lease = answer.value;
		const current = { ...account, token: lease.token, tokenVersion: lease.tokenVersion };
		if (lease.tokenVersion !== account.tokenVersion) {
			if (lease.granted) await giveUp(ports, account, leaseId, null);
			const opened = await open(ports, current, options);
			return opened.outcome === 'ok' ? usable(opened.secret, current) : opened;
		}
		if (lease.status !== 'connected') {
			if (lease.granted) await giveUp(ports, account, leaseId, null);
			return { outcome: 'dead', error: needsReconnect(account) };
		}
		if (lease.granted) {
			const left = new Countdown(ports.clock, asked, lease.leaseMsLeft - LEASE_RESERVE_MS);
			return await refreshNow(ports, current, options, { leaseId, left });
		}
		const wait = Math.min(pause, waiting.left(), Math.max(lease.leaseMsLeft, FIRST_POLL_MS));
		if (wait <= 0) return later('Another carrier is refreshing the token and has not ended', false);
		await ports.clock.sleep(wait);
		pause = Math.min(pause * 2, LONGEST_POLL_MS);
	}
}

interface HeldLease {
	leaseId: string;
	left: Countdown;
}

async function refreshNow(
	ports: Ports,
	account: CarriedAccount,
	options: TokenOptions,
	held: HeldLease,
): Promise<TokenOutcome> {
	const opened = await open(ports, account, options);
	const rules = options.definition.refresh;
	if (opened.outcome !== 'ok') {
		await giveUp(ports, account, held.leaseId, null);
		return opened;
	}
	if (rules === null || !canRefresh(options.definition, opened.secret, ports.clock.now())) {
		await giveUp(ports, account, held.leaseId, null);
		return { outcome: 'dead', error: needsReconnect(account) };
	}
	const request = rules.request(account, opened.secret);
	const answer = await ports.http.send({
		...request,
		limitMs: Math.max(1, Math.min(request.limitMs, held.left.left())),
		mayStillSend: () => held.left.left() > 0,
	});
	const reading = rules.read(answer, opened.secret, ports.clock.now());
	if (reading.outcome === 'later') {
		await giveUp(ports, account, held.leaseId, null);
		return { outcome: 'later', error: reading.error, ownTrouble: answer.kind === 'not_sent' };
	}
	if (reading.outcome === 'dead') {
		await giveUp(ports, account, held.leaseId, reading.error.message);
		return { outcome: 'dead', error: reading.error };
	}
	return await saveBeforeUse(ports, account, options, {
		leaseId: held.leaseId,
		secret: merge(opened.secret, reading.secret),
	});
}

async function saveBeforeUse(
	ports: Ports,
	account: CarriedAccount,
	options: TokenOptions,
	fresh: { leaseId: string; secret: TokenSecret },
): Promise<TokenOutcome> {
	const store = createStore(ports.store);
	const row = { accountId: account.id, owner: account.owner };
	const envelope = await sealToken(ports.crypto, options.vaultKey, row, fresh.secret);
	const { expiresAt } = fresh.secret;
	const answer = await retrying(
		async () =>
			await store.call('social_token_save', {
				p_account_id: account.id,
				p_lease_id: fresh.leaseId,
				p_seen_version: account.tokenVersion,
				p_token: envelope,
				p_token_key_id: options.vaultKey.keyId,
				p_token_expires_at: expiresAt === undefined ? null : new Date(expiresAt).toISOString(),
			}),
		{
			clock: ports.clock,
			untilMs: ports.clock.monotonic() + (options.saveBudgetMs ?? SAVE_BUDGET_MS),
		},
	);
	if (answer.kind !== 'ok') {
		ports.log.warn('token_not_saved', { accountId: account.id, reason: whyNot(answer) });
		return later(`The refreshed token could not be saved: ${whyNot(answer)}`, false);
	}
	const current = {
		...account,
		token: answer.value.token,
		tokenVersion: answer.value.tokenVersion,
		tokenExpiresAt: expiresAt === undefined ? null : new Date(expiresAt).toISOString(),
	};
	if (answer.value.saved) return usable(fresh.secret, current);
	const opened = await open(ports, current, options);
	return opened.outcome === 'ok' ? usable(opened.secret, current) : opened;
}

/** An empty refresh token never replaces a good one; the app's credentials stay with the account; times belong to the new pair alone. */
function merge(old: TokenSecret, fresh: TokenSecret): TokenSecret {
	return {
		accessToken: fresh.accessToken,
		...(fresh.expiresAt === undefined ? {} : { expiresAt: fresh.expiresAt }),
		...(fresh.issuedAt === undefined ? {} : { issuedAt: fresh.issuedAt }),
		refreshToken: fresh.refreshToken || old.refreshToken,
		clientId: fresh.clientId || old.clientId,
		clientSecret: fresh.clientSecret || old.clientSecret,
	};
}

async function giveUp(
	ports: Ports,
	account: CarriedAccount,
	leaseId: string,
	deadReason: string | null,
): Promise<TokenLease['status'] | null> {
	const answer = await createStore(ports.store).call('social_token_give_up', {
		p_account_id: account.id,
		p_lease_id: leaseId,
		p_dead: deadReason !== null,
		p_reason: deadReason,
	});
	return answer.kind === 'ok' ? answer.value.status : null;
}

type Opened = { outcome: 'ok'; secret: TokenSecret } | Exclude<TokenOutcome, { outcome: 'ok' }>;

async function open(ports: Ports, account: CarriedAccount, options: TokenOptions): Promise<Opened> {
	const row = { accountId: account.id, owner: account.owner };
	const opened = await openToken(ports.crypto, options.vaultKey, row, account.token);
	if (opened.outcome === 'ok') return opened;
	if (opened.outcome === 'vault_key_mismatch') {
		return { outcome: 'vault_key_mismatch', error: opened.error };
	}
	return { outcome: 'dead', error: opened.error };
}

function canRefresh(definition: PlatformDefinition, secret: TokenSecret, nowMs: number): boolean {
	if (definition.refresh === null) return false;
	if (SELF_REFRESHING.has(definition.name)) {
		return secret.issuedAt === undefined || nowMs - secret.issuedAt >= SELF_REFRESH_AGE_MS;
	}
	return Boolean(secret.refreshToken);
}

/** Due in the last tenth of the token's life, at least five minutes and at most a week ahead. */
function isDue(secret: TokenSecret, nowMs: number): boolean {
	if (secret.expiresAt === undefined) return false;
	const life = secret.issuedAt === undefined ? 0 : secret.expiresAt - secret.issuedAt;
	const ahead = Math.min(MOST_AHEAD_MS, Math.max(LEAST_AHEAD_MS, life / 10));
	return nowMs >= secret.expiresAt - ahead;
}

function usable(secret: TokenSecret, account: CarriedAccount): TokenOutcome {
	return { outcome: 'ok', accessToken: secret.accessToken, account };
}

function later(message: string, ownTrouble: boolean): Extract<TokenOutcome, { outcome: 'later' }> {
	return {
		outcome: 'later',
		ownTrouble,
		error: {
			code: 'token_refresh_later',
			message: `${message}. The post waits and nothing was sent.`,
			remedy: 'Nothing to do: it is tried again.',
		},
	};
}

function needsReconnect(account: CarriedAccount): PostError {
	return {
		code: 'account_reconnect',
		message: `The access of @${account.handle} has ended and cannot be renewed without you. The post waits.`,
		remedy: 'Connect the account again; the post then goes out by itself if it is not too late.',
	};
}
