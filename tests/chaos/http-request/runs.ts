import { Client } from 'pg';
import type { N8n } from '../../takeover/system/n8n';
import { webhookPath } from '../../e2e/system/system';
import type { Workflow } from '../../e2e/system/n8n-client';
import type { ClassicPost } from './posts';

/** Runs that a person sets going again at the same time. */
const RETRIES_AT_ONCE = 60;

/** Sends one post by one run; notes how the run ended. */
export async function send(n8n: N8n, workflow: Workflow, post: ClassicPost): Promise<void> {
	try {
		const { status } = await n8n.client.callWebhook(webhookPath(workflow), {
			headers: { 'content-type': 'application/json' },
			body: JSON.stringify(post.order),
		});
		post.end = status === 200 ? 'success' : 'error';
	} catch {
		post.end = 'cut';
	}
}

/** How the executions list was used. */
export interface Retried {
	found: number;
	/** n8n did not run it again; its words, each once. */
	refused: number;
	words: string[];
}

/**
 * "Retry" in the executions list for every run of these posts that failed or was cut off, once.
 * Which run belongs to which post is read from what n8n saved of it.
 */
export async function retryFailed(n8n: N8n, posts: ClassicPost[]): Promise<Retried> {
	const byText = new Map(posts.map((post) => [post.order.text, post]));
	const failed = await failedRuns(n8n);
	const retried: Retried = { found: 0, refused: 0, words: [] };
	const work = failed.flatMap(({ id, data }) => {
		const text = /Post [0-9a-f-]{36}/.exec(data)?.[0];
		const post = text === undefined ? undefined : byText.get(text);
		return post === undefined || post.end === 'success' ? [] : [{ id, post }];
	});
	retried.found = work.length;
	const next = async (): Promise<void> => {
		for (let one = work.shift(); one !== undefined; one = work.shift()) {
			try {
				const execution = await n8n.client.retry(one.id);
				one.post.end = execution.status === 'success' ? 'success' : 'error';
			} catch (error) {
				retried.refused += 1;
				const said = String(error).replace(/executions\/\d+/, 'executions/…');
				if (!retried.words.includes(said)) retried.words.push(said);
			}
		}
	};
	await Promise.all(Array.from({ length: RETRIES_AT_ONCE }, next));
	return retried;
}

/** Runs that n8n lists as failed or crashed, with what it saved of them. */
async function failedRuns(n8n: N8n): Promise<{ id: string; data: string }[]> {
	const { port, password } = n8n.options.database;
	const client = new Client({
		connectionString: `postgres://postgres:${encodeURIComponent(password)}@127.0.0.1:${port}/postgres`,
	});
	await client.connect();
	try {
		const { rows } = await client.query<{ id: string; data: string }>(
			`select e.id::text as id, d.data::text as data from execution_entity e
			join execution_data d on d."executionId" = e.id
			where e.status in ('error', 'crashed') and e."retrySuccessId" is null
			order by e.id`,
		);
		return rows;
	} finally {
		await client.end();
	}
}
