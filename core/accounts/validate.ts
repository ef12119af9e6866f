import { scopeWarnings, storeError, unknownAccount, viewOf } from './connect';
import type { ConnectOptions, KnownAccount, ValidateOutcome } from './connect-types';
import { contextOf, missingScopes } from './identify';
import { accessTokenFor, refreshAfterRefusal, refreshAhead, type TokenOutcome } from './tokens';
import type { CandidateKind } from '../platforms/identity';
import type { Ports } from '../ports';
import { createStore, whyNot } from '../store/client';
import type { AccountView, CarriedAccount, PostError } from '../store/contract';

const KINDS: ReadonlySet<unknown> = new Set<CandidateKind>([
	'person',
	'organisation',
	'professional',
]);

/**
 * Asks the platform whether the account's access still works, by its cheapest call. A refused token
 * is renewed once; the account is only given up on proof. Notes time and missing scopes in the store.
 */
export async function validateAccount(
	ports: Ports,
	options: ConnectOptions,
	wanted: KnownAccount,
): Promise<ValidateOutcome> {
	const opened = await openAccount(ports, wanted);
	if ('outcome' in opened) return opened;
	const first = await accessTokenFor(ports, opened, options);
	if (first.outcome !== 'ok') return await withoutToken(ports, opened, first);
	const reading = await askWith(ports, options, first);
	if (reading.outcome === 'ok') return await noted(ports, options, first.account);
	if (reading.outcome === 'later' || !reading.tokenRefused) {
		return { outcome: 'later', account: viewOf(first.account), error: reading.error };
	}
	const second = await refreshAfterRefusal(ports, first.account, options);
	if (second.outcome !== 'ok') return await withoutToken(ports, first.account, second);
	const again = await askWith(ports, options, second);
	return again.outcome === 'ok'
		? await noted(ports, options, second.account)
		: { outcome: 'later', account: viewOf(second.account), error: again.error };
}

/** Renews the access now, whatever is left of it. Where nothing can be renewed, says until when it lives. */
export async function refreshAccount(
	ports: Ports,
	options: ConnectOptions,
	wanted: KnownAccount,
): Promise<ValidateOutcome> {
	const opened = await openAccount(ports, wanted);
	if ('outcome' in opened) return opened;
	const renewed = await refreshAhead(ports, opened, options);
	if (renewed === null) return { outcome: 'refused', error: notRenewable(opened) };
	if (renewed.outcome !== 'ok') return await withoutToken(ports, opened, renewed);
	return { outcome: 'valid', account: viewOf(renewed.account), warnings: [] };
}

/** The row of an account with its sealed token, if this owner has it and it is not disconnected. */
export async function openAccount(
	ports: Ports,
	wanted: KnownAccount,
): Promise<CarriedAccount | Extract<ValidateOutcome, { outcome: 'refused' | 'later' | 'dead' }>> {
	const answer = await createStore(ports.store).call('social_account_open', {
		p_account_id: wanted.accountId,
	});
	if (answer.kind === 'refused' && answer.refusal.status < 500) {
		const { code, message, hint } = answer.refusal;
		return {
			outcome: 'refused',
			error: { code, message, remedy: hint ?? 'Pick an account from the list.' },
		};
	}
	if (answer.kind !== 'ok') {
		return { outcome: 'later', account: null, error: storeError(whyNot(answer)) };
	}
	const account = answer.value;
	if (wanted.owner !== undefined && account.owner !== wanted.owner) {
		return { outcome: 'refused', error: unknownAccount(wanted.accountId) };
	}
	if (account.status === 'disconnected') {
		return { outcome: 'dead', account: viewOf(account), error: disconnected(account) };
	}
	return account;
}

async function askWith(
	ports: Ports,
	options: ConnectOptions,
	token: Extract<TokenOutcome, { outcome: 'ok' }>,
) {
	const { account, accessToken } = token;
	const { remoteId, settings } = account;
	const reading = await options.definition.identity.identify(
		contextOf(ports, account, { accessToken }, { remoteId, settings }),
	);
	if (reading.outcome !== 'ok') return reading;
	const same = reading.candidates.find((candidate) => candidate.remoteId === remoteId);
	return same === undefined
		? {
				outcome: 'refused' as const,
				tokenRefused: false,
				error: {
					code: 'account_not_served',
					message: `The access works, but no longer for @${account.handle}. Nothing was changed.`,
					remedy:
						'Check at the platform that you may still post for this account, then connect it again.',
				},
			}
		: reading;
}

async function noted(
	ports: Ports,
	options: ConnectOptions,
	account: CarriedAccount,
): Promise<ValidateOutcome> {
	const { kind, login } = account.settings;
	const granted = account.scopes.length === 0 ? null : account.scopes;
	const lacks = missingScopes(
		options.definition.identity,
		{ kind: KINDS.has(kind) ? (kind as CandidateKind) : 'person' },
		typeof login === 'string' ? login : null,
		granted,
	);
	const answer = await createStore(ports.store).call('social_account_validated', {
		p_account_id: account.id,
		p_scopes: null,
		p_missing_scopes: lacks,
	});
	const view: AccountView = answer.kind === 'ok' ? answer.value : viewOf(account);
	return {
		outcome: 'valid',
		account: view,
		warnings: scopeWarnings(options.definition.displayName, lacks),
	};
}

async function withoutToken(
	ports: Ports,
	account: CarriedAccount,
	token: Exclude<TokenOutcome, { outcome: 'ok' }>,
): Promise<ValidateOutcome> {
	const view = viewOf(account);
	if (token.outcome === 'unreachable') {
		return { outcome: 'later', account: view, error: storeError(token.reason) };
	}
	if (token.outcome !== 'dead') return { outcome: 'later', account: view, error: token.error };
	// It was marked since it was opened.
	const marked = await createStore(ports.store).call('social_account_get', {
		p_account_id: account.id,
	});
	const now = marked.kind === 'ok' ? marked.value : view;
	return { outcome: 'dead', account: now, error: token.error };
}

function disconnected(account: CarriedAccount): PostError {
	return {
		code: 'account_disconnected',
		message: `@${account.handle} was disconnected here. Its posts wait.`,
		remedy: 'Connect the account again; waiting posts then go out if they are not too late.',
	};
}

function notRenewable(account: CarriedAccount): PostError {
	const until =
		account.tokenExpiresAt === null ? 'has no end' : `works until ${account.tokenExpiresAt}`;
	return {
		code: 'refresh_not_possible',
		message: `The access of @${account.handle} cannot be renewed by itself now; it ${until}. Nothing was changed.`,
		remedy:
			'Nothing to do yet. Where the platform gives no refresh token, connect again before it ends.',
	};
}
