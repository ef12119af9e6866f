import type { HttpPort, Ports, RpcAnswer } from '../../../core/ports';
import type { Store } from '../../../core/store/client';
import type { ConnectContext } from '../connect/context';
import type { Surroundings } from './surroundings';

/** Questions to what is not http; each answers within its own time whether it got an answer. */
export interface Probes {
	redis(url: string): Promise<boolean>;
	postgres(url: string): Promise<boolean>;
	/** Version of an installed library, or null. */
	library(name: string): string | null;
}

/** What checks work with. */
export interface CheckContext {
	store: Store;
	ports: Ports;
	vaultKey: string;
	connect: ConnectContext;
	around: Surroundings;
	probes: Probes;
}

/** The store brought no value; `runChecks` turns it into a finding. */
export class StoreSilent extends Error {}

export function storeValue<T>(answer: RpcAnswer<T>): T {
	if (answer.kind === 'ok') return answer.value;
	throw new StoreSilent(answer.kind === 'unreachable' ? answer.reason : answer.refusal.message);
}

/** A service of ours on the same machine or network answers in milliseconds. */
const LIMIT_MS = 3_000;

/** One GET; null when there was no answer. */
export async function get(
	{ ports }: { ports: { http: HttpPort } },
	url: string,
): Promise<{ status: number; body: string } | null> {
	const answer = await ports.http.send({
		method: 'GET',
		url,
		headers: { accept: 'application/json' },
		limitMs: LIMIT_MS,
	});
	if (answer.kind !== 'response') return null;
	return { status: answer.status, body: answer.text };
}
