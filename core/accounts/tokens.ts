import type { HttpAnswer, Ports } from '../ports';
import type { PlatformDefinition, TokenSecret } from '../platforms/platform';
import { createStore, isUnclear, retrying, whyNot } from '../store/client';
import type {
	CarriedAccount,
	Platform,
	PostError,
	TokenLease,
	TokenProof,
} from '../store/contract';
import { Countdown, mark } from '../publishing/elapsed';
import { keyOfRing, openToken, sealToken, type VaultKey } from './vault';

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
	/**
	 * Not known yet; nothing was spoilt. `ownTrouble`: this carrier could not reach the platform.
	 * `platformWaitMs`: the platform refuses many accounts; ask again after that.
	 */
	| { outcome: 'later'; error: PostError; ownTrouble: boolean; platformWaitMs?: number }
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
/** A platform that refuses everybody is asked again after half a minute at the earliest. */
const LEAST_PLATFORM_WAIT_MS = 30_000;
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
	if (!isDue(account, opened.secret, now)) return usable(opened.secret, account);
	const refreshed = await refreshSingleFlight(ports, account, options);
	const stillWorks = (opened.secret.expiresAt ?? 0) > now;
	return refreshed.outcome !== 'ok' && refreshed.outcome !== 'dead' && stillWorks
		? usable(opened.secret, account)
		: refreshed;
}

/**
 * A token after the platform refused the one of `account.tokenVersion`: the newest one if somebody
 * refreshed meanwhile, else a refresh, but none while the platform refuses many accounts at once.
 * `dead` only if the platform proves it or no refresh exists.
 */
export async function refreshAfterRefusal(
	ports: Ports,
	account: CarriedAccount,
	options: TokenOptions,
): Promise<TokenOutcome> {
	const opened = await open(ports, account, options);
	if (opened.outcome !== 'ok') return opened;
	const trouble = await createStore(ports.store).call('social_token_trouble', {
		p_account_id: account.id,
	});
	if (trouble.kind === 'ok' && trouble.value.platformWide) {
		return refusedToMany(options.definition, trouble.value.waitMs);
	}
	return await refreshSingleFlight(ports, account, options);
}

/**
 * Refreshes a pair before anybody needs it (upkeep, a person's wish). Null when this platform or
 * this pair has no refresh now; the pair then stays as it is.
 */
export async function refreshAhead(
	ports: Ports,
	account: CarriedAccount,
	options: TokenOptions,
): Promise<TokenOutcome | null> {
	const opened = await open(ports, account, options);
	if (opened.outcome !== 'ok') return opened;
	if (!canRefresh(options.definition, opened.secret, ports.clock.now())) return null;
	return await refreshSingleFlight(ports, account, options);
}

/**
 * Asks the store to mark an account for reconnect, unless its token was replaced meanwhile. The
 * platform's own `word` marks it, `refusal`s only after a quarter of an hour of them, and nothing
 * does while the platform refuses many. True when it is marked. Best effort: an account that stays
 * unmarked is found dead again by the next post.
 */
export async function markDead(
	ports: Ports,
	account: CarriedAccount,
	reason: string,
	proof: TokenProof = 'word',
): Promise<boolean> {
	const store = createStore(ports.store);
	const leaseId = ports.crypto.uuid();
	const lease = await store.call('social_token_lease', {
		p_account_id: account.id,
		p_lease_id: leaseId,
		p_seen_version: account.tokenVersion,
		p_lease_ms: LEASE_MS,
	});
	if (lease.kind !== 'ok') return false;
	if (!lease.value.granted) return lease.value.status !== 'connected';
	const same = lease.value.tokenVersion === account.tokenVersion;
	const ending = same ? { dead: reason, proof } : {};
	return (await giveUp(ports, account, leaseId, ending)) === 'reconnect';
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
			if (lease.granted) await giveUp(ports, account, leaseId);
			const opened = await open(ports, current, options);
			return opened.outcome === 'ok' ? usable(opened.secret, current) : opened;
		}
		if (lease.status !== 'connected') {
			if (lease.granted) await giveUp(ports, account, leaseId);
			return { outcome: 'dead', error: needsReconnect(account) };
		}
		if (lease.granted) {
			const left = new Countdown(ports.clock, asked, lease.leaseMsLeft - LEASE_RESERVE_MS);
			const { interrupted, sealWith } = lease;
			return await refreshNow(ports, current, options, { leaseId, left, interrupted, sealWith });
		}
		if ((lease.retryMs ?? 0) > 0) {
			return later('The platform has just refused to renew the access, or gave no answer', false);
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
	/** An earlier refresh with this pair was cut off. */
	interrupted?: boolean;
	sealWith?: string | null;
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
		await giveUp(ports, account, held.leaseId);
		return opened;
	}
	if (rules === null || !canRefresh(options.definition, opened.secret, ports.clock.now())) {
		await giveUp(ports, account, held.leaseId);
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
		await giveUp(ports, account, held.leaseId, { trouble: troubleOf(answer) });
		return { outcome: 'later', error: reading.error, ownTrouble: answer.kind === 'not_sent' };
	}
	if (reading.outcome === 'dead') {
		const error = held.interrupted ? cutOff(reading.error, options.definition) : reading.error;
		const trouble = answer.kind === 'response' ? ('refused' as const) : undefined;
		const proof = reading.proof ?? 'word';
		const status = await giveUp(ports, account, held.leaseId, {
			dead: error.message,
			proof,
			trouble,
		});
		// The store has seen the same from too many accounts, or not for long enough yet.
		return status === 'connected'
			? { outcome: 'later', error: notYetDead(error), ownTrouble: false }
			: { outcome: 'dead', error };
	}
	return await saveBeforeUse(ports, account, options, {
		leaseId: held.leaseId,
		secret: merge(opened.secret, reading.secret),
		key: keyOfRing(options.vaultKey, held.sealWith ?? '') ?? options.vaultKey,
	});
}

