import { setTimeout as sleep } from 'node:timers/promises';
import type { SystemAccess } from './access';

export interface WorkflowNode {
	id: string;
	name: string;
	type: string;
	typeVersion: number;
	position: [number, number];
	parameters: Record<string, unknown>;
	credentials?: Record<string, { id: string; name: string }>;
	webhookId?: string;
	retryOnFail?: boolean;
	maxTries?: number;
	waitBetweenTries?: number;
	onError?: 'continueRegularOutput' | 'continueErrorOutput' | 'stopWorkflow';
	[setting: string]: unknown;
}

type Connections = Record<
	string,
	{ main: ({ node: string; type: 'main'; index: number }[] | null)[] }
>;

export interface WorkflowDraft {
	name: string;
	nodes: WorkflowNode[];
	connections: Connections;
	settings: Record<string, unknown>;
}

export interface Workflow extends WorkflowDraft {
	id: string;
	versionId: string;
	active: boolean;
}

export interface ExecutionError {
	message: string;
	description?: string | null;
	name?: string;
	context?: Record<string, unknown>;
}

export interface OutputItem {
	json: Record<string, unknown>;
	pairedItem?: { item: number } | { item: number }[] | number;
	error?: unknown;
}

interface NodeRun {
	executionStatus: string;
	error?: ExecutionError;
	data?: { main: (OutputItem[] | null)[] };
}

export interface Execution {
	id: string;
	status: 'new' | 'running' | 'success' | 'error' | 'canceled' | 'crashed' | 'waiting';
	finished: boolean;
	mode: string;
	retryOf: string | null;
	data: { resultData: { runData: Record<string, NodeRun[]>; error?: ExecutionError } };
}

export interface ExecutionSummary {
	id: string;
	status: Execution['status'];
	mode: string;
	retryOf: string | null;
}

/** Scopes of the public API key: executions are read there because they come as plain JSON. */
const API_SCOPES = ['execution:read', 'execution:list', 'execution:delete'];
const OVER = new Set(['success', 'error', 'canceled', 'crashed']);

/** n8n as its editor (session cookie, `/rest`) and its public API (`/api/v1`) offer it. */
export class N8nClient {
	private constructor(
		readonly url: string,
		private readonly cookie: string,
		private readonly apiKey: string,
	) {}

	/** Signs in as the owner and makes an API key. */
	static async signIn(access: SystemAccess['n8n']): Promise<N8nClient> {
		const login = await fetch(`${access.url}/rest/login`, {
			method: 'POST',
			headers: { 'content-type': 'application/json' },
			body: JSON.stringify({ emailOrLdapLoginId: access.email, password: access.password }),
		});
		if (!login.ok) throw new Error(`n8n refused the sign-in: ${login.status}`);
		const cookie = login.headers
			.getSetCookie()
			.map((header) => header.split(';')[0])
			.join('; ');
		const session = new N8nClient(access.url, cookie, '');
		const label = `e2e ${process.pid} ${Date.now()}`;
		const body = { label, scopes: API_SCOPES, expiresAt: null };
		const { rawApiKey } = await session.rest<{ rawApiKey: string }>('POST', '/api-keys', body);
		return new N8nClient(access.url, cookie, rawApiKey);
	}

	/** A call of the editor's API; answers its `data`. */
	async rest<T>(method: string, path: string, body?: unknown): Promise<T> {
		const response = await fetch(`${this.url}/rest${path}`, {
			method,
			headers: { cookie: this.cookie, 'content-type': 'application/json' },
			...(body === undefined ? {} : { body: JSON.stringify(body) }),
		});
		const text = await response.text();
		if (!response.ok)
			throw new Error(`n8n ${method} ${path}: ${response.status} ${reasonIn(text)}`);
		return (JSON.parse(text === '' ? '{}' : text) as { data: T }).data;
	}

	async createCredential(
		name: string,
		data: Record<string, unknown>,
		type = 'museKitSocialApi',
	): Promise<string> {
		return (await this.rest<{ id: string }>('POST', '/credentials', { name, type, data })).id;
	}

	/**
	 * "Connect" of an OAuth2 credential: asks for the platform's page as the editor does,
	 * lets the person decide there, and comes back to n8n's callback in the same browser.
	 */
	async signInWith(
		credentialId: string,
		decide: (page: URL) => Promise<URL>,
	): Promise<{ page: URL; back: URL; status: number; text: string }> {
		const path = `/rest/oauth2-credential/auth?id=${credentialId}`;
		const begun = await fetch(`${this.url}${path}`, { headers: { cookie: this.cookie } });
		const body = await begun.text();
		if (!begun.ok) throw new Error(`n8n GET ${path}: ${begun.status} ${reasonIn(body)}`);
		const page = new URL((JSON.parse(body) as { data: string }).data);
		const back = await decide(page);
		const binding = begun.headers.getSetCookie().map((header) => header.split(';')[0]);
		const answer = await fetch(back, { headers: { cookie: [this.cookie, ...binding].join('; ') } });
		return { page, back, status: answer.status, text: await answer.text() };
	}

