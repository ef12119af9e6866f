import { createHash } from 'node:crypto';
import type { LedgerEntry } from '../../../sandbox/src/ledger';
import type { AccountInput, SeededAccount } from '../../../sandbox/src/accounts';
import type { FaultInput } from '../../../sandbox/src/faults';
import type { RequestRecord } from '../../../sandbox/src/records';
import type { Platform } from '../../../core/store/contract';

export type { LedgerEntry, SeededAccount };

/** The sandbox as tests see it: accounts, ledger, scripted faults. */
export class SandboxClient {
	constructor(readonly url: string) {}

	private async call<T>(method: string, path: string, body?: unknown): Promise<T> {
		const response = await fetch(`${this.url}${path}`, {
			method,
			headers: { 'content-type': 'application/json' },
			...(body === undefined ? {} : { body: JSON.stringify(body) }),
		});
		const text = await response.text();
		if (!response.ok) throw new Error(`sandbox ${method} ${path}: ${response.status} ${text}`);
		return (text === '' ? null : JSON.parse(text)) as T;
	}

	async addAccount(input: AccountInput): Promise<SeededAccount> {
		return await this.call('POST', '/_accounts', input);
	}

	/** What is live on an account of a platform. */
	async ledger(account: { platform: string; handle: string }): Promise<LedgerEntry[]> {
		const query = new URLSearchParams({ platform: account.platform, account: account.handle });
		const answer = await this.call<LedgerEntry[] | { entries: LedgerEntry[] }>(
			'GET',
			`/_ledger?${query}`,
		);
		return Array.isArray(answer) ? answer : answer.entries;
	}

	/** A developer app with these redirect URIs. */
	async addClient(app: {
		platform: Exclude<Platform, 'bluesky'>;
		clientId: string;
		clientSecret: string;
		redirectUris: string[];
	}): Promise<void> {
		await this.call('POST', '/_clients', app);
	}

	/** API requests so far, oldest first. */
	async requests(filter: { platform: string; account?: string; step?: string }) {
		const query = new URLSearchParams(filter);
		const { requests } = await this.call<{ requests: RequestRecord[] }>(
			'GET',
			`/_requests?${query}`,
		);
		return requests;
	}

	async fault(input: FaultInput): Promise<void> {
		await this.call('POST', '/_faults', input);
	}
}

export function sha256(bytes: Uint8Array): string {
	return createHash('sha256').update(bytes).digest('hex');
}
