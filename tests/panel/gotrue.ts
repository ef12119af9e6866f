import { randomBytes, randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A user of the stand-in; what Supabase keeps of one. */
export interface GoTrueUser {
	id: string;
	email: string;
	password: string;
	confirmed: boolean;
	bannedUntil: string | null;
	app_metadata: Record<string, unknown>;
	user_metadata: Record<string, unknown>;
}

/** What the API gateway and GoTrue say no with. */
class Refusal extends Error {
	constructor(
		readonly status: number,
		readonly code: string,
		message: string,
		/** Kong's own answers have another shape than GoTrue's. */
		readonly gateway = false,
	) {
		super(message);
	}
}

const API_VERSION = '2024-01-01';

/**
 * Supabase Auth as far as the panel may use it: password grant, logout, one user by id. Shapes, order
 * of checks and error codes as in supabase/auth (`internal/api/token.go`, `errors.go`, `admin.go`,
 * `user.go`), error bodies by `X-Supabase-Api-Version`. Throws out everything else with what it was.
 */
export class GoTrue {
	readonly publishableKey = `sb_publishable_${randomBytes(16).toString('base64url')}`;
	readonly secretKey = `sb_secret_${randomBytes(16).toString('base64url')}`;
	/** Every token that was ever given out. */
	readonly tokens: string[] = [];
	/** Sessions that were not ended, by their access token. */
	readonly sessions = new Map<string, GoTrueUser>();
	/** Requests as `METHOD /path`. */
	readonly seen: string[] = [];
	/** What is answered instead, while it is set. */
	trouble: { status: number; body: string; type: string } | null = null;
	private readonly users = new Map<string, GoTrueUser>();

	private constructor(
		readonly url: string,
		private readonly server: Server,
	) {}

	static async start(): Promise<GoTrue> {
		const server = createServer();
		await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
		const { port } = server.address() as AddressInfo;
		const made = new GoTrue(`http://127.0.0.1:${port}`, server);
		server.on('request', (request, response) => void made.answer(request, response));
		return made;
	}

	/** Ends it, so that connections are refused; once is enough. */
	async stop(): Promise<void> {
		if (!this.server.listening) return;
		this.server.closeAllConnections();
		await new Promise((resolve) => this.server.close(resolve));
	}

	addUser(change: Partial<GoTrueUser> & Pick<GoTrueUser, 'email'>): GoTrueUser {
		const user: GoTrueUser = {
			id: randomUUID(),
			password: `pw-${randomBytes(12).toString('base64url')}`,
			confirmed: true,
			bannedUntil: null,
			app_metadata: {},
			user_metadata: {},
			...change,
		};
		this.users.set(user.id, user);
		return user;
	}

	deleteUser(user: GoTrueUser): void {
		this.users.delete(user.id);
	}

	private async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
		let body = '';
		for await (const chunk of request) body += String(chunk);
		const url = new URL(request.url ?? '', this.url);
		this.seen.push(`${request.method} ${url.pathname}`);
		if (this.trouble !== null) {
			response.writeHead(this.trouble.status, { 'content-type': this.trouble.type });
			response.end(this.trouble.body);
			return;
		}
		try {
			const value = this.route(request, url, body);
			if (value === null) response.writeHead(204).end();
			else send(response, 200, value);
		} catch (error) {
			if (!(error instanceof Refusal)) throw error;
			if (error.gateway) {
				send(response, error.status, { message: error.message, hint: error.code });
				return;
			}
			response.setHeader('x-sb-error-code', error.code);
			response.setHeader('x-supabase-api-version', API_VERSION);
			const modern = request.headers['x-supabase-api-version'] === API_VERSION;
			send(
				response,
				error.status,
				modern
					? { code: error.code, message: error.message }
					: { code: error.status, error_code: error.code, msg: error.message },
			);
		}
	}

	private route(request: IncomingMessage, url: URL, body: string): object | null {
		const service = this.keyIsSecret(request);
		const path = `${request.method} ${url.pathname}${url.search}`;
		if (path === 'POST /auth/v1/token?grant_type=password') return this.signIn(body);
		if (path === 'POST /auth/v1/logout?scope=local') return this.signOut(request);
		const id = /^GET \/auth\/v1\/admin\/users\/([0-9a-f-]{36})$/.exec(path)?.[1];
		if (id !== undefined) {
			if (!service) throw new Refusal(403, 'not_admin', 'User not allowed');
			const user = this.users.get(id);
			if (user === undefined) throw new Refusal(404, 'user_not_found', 'User not found');
			return view(user);
		}
		throw new Refusal(404, 'not_declared', `The panel may not ask for ${path}`);
	}

	/** The API gateway's check; true for the secret key. */
	private keyIsSecret(request: IncomingMessage): boolean {
		const key = request.headers.apikey;
		if (key === undefined) {
			throw new Refusal(
				401,
				'No `apikey` request header or url param was found.',
				'No API key found in request',
				true,
			);
		}
		if (key !== this.secretKey && key !== this.publishableKey) {
			throw new Refusal(401, 'Double check your API key.', 'Invalid API key', true);
		}
		return key === this.secretKey;
	}

	private signIn(body: string): object {
		const { email, password, gotrue_meta_security, ...rest } = JSON.parse(body) as Record<
			string,
			unknown
		>;
		if (Object.keys(rest).length > 0 || typeof gotrue_meta_security !== 'object') {
			throw new Refusal(400, 'bad_json', `Unexpected fields: ${Object.keys(rest).join()}`);
		}
		const wrong = new Refusal(400, 'invalid_credentials', 'Invalid login credentials');
		const user = [...this.users.values()].find((one) => one.email === String(email).toLowerCase());
		if (user === undefined) throw wrong;
		if (user.bannedUntil !== null && Date.parse(user.bannedUntil) > Date.now()) {
			throw new Refusal(400, 'user_banned', 'User is banned');
		}
		if (user.password !== password) throw wrong;
		if (!user.confirmed) throw new Refusal(400, 'email_not_confirmed', 'Email not confirmed');
		const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
		const exp = Math.floor(Date.now() / 1000) + 3600;
		const claims = { sub: user.id, aud: 'authenticated', role: 'authenticated', exp };
		const signature = randomBytes(32).toString('base64url');
		const access = `${part({ alg: 'ES256', typ: 'JWT' })}.${part(claims)}.${signature}`;
		const refresh = randomBytes(9).toString('base64url');
		this.tokens.push(access, refresh);
		this.sessions.set(access, user);
		return {
			access_token: access,
			token_type: 'bearer',
			expires_in: 3600,
			expires_at: exp,
			refresh_token: refresh,
			user: view(user),
			weak_password: null,
		};
	}

	private signOut(request: IncomingMessage): null {
		const token = /^Bearer (.+)$/.exec(request.headers.authorization ?? '')?.[1] ?? '';
		if (!this.sessions.delete(token)) {
			throw new Refusal(
				403,
				'session_not_found',
				'Session from session_id claim in JWT does not exist',
			);
		}
		return null;
	}
}

function send(response: ServerResponse, status: number, value: object): void {
	response.writeHead(status, { 'content-type': 'application/json' });
	response.end(JSON.stringify(value));
}

function view(user: GoTrueUser): object {
	const at = '2026-11-01T10:00:00.000000Z';
	return {
		id: user.id,
		aud: 'authenticated',
		role: 'authenticated',
		email: user.email,
		...(user.confirmed ? { email_confirmed_at: at, confirmed_at: at } : {}),
		phone: '',
		last_sign_in_at: at,
		app_metadata: { provider: 'email', providers: ['email'], ...user.app_metadata },
		user_metadata: { email: user.email, ...user.user_metadata },
		identities: [],
		created_at: at,
		updated_at: at,
		...(user.bannedUntil === null ? {} : { banned_until: user.bannedUntil }),
		is_anonymous: false,
	};
}