	/** Replaces the entries of a credential. */
	async updateCredential(id: string, name: string, data: Record<string, unknown>): Promise<void> {
		await this.rest('PATCH', `/credentials/${id}`, { name, type: 'museKitSocialApi', data });
	}

	/** What the editor's "Test" of a credential with these entries says. */
	async testCredential(
		data: Record<string, unknown>,
	): Promise<{ status: 'OK' | 'Error'; message: string }> {
		const credentials = { id: '', name: 'tested', type: 'museKitSocialApi', data };
		return await this.rest('POST', '/credentials/test', { credentials });
	}

	async createWorkflow(draft: WorkflowDraft): Promise<Workflow> {
		return await this.rest<Workflow>('POST', '/workflows', draft);
	}

	async workflow(id: string): Promise<Workflow> {
		return await this.rest<Workflow>('GET', `/workflows/${id}`);
	}

	/** Publishes the newest version: its triggers run from now on. */
	async activate(id: string): Promise<void> {
		const { versionId } = await this.workflow(id);
		await this.rest('POST', `/workflows/${id}/activate`, { versionId });
	}

	async deactivate(id: string): Promise<void> {
		await this.rest('POST', `/workflows/${id}/deactivate`, {});
	}

	/** Runs an unpublished workflow as the editor's "Execute workflow" does; answers the execution id. */
	async runManually(id: string, triggerName: string): Promise<string> {
		const workflowData = await this.workflow(id);
		const { executionId } = await this.rest<{ executionId: string }>(
			'POST',
			`/workflows/${id}/run`,
			{ workflowData, triggerToStartFrom: { name: triggerName } },
		);
		return executionId;
	}

	/** Calls a production webhook, waiting out the moment until n8n has registered it. */
	async callWebhook(path: string, init: RequestInit): Promise<{ status: number; body: unknown }> {
		for (let tries = 1; ; tries++) {
			const response = await fetch(`${this.url}/webhook/${path}`, { method: 'POST', ...init });
			const text = await response.text();
			const isMissing = response.status === 404 && text.includes('is not registered');
			if (isMissing && tries < 40) {
				await sleep(250);
				continue;
			}
			return { status: response.status, body: parsed(text) };
		}
	}

	/** Saved and running executions of a workflow, newest first. */
	async executions(workflowId: string): Promise<ExecutionSummary[]> {
		const filter = encodeURIComponent(JSON.stringify({ workflowId }));
		const found = await this.rest<{ results: ExecutionSummary[] }>(
			'GET',
			`/executions?filter=${filter}&limit=100`,
		);
		return found.results;
	}

	async execution(id: string): Promise<Execution> {
		const response = await fetch(`${this.url}/api/v1/executions/${id}?includeData=true`, {
			headers: { 'X-N8N-API-KEY': this.apiKey },
		});
		if (!response.ok) throw new Error(`n8n execution ${id}: ${response.status}`);
		return (await response.json()) as Execution;
	}

	/** The execution once it is over. */
	async finished(id: string): Promise<Execution> {
		for (;;) {
			const execution = await this.execution(id);
			if (OVER.has(execution.status)) return execution;
			await sleep(150);
		}
	}

	/** The newest execution of a workflow that is not among `known`, as soon as there is one. */
	async newExecution(workflowId: string, known: string[] = []): Promise<string> {
		for (;;) {
			const fresh = (await this.executions(workflowId)).filter(({ id }) => !known.includes(id));
			if (fresh.length > 0) return fresh[0].id;
			await sleep(100);
		}
	}

	/** "Retry" in the executions list: with the workflow as it was, or as it is saved now. */
	async retry(id: string, loadWorkflow = false): Promise<Execution> {
		const retried = await this.rest<{ id: string }>('POST', `/executions/${id}/retry`, {
			loadWorkflow,
		});
		return await this.finished(retried.id);
	}

	async stopExecution(id: string): Promise<void> {
		await this.rest('POST', `/executions/${id}/stop`, {});
	}

	async deleteExecutions(ids: string[]): Promise<void> {
		await this.rest('POST', '/executions/delete', { ids });
	}
}

/** n8n answers errors with a stack trace that nobody wants to read in a test report. */
function reasonIn(text: string): string {
	const answer = parsed(text) as { message?: string } | string;
	return typeof answer === 'string' ? answer.slice(0, 200) : (answer.message ?? text);
}

function parsed(text: string): unknown {
	try {
		return JSON.parse(text);
	} catch {
		return text;
	}
}

/** All items that a node put out, over all its runs. */
export function outputOf(execution: Execution, nodeName: string): OutputItem[] {
	const runs = execution.data.resultData.runData[nodeName] ?? [];
	return runs.flatMap((run) => (run.data?.main ?? []).flatMap((items) => items ?? []));
}

/** What stopped the execution. */
export function errorOf(execution: Execution): ExecutionError {
	const { error } = execution.data.resultData;
	if (!error) throw new Error(`Execution ${execution.id} has no error (${execution.status})`);
	return error;
}