/** What the store should remember of a refresh that brought no pair. */
function troubleOf(answer: HttpAnswer): 'refused' | 'lost' | undefined {
	if (answer.kind === 'not_sent') return undefined;
	if (answer.kind === 'lost' || answer.status < 400 || answer.status >= 500) return 'lost';
	return answer.status === 429 ? undefined : 'refused';
}

async function saveBeforeUse(
	ports: Ports,
	account: CarriedAccount,
	options: TokenOptions,
	fresh: { leaseId: string; secret: TokenSecret; key: VaultKey },
): Promise<TokenOutcome> {
	const store = createStore(ports.store);
	const row = { accountId: account.id, owner: account.owner };
	const envelope = await sealToken(ports.crypto, fresh.key, row, fresh.secret);
	const { expiresAt } = fresh.secret;
	const answer = await retrying(
		async () =>
			await store.call('social_token_save', {
				p_account_id: account.id,
				p_lease_id: fresh.leaseId,
				p_seen_version: account.tokenVersion,
				p_token: envelope,
				p_token_key_id: fresh.key.keyId,
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
	ending: { dead?: string; proof?: TokenProof; trouble?: 'refused' | 'lost' } = {},
): Promise<TokenLease['status'] | null> {
	const answer = await createStore(ports.store).call('social_token_give_up', {
		p_account_id: account.id,
		p_lease_id: leaseId,
		p_dead: ending.dead !== undefined,
		p_reason: ending.dead ?? null,
		...(ending.proof === undefined ? {} : { p_proof: ending.proof }),
		...(ending.trouble === undefined ? {} : { p_trouble: ending.trouble }),
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

/**
 * Due in the last tenth of the token's life, at least five minutes and at most a week ahead, and up
 * to twice as early by the account's own jitter, so that a thousand accounts that were connected at
 * once do not refresh at once.
 */
function isDue(account: CarriedAccount, secret: TokenSecret, nowMs: number): boolean {
	if (secret.expiresAt === undefined) return false;
	const life = secret.issuedAt === undefined ? 0 : secret.expiresAt - secret.issuedAt;
	const ahead = Math.min(MOST_AHEAD_MS, Math.max(LEAST_AHEAD_MS, life / 10));
	const spread = life / 10 > LEAST_AHEAD_MS ? 1 + jitterOf(account.id) : 1;
	return nowMs >= secret.expiresAt - ahead * spread;
}

/** 0 to 1, always the same for an account: the random end of its UUID. */
export function jitterOf(accountId: string): number {
	const digits = accountId.replace(/-/g, '').slice(-8);
	return /^[0-9a-f]{8}$/i.test(digits) ? parseInt(digits, 16) / 2 ** 32 : 0;
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

/** The platform refuses many accounts at once: that is its trouble, not theirs. */
function refusedToMany(
	definition: PlatformDefinition,
	waitMs: number,
): Extract<TokenOutcome, { outcome: 'later' }> {
	const { displayName } = definition;
	return {
		outcome: 'later',
		ownTrouble: false,
		platformWaitMs: Math.max(waitMs, LEAST_PLATFORM_WAIT_MS),
		error: {
			code: 'platform_refuses_many',
			message: `${displayName} refuses the access of several accounts at once. That is its own trouble: nobody is disconnected. The post waits.`,
			remedy: `Nothing to do: it is tried again. Look at the status page of ${displayName} if it lasts.`,
		},
	};
}

/** Not marked, so no word of reconnecting. */
function notYetDead(error: PostError): PostError {
	return {
		...error,
		code: 'token_refresh_later',
		remedy: 'Nothing to do yet: it is tried again. Connect the account again if it lasts.',
	};
}

/** An honest reason where we may have spoilt the pair ourselves. */
function cutOff(error: PostError, definition: PlatformDefinition): PostError {
	return {
		...error,
		message: `${error.message} An earlier renewal was cut off (a crash or a lost connection) after ${definition.displayName} may have answered it; what it answered is gone.`,
	};
}

function needsReconnect(account: CarriedAccount): PostError {
	return {
		code: 'account_reconnect',
		message: `The access of @${account.handle} has ended and cannot be renewed without you. The post waits.`,
		remedy: 'Connect the account again; the post then goes out by itself if it is not too late.',
	};
}
