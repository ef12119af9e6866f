import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import {
	placePack,
	startN8n,
	startN8nWorker,
	type N8nOptions,
	type RunningN8n,
} from '../../../scripts/n8n/instance';
import {
	removeRootState,
	startPostgres,
	type RunningPostgres,
} from '../../../supabase/embedded/postgres';
import { N8nClient, type Workflow } from '../../e2e/system/n8n-client';
import { webhookPath } from '../../e2e/system/system';
import { chain, socialPost, webhook } from '../../e2e/system/workflows';
import { freePort } from '../../store/free-port';

const TEMPLATE = path.resolve(__dirname, '../../../workflows/publish-due-posts.json');

export interface CredentialData {
	url: string;
	secretKey: string;
	vaultKey: string;
	companionUrl: string;
}

interface Access {
	client: N8nClient;
	credentialId: string;
}

function fromEnvironment(name: string): string {
	const value = process.env[name];
	if (!value) throw new Error(`${name} is not set: start these tests with "npm run test:takeover"`);
	return value;
}

/** A real n8n that may be killed, frozen and started again on the same data. */
export class N8n {
	private running: RunningN8n | null = null;
	private readonly workers: RunningN8n[] = [];
	private access: Access | null = null;

	private constructor(
		readonly options: N8nOptions,
		private readonly database: RunningPostgres,
		private readonly folder: string,
		private readonly credential: CredentialData,
	) {}

	/** Database, pack and data folder; the process itself is started by `start`. */
	static async prepare(
		folder: string,
		credential: CredentialData,
		env: Record<string, string> = {},
	): Promise<N8n> {
		const [databasePort, port, brokerPort] = [await freePort(), await freePort(), await freePort()];
		const password = randomBytes(24).toString('base64url');
		const database = await startPostgres({
			repo: folder,
			folder: path.join(folder, 'postgres'),
			name: 'n8n',
			port: databasePort,
			password,
		});
		const owner = randomBytes(12).toString('base64url');
		const options: N8nOptions = {
			n8nFolder: fromEnvironment('MUSEKIT_N8N'),
			packTarball: fromEnvironment('MUSEKIT_PACK'),
			userFolder: path.join(folder, 'n8n'),
			port,
			brokerPort,
			database: { port: databasePort, password },
			encryptionKey: randomBytes(32).toString('base64url'),
			owner: { email: 'owner@musekit.local', password: `${owner}A7` },
			logFile: path.join(folder, 'n8n.log'),
			env: { N8N_LOG_LEVEL: 'info', N8N_LOG_FORMAT: 'json', ...env },
		};
		await placePack(options);
		return new N8n(options, database, folder, credential);
	}

	get healthUrl(): string {
		return `http://127.0.0.1:${this.options.port}/healthz`;
	}

	get client(): N8nClient {
		return this.open().client;
	}

	/** Starts it, or starts it again; its credential is made the first time. */
	async start(env: Record<string, string> = {}): Promise<void> {
		this.running = await startN8n({ ...this.options, env: { ...this.options.env, ...env } });
		const { owner, userFolder, logFile } = this.options;
		const { url } = this.running;
		const client = await N8nClient.signIn({ url, ...owner, userFolder, logFile });
		const credentialId =
			this.access?.credentialId ??
			(await client.createCredential('MuseKit Social', { ...this.credential }));
		this.access = { client, credentialId };
	}

	/** One more worker (queue mode) that runs so many executions at a time. */
	async startWorker(concurrency: number): Promise<RunningN8n> {
		const ports = { port: await freePort(), brokerPort: await freePort() };
		const worker = await startN8nWorker(this.options, { ...ports, concurrency });
		this.workers.push(worker);
		return worker;
	}

	/** SIGKILL for n8n and everything it started, as a machine that goes away. */
	async kill(): Promise<void> {
		await this.end(this.process());
		this.running = null;
	}

	async killWorker(worker: RunningN8n): Promise<void> {
		await this.end(worker);
	}

	/** Freezes or thaws n8n and everything it started. */
	signal(name: 'SIGSTOP' | 'SIGCONT'): void {
		process.kill(-this.process().pid, name);
	}

	/** From now on n8n reaches the store at another address. */
	async reachStoreAt(url: string): Promise<void> {
		const { client, credentialId } = this.open();
		await client.updateCredential(credentialId, 'MuseKit Social', { ...this.credential, url });
	}

	/** Ends in order. */
	async stop(): Promise<void> {
		await this.running?.stop();
		this.running = null;
	}

	async remove(): Promise<void> {
		for (const one of [...this.workers, ...(this.running === null ? [] : [this.running])]) {
			await this.end(one);
		}
		await this.database.stop();
		await removeRootState(this.folder);
	}

	/** The shipped template with this rhythm, switched on. */
	async publishDueEvery(seconds: number, watchForSeconds: number): Promise<Workflow> {
		const template = JSON.parse(readFileSync(TEMPLATE, 'utf8')) as Workflow;
		const { client, credentialId } = this.open();
		const made = await client.createWorkflow({
			name: `Publish due posts every ${seconds} s`,
			settings: template.settings,
			connections: template.connections,
			nodes: template.nodes.map((node) => {
				if (node.type === 'n8n-nodes-base.scheduleTrigger') {
					const interval = [{ field: 'seconds', secondsInterval: seconds }];
					return { ...node, parameters: { rule: { interval } } };
				}
				if (!node.credentials) return node;
				const options = { watchForSeconds, intervalSeconds: seconds, maxPosts: 200 };
				return {
					...node,
					parameters: { ...node.parameters, options },
					credentials: { museKitSocialApi: { id: credentialId, name: 'MuseKit Social' } },
				};
			}),
		});
		await client.activate(made.id);
		return made;
	}

	/** A published workflow: webhook, then Social Post with these parameters. */
	async installWebhook(
		name: string,
		parameters: Record<string, unknown>,
		respond: 'onReceived' | 'lastNode' = 'onReceived',
	): Promise<Workflow> {
		const { client, credentialId } = this.open();
		const made = await client.createWorkflow(
			chain(name, [webhook(name, { respond }), socialPost(parameters, credentialId)]),
		);
		await client.activate(made.id);
		return made;
	}

	async call(workflow: Workflow, body: unknown = {}): Promise<void> {
		const { status } = await this.client.callWebhook(webhookPath(workflow), {
			headers: { 'content-type': 'application/json' },
			body: JSON.stringify(body),
		});
		if (status !== 200) throw new Error(`n8n answered ${status} on a webhook`);
	}

	private process(): RunningN8n {
		if (this.running === null) throw new Error('n8n is not running');
		return this.running;
	}

	private open(): Access {
		if (this.access === null) throw new Error('n8n was never started');
		return this.access;
	}

	private async end({ pid, ended }: RunningN8n): Promise<void> {
		try {
			process.kill(-pid, 'SIGKILL');
		} catch {
			// It is gone already.
		}
		await ended;
	}
}
