import { notSaved, unknownAccount } from './connect';
import type { ConnectOptions, DisconnectOutcome, KnownAccount } from './connect-types';
import { openToken, sealToken } from './vault';
import { isSuccess } from '../platforms/answers';
import type { Ports } from '../ports';
import { createStore, retrying, whyNot } from '../store/client';
import type { CarriedAccount, PostError } from '../store/contract';

const SAVE_BUDGET_MS = 30_000;

/**
 * Ends the access at the platform (best effort), then here: the token is wiped, posts of the account
 * wait until it is connected again or they are missed. A revoke that fails is said in `warnings` and
 * stops nothing. Calling it again is harmless.
 */
export async function disconnectAccount(
	ports: Ports,
	options: ConnectOptions,
	wanted: KnownAccount,
): Promise<DisconnectOutcome> {
	const store = createStore(ports.store);
	const opened = await store.call('social_account_open', { p_account_id: wanted.accountId });
	if (opened.kind !== 'ok') return notSaved(opened);
	const account = opened.value;
	if (wanted.owner !== undefined && account.owner !== wanted.owner) {
		return { outcome: 'refused', error: unknownAccount(wanted.accountId) };
	}
	const warnings = account.status === 'disconnected' ? [] : await revoke(ports, options, account);
	const row = { accountId: account.id, owner: account.owner };
	const emptied = await sealToken(ports.crypto, options.vaultKey, row, { accessToken: '' });
	const answer = await retrying(
		async () =>
			await store.call('social_account_disconnect', {
				p_account_id: account.id,
				p_owner: account.owner,
				p_token: emptied,
				p_token_key_id: options.vaultKey.keyId,
			}),
		{ clock: ports.clock, untilMs: ports.clock.monotonic() + SAVE_BUDGET_MS },
	);
	if (answer.kind !== 'ok') return notSaved(answer);
	return { outcome: 'disconnected', account: answer.value, warnings };
}

async function revoke(
	ports: Ports,
	options: ConnectOptions,
	account: CarriedAccount,
): Promise<PostError[]> {
	const { definition, vaultKey } = options;
	const shared = await createStore(ports.store).call('social_account_shared', {
		p_account_id: account.id,
	});
	if (shared.kind !== 'ok') return [kept(definition.displayName, whyNot(shared))];
	if (shared.value.accounts > 0) {
		return [
			{
				code: 'revoke_shared',
				message: `The access was not taken back at ${definition.displayName}: ${shared.value.accounts} other connected account(s) here use the same consent. Here it is wiped.`,
				remedy: 'Nothing to do; disconnect those too to end it at the platform.',
			},
		];
	}
	const row = { accountId: account.id, owner: account.owner };
	const opened = await openToken(ports.crypto, vaultKey, row, account.token);
	if (opened.outcome !== 'ok') return [kept(definition.displayName, 'the token cannot be read')];
	const requests = definition.identity.revoke(account, opened.secret);
	if (requests.length === 0) {
		return [kept(definition.displayName, 'it has no call for that')];
	}
	let ended = false;
	let why = '';
	for (const request of requests) {
		const answer = await ports.http.send(request);
		const done = answer.kind === 'response' && isSuccess(answer);
		ended ||= done;
		if (!done) why = answer.kind === 'response' ? `HTTP ${answer.status}` : answer.reason;
	}
	return ended ? [] : [kept(definition.displayName, why)];
}

function kept(platform: string, why: string): PostError {
	return {
		code: 'revoke_failed',
		message: `The access could not be taken back at ${platform} (${why}). Here it is wiped all the same.`,
		remedy: `Remove the app in the account’s settings at ${platform} (connected apps).`,
	};
}
