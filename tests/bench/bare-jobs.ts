import { readFileSync } from 'node:fs';
import { randomUUID } from 'node:crypto';
import { Pool } from 'pg';
import { createHttpPort } from '../../fallback-runner/src/ports/http';
import { begin, postgresDriver, redisDriver } from '../../fallback-runner/src/queue/drivers';

export interface BareJobsConfig {
	backend: 'redis' | 'postgres';
	/** Of the backend. */
	url: string;
	/** Base URL of X in the sandbox. */
	platformUrl: string;
	/** One is used by each job, in turn. */
	accessTokens: string[];
	jobs: number;
	concurrency: number;
	/** First word of every text. */
	label: string;
	/** A database in which each job commits two rows before its request and one after it. */
	commitsTo?: string;
}

interface Job {
	accessToken: string;
	text: string;
}

const LIMIT_MS = 30_000;
const BATCH = 500;
/** As many as the gateway uses. */
const CONNECTIONS = 10;

/**
 * The reference: BullMQ jobs that send the same request through the same client, and nothing else.
 * No lease, no intent, no evidence; a worker that dies repeats its jobs. The queue is filled first,
 * then one worker runs, then the process ends. With `commitsTo` a job also makes three durable
 * commits of one row each: the least that any claim, intent and evidence can cost.
 */
async function main(): Promise<void> {
	const config = JSON.parse(readFileSync(process.argv[2], 'utf8')) as BareJobsConfig;
	const driver =
		config.backend === 'redis'
			? redisDriver(config.url)
			: postgresDriver(config.url, 'bare_jobs_queue');
	await driver.open();
	const queue = driver.queue(config.label);
	const tokens = config.accessTokens;
	const jobs = Array.from({ length: config.jobs }, (_, at) => ({
		name: 'post',
		data: {
			accessToken: tokens[at % tokens.length],
			text: `${config.label} ${randomUUID()}`,
		} satisfies Job,
		opts: { removeOnComplete: true },
	}));
	for (let at = 0; at < jobs.length; at += BATCH) await queue.addBulk(jobs.slice(at, at + BATCH));
	process.stdout.write(`${JSON.stringify({ ready: true })}\n`);
	const http = createHttpPort();
	const commit = await committer(config.commitsTo);
	let left = config.jobs;
	await new Promise<void>((resolve, reject) => {
		const work = async (data: unknown): Promise<void> => {
			const { accessToken, text } = data as Job;
			await commit(text, 'claim');
			await commit(text, 'intent');
			const answer = await http.send({
				method: 'POST',
				url: `${config.platformUrl}/2/tweets`,
				headers: { authorization: `Bearer ${accessToken}`, 'content-type': 'application/json' },
				body: JSON.stringify({ text }),
				limitMs: LIMIT_MS,
			});
			if (answer.kind !== 'response' || answer.status !== 201) {
				reject(new Error(`The sandbox refused a bare job: ${JSON.stringify(answer)}`));
			}
			await commit(text, 'evidence');
			left -= 1;
			if (left === 0) resolve();
		};
		const worker = driver.worker(config.label, work, { concurrency: config.concurrency });
		begin(worker, reject).catch(reject);
	});
}

type Commit = (text: string, step: string) => Promise<void>;

async function committer(url: string | undefined): Promise<Commit> {
	if (url === undefined) return async () => await Promise.resolve();
	const pool = new Pool({ connectionString: url, max: CONNECTIONS });
	await pool.query('create table if not exists bare_commits (text text, step text)');
	const insert = { name: 'commit', text: 'insert into bare_commits values ($1, $2)' };
	return async (text, step) => {
		await pool.query({ ...insert, values: [text, step] });
	};
}

main().then(
	() => process.exit(0),
	(error: unknown) => {
		process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
		process.exit(1);
	},
);
