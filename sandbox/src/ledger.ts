import type { Entry, Platform } from './records';
import type { SandboxState } from './state';

/** One post as `GET /_ledger` lists it. */
export interface LedgerEntry {
	platform: Platform;
	accountId: string;
	handle: string;
	id: string;
	text: string;
	media: { sha256: string; altText: string | null; mime: string }[];
	createdAt: string;
	url: string;
	deleted: boolean;
}

/** Path of a post's page. */
export function entryPath(state: SandboxState, entry: Entry): string {
	const { handle } = state.account(entry.platform, entry.accountId);
	if (entry.platform === 'x') return `/x/${handle}/status/${entry.id}`;
	if (entry.platform === 'linkedin') return `/linkedin/feed/update/${entry.id}/`;
	return `/instagram/p/${entry.instagram?.shortcode ?? entry.id}/`;
}

export function entryUrl(state: SandboxState, entry: Entry): string {
	return `${state.publicUrl}${entryPath(state, entry)}`;
}

/** Posts in order of creation; deleted ones are there too and say so. */
export function readLedger(
	state: SandboxState,
	filter: { platform?: string; account?: string },
): LedgerEntry[] {
	return state.entries
		.values()
		.filter((entry) => filter.platform === undefined || entry.platform === filter.platform)
		.map((entry) => {
			const account = state.account(entry.platform, entry.accountId);
			return {
				platform: entry.platform,
				accountId: entry.accountId,
				handle: account.handle,
				id: entry.id,
				text: entry.text,
				media: entry.media.map(({ sha256, altText, mime }) => ({ sha256, altText, mime })),
				createdAt: new Date(entry.createdAt).toISOString(),
				url: entryUrl(state, entry),
				deleted: entry.deletedAt !== null,
			};
		})
		.filter(
			({ accountId, handle }) =>
				filter.account === undefined ||
				accountId === filter.account ||
				handle.toLowerCase() === filter.account.replace(/^@/, '').toLowerCase(),
		)
		.sort((a, b) => a.createdAt.localeCompare(b.createdAt));
}
