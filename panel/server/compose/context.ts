import type { Response } from 'express';
import type { Ports } from '../../../core/ports';
import type { CreateOutcome, NamedEntry } from '../../../core/publishing/create';
import { createStore, type Store } from '../../../core/store/client';
import type { AccountView } from '../../../core/store/contract';
import type { ComposeAccount } from '../../shared/compose';
import { allowedOwner, Refused } from '../connect/context';
import { storeProblem } from '../problem';

/** What every route of composing works with. */
export interface ComposeContext {
	ports: Ports;
	store: Store;
}

export function createContext(ports: Ports): ComposeContext {
	return { ports, store: createStore(ports.store) };
}

/** Whose posts the request is about; refuses a viewer who asks for another owner's. */
export function ownerOf(response: Response, asked: string | undefined): string {
	return allowedOwner(
		response,
		asked,
		'You may see only your own accounts and posts here. Nothing was changed.',
	);
}

/** The entries of a create call; the store's "no" to all of it and its silence become problems. */
export function entriesOf(outcome: CreateOutcome): NamedEntry[] {
	if (outcome.kind === 'ok') return outcome.entries;
	if (outcome.kind === 'refused' && !outcome.earlierUnclear) {
		const { status, problem } = storeProblem({ kind: 'refused', refusal: outcome.refusal });
		throw new Refused(outcome.refusal.code === 'off' ? 403 : status, problem);
	}
	throw new Refused(503, {
		code: 'store_unreachable',
		message: 'The store gave no clear answer, so it is not known whether the posts were made.',
		remedy: 'Try again: posts that were made are then found and not made twice.',
	});
}

/** An account as the pages show it beside a post. */
export function briefAccount(account: AccountView): ComposeAccount {
	const { id, platform, mode, handle, displayName, profileUrl } = account;
	return { id, platform, mode, handle, displayName, profileUrl };
}
