import type { ApiProblem } from '../../../shared/api';
import { strings } from '../strings';

/** A request that brought no value, with what to tell people. `status` 0: nobody answered. */
export class ApiError extends Error {
	constructor(
		readonly status: number,
		readonly problem: ApiProblem,
	) {
		super(problem.message);
	}
}

let csrf: string | null = null;

/** The token of the session for the header of every write. */
export function keepCsrfToken(token: string | null): void {
	csrf = token;
}

/** For requests that `call` cannot make, such as an upload with its progress. */
export function csrfHeaders(): Record<string, string> {
	return csrf === null ? {} : { 'x-csrf-token': csrf };
}

const offline: ApiProblem = {
	code: 'offline',
	message: strings.problems.offline,
	remedy: strings.problems.offlineRemedy,
};

const unreadable: ApiProblem = {
	code: 'unreadable',
	message: strings.problems.unreadable,
	remedy: strings.problems.unreadableRemedy,
};

function isProblem(value: unknown): value is ApiProblem {
	return (
		typeof value === 'object' &&
		value !== null &&
		'code' in value &&
		'message' in value &&
		'remedy' in value
	);
}

type Listener = () => void;

/** Whether the last answers came: shown as a banner, and the reason to ask again by itself. */
class Reachability {
	#state: 'ok' | 'panel' | 'store' = 'ok';
	#listeners = new Set<Listener>();

	get = () => this.#state;

	subscribe = (listener: Listener) => {
		this.#listeners.add(listener);
		return () => {
			this.#listeners.delete(listener);
		};
	};

	set(state: 'ok' | 'panel' | 'store') {
		if (this.#state === state) return;
		this.#state = state;
		for (const listener of this.#listeners) listener();
	}
}

export const reachability = new Reachability();

type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';

/**
 * One request to our API; answers its JSON.
 *
 * @throws ApiError with the server's problem, or our words when nobody answers
 */
export async function call<T>(method: Method, path: string, body?: unknown): Promise<T> {
	const headers: Record<string, string> = { accept: 'application/json' };
	if (method !== 'GET' && csrf !== null) headers['x-csrf-token'] = csrf;
	if (body !== undefined) headers['content-type'] = 'application/json';
	let response: Response;
	try {
		response = await fetch(path, {
			method,
			headers,
			cache: 'no-store',
			...(body === undefined ? {} : { body: JSON.stringify(body) }),
		});
	} catch {
		return answered<T>(0, null);
	}
	return answered<T>(response.status, await response.json().catch(() => null));
}

/**
 * The value of an answer, and what it says about the panel's and the store's reach; status 0 stands for
 * none.
 *
 * @throws ApiError unless it is a 2xx
 */
export function answered<T>(status: number, value: unknown): T {
	if (status === 0) {
		reachability.set('panel');
		throw new ApiError(0, offline);
	}
	if (status >= 200 && status < 300 && value !== null) {
		reachability.set('ok');
		return value as T;
	}
	const problem = isProblem(value) ? value : unreadable;
	reachability.set(problem.code === 'store_unreachable' ? 'store' : 'ok');
	throw new ApiError(status, problem);
}

/** What to tell people about anything that was thrown. */
export function problemOf(error: unknown): ApiProblem {
	return error instanceof ApiError ? error.problem : unreadable;
}
