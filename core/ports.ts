/**
 * The doors through which core reaches the world. A carrier (n8n, the runner, a simulation) hands
 * in one implementation of each; core itself owns no timer, socket, file or key.
 */

/** One outgoing request. `limitMs` bounds the whole exchange, not idle time. */
export interface HttpRequest {
	method: 'GET' | 'POST' | 'PUT' | 'DELETE';
	/** Absolute URL with its query. */
	url: string;
	headers: Record<string, string>;
	/** Text is sent as UTF-8 with the content-type given in `headers`; bytes with their length. */
	body?: string | Uint8Array;
	limitMs: number;
	/**
	 * Asked as late as the client allows before bytes reach the socket; `false` means "do not send"
	 * and the answer is `not_sent`. n8n's helper asks just before it is called.
	 */
	mayStillSend?: () => boolean;
}

/** A full HTTP answer of any status. Header names are lower case. */
export interface HttpResponse {
	kind: 'response';
	status: number;
	headers: Record<string, string>;
	text: string;
}

/** Nothing was written: refused connection, DNS, TLS, proxy, or the send was called off. */
export interface HttpNotSent {
	kind: 'not_sent';
	/** In our words, without errno names (n8n replaces any text that holds one). */
	reason: string;
}

/** Bytes may have reached the other side, and no complete answer came back. */
export interface HttpLost {
	kind: 'lost';
	reason: string;
}

export type HttpAnswer = HttpResponse | HttpNotSent | HttpLost;

/** Never throws, never retries, never follows a redirect. One call is one request on the wire. */
export interface HttpPort {
	send(request: HttpRequest): Promise<HttpAnswer>;
}

/** What a store call answers. `refused` is the store's own "no", `unreachable` means: not known. */
export type RpcAnswer<T> =
	| { kind: 'ok'; value: T }
	| { kind: 'refused'; refusal: StoreRefusal }
	| { kind: 'unreachable'; reason: string };

/** A "no" of the store, as PostgREST puts it on the wire. */
export interface StoreRefusal {
	/** HTTP status of the gateway. */
	status: number;
	/** Our code, such as `idempotency_conflict`, `contract_mismatch`; else the SQLSTATE or PGRST code. */
	code: string;
	/** A sentence for people. */
	message: string;
	/** What to do about it. */
	hint?: string;
	/** Extra facts of the refusal. */
	details?: Record<string, unknown>;
}

/** Calls `public.social_*` and moves media bytes. Never throws. */
export interface StorePort {
	rpc<T>(name: string, args: Record<string, unknown>): Promise<RpcAnswer<T>>;
	/** Saves bytes under `{owner}/{sha256}`; saving the same bytes again is no error. */
	putObject(path: string, bytes: Uint8Array, mime: string): Promise<RpcAnswer<null>>;
	getObject(path: string): Promise<RpcAnswer<Uint8Array>>;
	/** A URL that anyone may GET until it expires. `base` replaces the store's own origin. */
	signObject(path: string, seconds: number, base?: string): Promise<RpcAnswer<string>>;
}

export interface ClockPort {
	/** Wall clock, Unix ms. */
	now(): number;
	/** Monotonic ms from any origin. */
	monotonic(): number;
	sleep(ms: number): Promise<void>;
}

export interface CryptoPort {
	uuid(): string;
	randomBytes(length: number): Uint8Array;
	sha256(data: Uint8Array | string): Promise<Uint8Array>;
	/** HKDF-SHA-256 of `key` with `info`, 32 bytes, empty salt. */
	deriveKey(key: Uint8Array, info: string): Promise<Uint8Array>;
	/** AES-256-GCM; returns ciphertext followed by the 16-byte tag. */
	seal(key: Uint8Array, iv: Uint8Array, plain: Uint8Array, aad: Uint8Array): Promise<Uint8Array>;
	/** Returns null when the tag does not fit (wrong key, wrong row, changed bytes). */
	open(
		key: Uint8Array,
		iv: Uint8Array,
		sealed: Uint8Array,
		aad: Uint8Array,
	): Promise<Uint8Array | null>;
}

/** Facts for people who run the system. Implementations never print a secret. */
export interface LogPort {
	info(event: string, facts?: Record<string, unknown>): void;
	warn(event: string, facts?: Record<string, unknown>): void;
}

export interface Ports {
	http: HttpPort;
	store: StorePort;
	clock: ClockPort;
	crypto: CryptoPort;
	log: LogPort;
}
