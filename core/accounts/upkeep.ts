import type { Ports, RpcAnswer } from '../ports';
import type { PlatformDefinition } from '../platforms/platform';
import { createStore, whyNot } from '../store/client';
import type { CarriedAccount, Page, Platform, RiskSubject } from '../store/contract';
import { openToken, type VaultKey } from './vault';
import { refreshAhead } from './tokens';
import { risksFor, type TokenFacts } from './risks';

export interface UpkeepOptions {
	vaultKey: VaultKey;
	platforms: Record<Platform, PlatformDefinition>;
	/** True once the carrier shall end; read between accounts. */
	stopping?(): boolean;
	/** At most so many accounts in one call. */
	limit?: number;
}

export interface RefreshedAhead {
	asked: number;
	refreshed: number;
	/** Platform has no refresh for it now, or another time will do. */
	later: number;
	/** Marked for reconnect by proof. */
	dead: number;
	/** Why the store could not be asked; null when it could. */
	trouble: string | null;
}

/** A page of accounts takes seconds; a carrier's own work comes first. */
const LIMIT = 20;
/** Warnings are made for so many accounts at a time. */
const PAGE = 50;

/**
 * Renews the tokens of accounts that have no post soon, so that they do not die while nobody looks:
 * long-lived ones days before their end, refresh tokens once in some weeks, each account at a time
 * of its own. Which accounts those are says the store. Never throws.
 */
export async function refreshDue(ports: Ports, options: UpkeepOptions): Promise<RefreshedAhead> {
	const outcome: RefreshedAhead = { asked: 0, refreshed: 0, later: 0, dead: 0, trouble: null };
	const answer = await createStore(ports.store).call('social_tokens_due', {
		p_limit: options.limit ?? LIMIT,
	});
	if (answer.kind !== 'ok') return { ...outcome, trouble: whyNot(answer) };
	for (const account of answer.value.items) {
		if (options.stopping?.() === true) break;
		outcome.asked += 1;
		const definition = options.platforms[account.platform];
		const token = await refreshAhead(ports, account, { vaultKey: options.vaultKey, definition });
		if (token === null) outcome.later += 1;
		else if (token.outcome === 'ok') outcome.refreshed += 1;
		else if (token.outcome === 'dead') outcome.dead += 1;
		else outcome.later += 1;
	}
	return outcome;
}

export interface RisksComputed {
	accounts: number;
	risks: number;
	trouble: string | null;
}

/**
 * Looks ahead for every account with scheduled posts and saves its warnings; those that are over
 * go. Never throws.
 */
export async function computeRisks(ports: Ports, options: UpkeepOptions): Promise<RisksComputed> {
	const store = createStore(ports.store);
	const outcome: RisksComputed = { accounts: 0, risks: 0, trouble: null };
	let cursor: string | null | undefined;
	while (cursor !== null) {
		const page: RpcAnswer<Page<RiskSubject>> = await store.call('social_risk_view', {
			p_limit: PAGE,
			...(cursor === undefined ? {} : { p_cursor: cursor }),
		});
		if (page.kind !== 'ok') return { ...outcome, trouble: whyNot(page) };
		for (const subject of page.value.items) {
			if (options.stopping?.() === true) return outcome;
			const risks = risksFor({
				subject,
				token: await tokenFacts(ports, options, subject.account),
				definition: options.platforms[subject.account.platform],
			});
			const saved = await store.call('social_risks_save', {
				p_account_id: subject.account.id,
				p_risks: risks,
			});
			if (saved.kind !== 'ok') return { ...outcome, trouble: whyNot(saved) };
			outcome.accounts += 1;
			outcome.risks += saved.value.risks;
		}
		cursor = page.value.nextCursor;
	}
	return outcome;
}

/** What the sealed token says about how long the access lasts; never the token itself. */
export async function tokenFacts(
	ports: Pick<Ports, 'crypto'>,
	options: Pick<UpkeepOptions, 'platforms' | 'vaultKey'>,
	account: CarriedAccount,
): Promise<TokenFacts> {
	const opened = await openToken(ports.crypto, options.vaultKey, rowOf(account), account.token);
	if (opened.outcome !== 'ok') return { readable: false, renewable: false, expiresAt: null };
	const { refreshToken, expiresAt } = opened.secret;
	const definition = options.platforms[account.platform];
	// An Instagram token renews itself; the others need a refresh token.
	const renewable =
		definition.refresh !== null && (account.platform === 'instagram' || Boolean(refreshToken));
	return { readable: true, renewable, expiresAt: expiresAt ?? null };
}

function rowOf(account: CarriedAccount): { accountId: string; owner: string } {
	return { accountId: account.id, owner: account.owner };
}
