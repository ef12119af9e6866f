import { type ChildProcess, spawn } from 'node:child_process';
import { createHmac, randomBytes } from 'node:crypto';
import { mkdtempSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { freePort } from '../store/free-port';

export interface Reply {
	status: number;
	headers: Record<string, string>;
	text: string;
	body: Record<string, unknown>;
}

export interface CallOptions {
	token?: string;
	method?: 'GET' | 'POST';
	/** Bytes instead of JSON, with their type. */
	bytes?: { body: Uint8Array; mime: string };
	admin?: boolean;
}

/** A person on the server. */
export interface Person {
	did: string;
	handle: string;
	password: string;
	accessJwt: string;
	refreshJwt: string;
}

export interface Entry {
	uri: string;
	cid: string;
	value: Record<string, unknown>;
}

/** Bluesky's own server as a child process, and the calls the tests make on it themselves. */
export class Pds {
	private constructor(
		readonly url: string,
		private readonly child: ChildProcess,
		private readonly folder: string,
		private readonly secrets: { adminPassword: string; jwtSecret: string },
	) {}

	/** @param packages folder in which the server is installed */
	static async start(packages: string): Promise<Pds> {
		const folder = mkdtempSync(path.join(tmpdir(), 'musekit-pds-'));
		const secrets = {
			adminPassword: randomBytes(12).toString('hex'),
			jwtSecret: randomBytes(16).toString('hex'),
		};
		const [pdsPort, plcPort, appViewPort] = [await freePort(), await freePort(), await freePort()];
		const config = { folder, pdsPort, plcPort, appViewPort, ...secrets };
		const child = spawn(process.execPath, [path.join(__dirname, 'pds-process.mjs')], {
			cwd: packages,
			stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
			env: {
				...process.env,
				MUSEKIT_PDS: packages,
				PDS_CONFIG: JSON.stringify(config),
				LOG_ENABLED: 'false',
			},
		});
		let said = '';
		child.stderr?.on('data', (chunk: Buffer) => {
			said = (said + chunk.toString()).slice(-2000);
		});
		const url = await new Promise<string>((resolve, reject) => {
			child.once('exit', (code) => reject(new Error(`The server ended with ${code}: ${said}`)));
			if (child.stdout === null) return;
			createInterface({ input: child.stdout }).on('line', (line) => {
				if (line.startsWith('{"url"')) resolve((JSON.parse(line) as { url: string }).url);
			});
		});
		return new Pds(url, child, folder, secrets);
	}

	async call(
		nsid: string,
		input: Record<string, unknown> | undefined,
		{ token, method = 'POST', bytes, admin }: CallOptions = {},
	): Promise<Reply> {
		const query =
			method === 'GET' ? `?${new URLSearchParams(input as Record<string, string>).toString()}` : '';
		const basic = Buffer.from(`admin:${this.secrets.adminPassword}`).toString('base64');
		const authorization = admin ? `Basic ${basic}` : token ? `Bearer ${token}` : undefined;
		const json = method === 'POST' && input !== undefined && bytes === undefined;
		const answer = await fetch(`${this.url}/xrpc/${nsid}${query}`, {
			method,
			headers: {
				...(authorization ? { authorization } : {}),
				...(bytes ? { 'content-type': bytes.mime } : {}),
				...(json ? { 'content-type': 'application/json' } : {}),
			},
			body: bytes ? Buffer.from(bytes.body) : json ? JSON.stringify(input) : undefined,
		});
		const text = await answer.text();
		return {
			status: answer.status,
			headers: Object.fromEntries(answer.headers),
			text,
			body: text.startsWith('{') ? (JSON.parse(text) as Record<string, unknown>) : {},
		};
	}

	/** A new account; `name.test` is its handle. */
	async person(name: string): Promise<Person> {
		const password = randomBytes(9).toString('hex');
		const handle = `${name}-${randomBytes(3).toString('hex')}.test`;
		const { status, body } = await this.call('com.atproto.server.createAccount', {
			handle,
			email: `${handle.replace('.test', '')}@mail.test`,
			password,
		});
		if (status !== 200) throw new Error(`No account: ${JSON.stringify(body)}`);
		const text = (field: string) => String(body[field]);
		return {
			did: text('did'),
			handle,
			password,
			accessJwt: text('accessJwt'),
			refreshJwt: text('refreshJwt'),
		};
	}

	/** The ledger: every post of an account, oldest first. */
	async posts(did: string): Promise<Entry[]> {
		const { body } = await this.call(
			'com.atproto.repo.listRecords',
			{ repo: did, collection: 'app.bsky.feed.post', limit: '100', reverse: 'true' },
			{ method: 'GET' },
		);
		return body.records as Entry[];
	}

	/** Revision of an account's repository: any write changes it. */
	async revision(did: string): Promise<unknown> {
		const { body } = await this.call('com.atproto.sync.getRepoStatus', { did }, { method: 'GET' });
		return body.rev;
	}

	/** The same access token with its time run out, signed as the server signs. */
	expired(accessJwt: string): string {
		const [header = '', claims = ''] = accessJwt.split('.');
		const old = JSON.parse(Buffer.from(claims, 'base64url').toString()) as { iat: number };
		const payload = Buffer.from(
			JSON.stringify({ ...old, iat: old.iat - 7300, exp: old.iat - 100 }),
		).toString('base64url');
		const mac = createHmac('sha256', this.secrets.jwtSecret).update(`${header}.${payload}`);
		return `${header}.${payload}.${mac.digest('base64url')}`;
	}

	async stop(): Promise<void> {
		const gone = new Promise((resolve) => this.child.once('exit', resolve));
		this.child.kill('SIGTERM');
		await gone;
		await rm(this.folder, { recursive: true, force: true });
	}
}
