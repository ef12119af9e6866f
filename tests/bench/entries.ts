import type { LedgerEntry } from '../../sandbox/src/ledger';

/** Entries beyond the first one with the same account and text. */
export function duplicates(entries: LedgerEntry[]): number {
	return entries.length - new Set(entries.map((entry) => `${entry.accountId} ${entry.text}`)).size;
}

/** Entries per second between the first and the last one, by the platform's clock. */
export function perSecond(entries: LedgerEntry[]): number {
	const times = entries.map(({ createdAt }) => Date.parse(createdAt));
	const span = Math.max(...times) - Math.min(...times);
	return (1_000 * (entries.length - 1)) / Math.max(1, span);
}
