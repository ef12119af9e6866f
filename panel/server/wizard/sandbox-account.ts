import { createHash, randomUUID } from 'node:crypto';
import type { SeededAccount } from '../../../sandbox/src/accounts';
import { seededConnection } from '../../../scripts/seeded-connection';
import type { SandboxAccountAnswer } from '../../shared/wizard';
import { type ConnectContext, Refused, valueOf } from '../connect/context';

const LIMIT_MS = 5_000;

/** One for each owner: asked for again, it is the same account. */
const handleOf = (owner: string) =>
	owner === 'default'
		? 'first_steps'
		: `first_${createHash('sha256').update(owner).digest('hex').slice(0, 12)}`;

function sandboxAway(): Refused {
	return new Refused(503, {
		code: 'sandbox_silent',
		message: 'The sandbox does not answer. Nothing was connected.',
		remedy: 'Start it (npm start), or connect an account of your own.',
	});
}

async function makeAccount(base: string, owner: string): Promise<SeededAccount> {
	let answer: Response;
	try {
		answer = await fetch(`${base}/_accounts`, {
			method: 'POST',
			headers: { 'content-type': 'application/json' },
			body: JSON.stringify({ platform: 'x', handle: handleOf(owner), displayName: 'First steps' }),
			signal: AbortSignal.timeout(LIMIT_MS),
		});
		if (answer.ok) return (await answer.json()) as SeededAccount;
	} catch {
		throw sandboxAway();
	}
	throw sandboxAway();
}

/** Makes an account of the sandbox and connects it: what a sign-in there would leave, in one click. */
export async function connectSandboxAccount(
	context: ConnectContext,
	owner: string,
): Promise<SandboxAccountAnswer> {
	if (context.sandboxUrl === undefined) {
		throw new Refused(409, {
			code: 'sandbox_off',
			message: 'This panel knows no sandbox.',
			remedy: 'Use npm start, or set MUSEKIT_SANDBOX_URL.',
		});
	}
	const key = await context.vaultKey();
	valueOf(await context.store.call('social_vault_init', { p_vault_fingerprint: key.fingerprint }));
	const made = await makeAccount(context.sandboxUrl, owner);
	const { items } = valueOf(
		await context.store.call('social_account_list', {
			p_owner: owner,
			p_search: made.handle,
			p_platform: 'x',
			p_limit: 200,
		}),
	);
	const known = items.find((one) => one.mode === 'sandbox' && one.remoteId === made.accountId);
	const row = { accountId: known?.id ?? randomUUID(), owner };
	const account = valueOf(
		await context.store.call(
			'social_account_save',
			await seededConnection({ crypto: context.ports.crypto, key }, made, row),
		),
	);
	return { accountId: account.id, handle: account.handle, profileUrl: account.profileUrl };
}
