import type { HttpPort, HttpRequest, StorePort } from '../../../core/ports';
import { stepOf } from '../../../sandbox/src/calls';

/**
 * Called at each point with its name (and, for a request, its limit in fast ms); resolves when the
 * worker may go on.
 */
export type Pass = (name: string, limitMs?: number) => Promise<void>;

/** Counts the points of one kind, so that the second call of a step has a name of its own. */
export class Counter {
	private readonly counts = new Map<string, number>();

	next(name: string): string {
		const count = (this.counts.get(name) ?? 0) + 1;
		this.counts.set(name, count);
		return `${name}#${count}`;
	}
}

/** What a request asks for: the sandbox's name of the step, or Bluesky's name of the call. */
export function stepName(request: Pick<HttpRequest, 'method' | 'url'>): string {
	const { pathname } = new URL(request.url);
	const xrpc = /\/xrpc\/(?:[a-z]+\.)+([A-Za-z]+)$/.exec(pathname);
	if (xrpc !== null) return xrpc[1];
	const found = /^\/(x|linkedin|instagram)(\/.*)$/.exec(pathname);
	const platform = found?.[1] as 'x' | 'linkedin' | 'instagram' | undefined;
	return (platform && stepOf(platform, request.method, found?.[2] ?? '')) ?? 'other';
}

/** Points before and after each store call. */
export function pointedStore(store: StorePort, pass: Pass): StorePort {
	const counter = new Counter();
	const around = async <T>(name: string, call: () => Promise<T>): Promise<T> => {
		const point = counter.next(`store:${name}`);
		await pass(`${point}:before`);
		const answer = await call();
		await pass(`${point}:after`);
		return answer;
	};
	return {
		rpc: async <T>(name: string, args: Record<string, unknown>) =>
			await around(name.replace(/^social_/, ''), async () => await store.rpc<T>(name, args)),
		putObject: async (path, bytes, mime) =>
			await around('put_object', async () => await store.putObject(path, bytes, mime)),
		getObject: async (path) => await around('get_object', async () => await store.getObject(path)),
		signObject: async (path, seconds, base) =>
			await around('sign_object', async () => await store.signObject(path, seconds, base)),
	};
}

/** Points before and after each request to a platform. */
export function pointedHttp(http: HttpPort, pass: Pass): HttpPort {
	const counter = new Counter();
	return {
		send: async (request) => {
			const point = counter.next(`http:${stepName(request)}`);
			await pass(`${point}:before`, request.limitMs);
			const answer = await http.send(request);
			await pass(`${point}:after`);
			return answer;
		},
	};
}
