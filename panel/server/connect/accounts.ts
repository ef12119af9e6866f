import { Router } from 'express';
import { z } from 'zod';
import type {
	ConnectOptions,
	DisconnectOutcome,
	KnownAccount,
	ValidateOutcome,
} from '../../../core/accounts/connect-types';
import { disconnectAccount } from '../../../core/accounts/disconnect';
import { tokenFacts } from '../../../core/accounts/upkeep';
import { refreshAccount, validateAccount } from '../../../core/accounts/validate';
import { PLATFORMS } from '../../../core/platforms';
import type { Ports } from '../../../core/ports';
import type { AccountView } from '../../../core/store/contract';
import type { AccountActionAnswer, AccountsAnswer } from '../../shared/api';
import { requireRole } from '../session';
import { allowedOwner, problemOf, Refused, valueOf, type ConnectContext } from './context';
import { handled } from './handled';

const listQuery = z.object({
	owner: z.string().max(200).optional(),
	search: z.string().max(200).optional(),
	cursor: z.string().min(1).max(1000).optional(),
	limit: z.coerce.number().int().min(1).max(200).optional(),
});
const accountId = z.object({ id: z.uuid() });

type AccountAction = (
	ports: Ports,
	options: ConnectOptions,
	wanted: KnownAccount,
) => Promise<ValidateOutcome | DisconnectOutcome>;

/** Accounts: the list with its warnings, and what people do with one. */
export function accountRoutes(context: ConnectContext): Router {
	const router = Router();
	router.get(
		'/api/accounts',
		requireRole('viewer'),
		handled(async (request, response) => {
			const query = listQuery.parse(request.query);
			const message = 'You may see only your own accounts here.';
			const owner = allowedOwner(response, query.owner, message);
			response.json(await list(context, { ...query, owner }));
		}),
	);
	const act = (name: string, run: AccountAction) =>
		router.post(
			`/api/accounts/:id/${name}`,
			requireRole('admin'),
			handled(async (request, response) => {
				const { id } = accountId.parse(request.params);
				const account = valueOf(
					await context.store.call('social_account_get', { p_account_id: id }),
				);
				const options = await optionsOf(context, account);
				const outcome = await run(context.ports, options, { accountId: account.id });
				if ('error' in outcome) throw problemOf(outcome);
				response.json(outcome satisfies AccountActionAnswer);
			}),
		);
	act('validate', validateAccount);
	act('refresh', refreshAccount);
	act('disconnect', disconnectAccount);
	return router;
}

async function optionsOf(context: ConnectContext, account: AccountView): Promise<ConnectOptions> {
	return { vaultKey: await context.vaultKey(), definition: PLATFORMS[account.platform] };
}

async function list(
	context: ConnectContext,
	query: z.infer<typeof listQuery> & { owner: string },
): Promise<AccountsAnswer> {
	const page = valueOf(
		await context.store.call('social_account_list', {
			p_owner: query.owner,
			p_search: query.search ?? null,
			p_limit: query.limit ?? 50,
			p_cursor: query.cursor ?? null,
		}),
	);
	const risks = await context.store.call('social_risks', { p_owner: query.owner, p_limit: 1000 });
	const known = risks.kind === 'ok' ? risks.value.items : [];
	const renewed = await renewals(context, page.items);
	return {
		accounts: page.items.map((account) => ({
			...account,
			warnings: known.filter((risk) => risk.accountId === account.id),
			renewed: renewed.get(account.id) ?? null,
		})),
		nextCursor: page.nextCursor,
	};
}

/** Ends that are further away are nobody's business yet. */
const EXPIRY_NOTICE_MS = 30 * 86_400_000;
/** Stores answer a few at a time as fast as one. */
const AT_ONCE = 8;

/** Of the connected accounts whose access ends soon: is it renewed without a person? */
async function renewals(
	context: ConnectContext,
	accounts: AccountView[],
): Promise<Map<string, boolean>> {
	const found = new Map<string, boolean>();
	const waiting = accounts.filter(
		({ status, tokenExpiresAt }) =>
			status === 'connected' &&
			tokenExpiresAt !== null &&
			Date.parse(tokenExpiresAt) < Date.now() + EXPIRY_NOTICE_MS,
	);
	if (waiting.length === 0) return found;
	// Without a key that opens them nothing can be said, and the list is shown all the same.
	const vaultKey = await context.vaultKey().catch((error: unknown) => {
		if (error instanceof Refused) return null;
		throw error;
	});
	if (vaultKey === null) return found;
	const lanes = Array.from({ length: AT_ONCE }, async () => {
		for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
			const opened = await context.store.call('social_account_open', { p_account_id: next.id });
			if (opened.kind !== 'ok') continue;
			const wanted = { vaultKey, platforms: PLATFORMS };
			const facts = await tokenFacts(context.ports, wanted, opened.value);
			if (facts.readable) found.set(next.id, facts.renewable);
		}
	});
	await Promise.all(lanes);
	return found;
}
