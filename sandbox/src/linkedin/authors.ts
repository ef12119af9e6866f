import { authorUrn } from '../accounts';
import type { Account } from '../records';
import type { SandboxState } from '../state';

/** The account behind an author URN. */
export function authorAccount(state: SandboxState, urn: string): Account | undefined {
	const id = /^urn:li:(?:person|organization):([A-Za-z0-9_-]+)$/.exec(urn)?.[1];
	const account = id === undefined ? undefined : state.accounts.get(`linkedin:${id}`);
	return account && authorUrn(account) === urn ? account : undefined;
}

/** A member posts as themself, or for an organisation they administer, each with its own scope. */
export function mayPostAs(
	state: SandboxState,
	member: Account,
	scopes: string[],
	urn: string,
): boolean {
	const author = authorAccount(state, urn);
	if (!author) return false;
	if (author.kind === 'organization') {
		return author.admins.includes(member.id) && scopes.includes('w_organization_social');
	}
	return author.id === member.id && scopes.includes('w_member_social');
}
