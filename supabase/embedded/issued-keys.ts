import { CONTRACT } from '../../core/store/contract';
import type { IssuedKeys } from './keys';
import type { RpcRunner } from './rpc';

/** A key that was revoked in the database itself, and not by this gateway, works at most this long. */
const STALE_MS = 500;
/** Last use is for people: a minute is exact enough, and costs no write for each request. */
const NOTE_MS = 60_000;

const SERVICE = { role: 'service_role' as const, claims: { role: 'service_role' } };

/** What such a key may not do: it is for publishing, and must not make people, keys or rules. */
const FORBIDDEN =
	/^social_(panel_|key_|settings_set$|feature_set$|owner_save$|vault_(begin|reseal|finish)$)/;

/** True when a key that was issued for n8n may call this function. */
export function mayCall(functionName: string): boolean {
	return !FORBIDDEN.test(functionName);
}

/** True when this function changes which keys work. */
export function changesKeys(functionName: string): boolean {
	return functionName === 'social_key_issue' || functionName === 'social_key_revoke';
}

/**
 * The digests of the keys that work, in memory: a request with such a key costs a look into a map,
 * and at most twice a second one short question to the database. A revocation by this gateway counts
 * with the next request.
 */
export class KeyRing implements IssuedKeys {
	private digests: Map<string, string> | null = null;
	private readAt = -Infinity;
	private reading: Promise<void> | null = null;
	/** Raised by `forget`, so that an answer from before it is not believed. */
	private age = 0;
	private readonly notedAt = new Map<string, number>();

	constructor(
		private readonly runner: Pick<RpcRunner, 'run'>,
		private readonly now: () => number = () => performance.now(),
	) {}

	async find(digest: string): Promise<string | null | undefined> {
		for (let tries = 0; tries < 3 && this.now() - this.readAt > STALE_MS; tries += 1) {
			await (this.reading ??= this.read());
		}
		// A database that is away lets nobody do anything, whatever was remembered from before.
		if (this.digests === null) return undefined;
		const id = this.digests.get(digest) ?? null;
		if (id !== null) this.note(id);
		return id;
	}

	/** Reads the keys anew with the next request. */
	forget(): void {
		this.readAt = -Infinity;
		this.age += 1;
		this.reading = null;
	}

	private async read(): Promise<void> {
		const { age } = this;
		const began = this.now();
		const reply = await this.call('social_key_digests', {});
		if (age !== this.age) return;
		this.reading = null;
		if (reply === null) return;
		this.digests = new Map(Object.entries(reply as Record<string, string>));
		this.readAt = began;
	}

	private note(id: string): void {
		const last = this.notedAt.get(id);
		if (last !== undefined && this.now() - last < NOTE_MS) return;
		this.notedAt.set(id, this.now());
		void this.call('social_key_used', { p_ids: [id] });
	}

	private async call(name: string, args: Record<string, unknown>): Promise<unknown> {
		const reply = await this.runner.run({
			name,
			body: JSON.stringify({ ...args, p_contract: CONTRACT }),
			caller: SERVICE,
			single: false,
		});
		return reply.kind === 'value' && reply.json !== null
			? (JSON.parse(reply.json) as unknown)
			: null;
	}
}
