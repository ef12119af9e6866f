import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { startSandbox, type RunningSandbox } from '../../../sandbox/src/server';
import type { Workflow } from '../../e2e/system/n8n-client';
import { makeImage } from '../../e2e/system/system';
import type { Kind } from '../../takeover/system/world';
import { FAULTS, type PlannedTrial } from '../n8n/plan';
import { count, quiesce, type N8nChaosOptions } from '../n8n/run';
import { dueAfterMaking, Stage, type Trial } from '../n8n/stage';
import { Tally, type ChaosReport } from '../report';
import { CLASSIC_FAULTS, LATE_MS, type ClassicFault } from './faults';
import { classicPost, COLUMNS, hasMetFault, type ClassicPost, type Column } from './posts';
import { retryFailed, send } from './runs';
import { cellsOf, markdown, rowsOf, type ComparisonRow } from './table';
import { postingWorkflow } from './workflows';

/** Runs that hang at the same time when n8n is killed. */
const PER_KILL = 300;
/** Runs under way at the same time otherwise. */
const AT_ONCE = 110;
const MEET_MS = 25_000;
/** Our own node beside it, on the platforms without a rule against equal posts. */
const OUR_KINDS: readonly Kind[] = ['x', 'linkedin page', 'instagram', 'bluesky'];
const OURS_PER_FAULT = 3;

/** What was measured; `comparison` holds the HTTP Request node, the sums hold ours. */
export interface HttpRequestReport extends ChaosReport {
	comparison: ComparisonRow[];
}

/**
 * The faults of `npm run chaos`, on what people use today: n8n's HTTP Request node with Retry On
 * Fail. `trials` is the number of posts for each fault and column. A few posts of our node meet the
 * same faults, and the same kills, in the same n8n.
 */
export async function runHttpRequest(options: N8nChaosOptions): Promise<HttpRequestReport> {
	const began = Date.now();
	const stage = await Stage.start({ ...options, duplicateRules: false });
	const strict = await startSandbox({ port: 0 });
	const pictures = await servePicture();
	try {
		const comparison = new Comparison(stage, strict, pictures.url, options);
		await comparison.run();
		const tally = new Tally();
		await quiesce(stage, comparison.ours);
		for (const trial of comparison.ours) await count(stage, trial, options, tally);
		const seconds = (Date.now() - began) / 1000;
		const report = tally.report({ seed: options.seed, seconds, notes: comparison.notes() });
		const cells = [...cellsOf(comparison.rows), ...report.cells];
		const trials = cells.reduce((total, cell) => total + cell.trials, 0);
		return { ...report, trials, cells, comparison: comparison.rows };
	} finally {
		pictures.server.closeAllConnections();
		pictures.server.close();
		await strict.stop();
		await stage.stop();
	}
}

/** Where Instagram fetches its picture. */
async function servePicture(): Promise<{ server: Server; url: string }> {
	const bytes = await makeImage(0);
	const server = createServer((_request, response) => {
		response.writeHead(200, { 'content-type': 'image/jpeg' }).end(bytes);
	});
	await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
	return { server, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/picture.jpg` };
}

class Comparison {
	readonly ours: Trial[] = [];
	rows: ComparisonRow[] = [];
	private readonly posts: ClassicPost[] = [];
	private readonly workflows = new Map<Column['platform'], Workflow>();
	private readonly said: string[] = [];

	constructor(
		private readonly stage: Stage,
		private readonly strict: RunningSandbox,
		private readonly imageUrl: string,
		private readonly options: N8nChaosOptions,
	) {}

	async run(): Promise<void> {
		const { n8n } = this.stage.world;
		for (const platform of ['x', 'linkedin', 'instagram'] as const) {
			const made = await n8n.client.createWorkflow(postingWorkflow(platform));
			await n8n.client.activate(made.id);
			this.workflows.set(platform, made);
		}
		const { fault: wanted } = this.options;
		const chosen = CLASSIC_FAULTS.filter(
			({ name, ours }) => wanted === null || wanted === name || wanted === ours,
		);
		for (const fault of chosen.filter(({ kills }) => !kills)) await this.onTheWire(fault);
		await this.killed(chosen.filter(({ kills }) => kills));
		this.rows = rowsOf(this.posts, 'nothing');
		this.stage.say('"Retry" in the executions list for every run that failed or was cut off');
		const retried = await retryFailed(n8n, this.posts);
		this.said.push(
			`Retried from the executions list: ${retried.found} runs, of which n8n refused ${retried.refused}` +
				(retried.words.length > 0 ? `: ${retried.words.join('; ')}` : ''),
		);
		this.rows = [...this.rows, ...rowsOf(this.posts, 'retried from the executions list')];
	}

	notes(): string[] {
		return [
			'',
			'HTTP Request node, Retry On Fail (3 tries, 5 s apart, 30 s for an answer), one post for each run;',
			'duplicates / losses per 100 posts:',
			'',
			markdown(this.rows),
			'',
			...this.said,
		];
	}

	private make(fault: ClassicFault): ClassicPost[] {
		return COLUMNS.filter(
			({ platform }) => this.options.platform === null || this.options.platform === platform,
		).flatMap((column) =>
			Array.from({ length: this.options.trials }, () =>
				classicPost(
					column,
					fault,
					column.rule ? this.strict : this.stage.world.sandbox,
					this.imageUrl,
				),
			),
		);
	}

	/** Our node's posts that meet the same fault, due when they are made. */
	private async makeOurs(faults: ClassicFault[]): Promise<void> {
		const planned = faults.flatMap(({ ours }) => {
			const fault = FAULTS.find(({ name }) => name === ours);
			if (fault === undefined) return [];
			const able = OUR_KINDS.filter(
				(kind) =>
					fault.notOn?.includes(kind) !== true &&
					(kind !== 'bluesky' || this.stage.world.pds !== null) &&
					(this.options.platform === null || this.options.platform === kind.split(' ')[0]),
			);
			const each = Math.min(OURS_PER_FAULT, this.options.trials);
			return able.flatMap((kind) =>
				Array.from({ length: each }, (): PlannedTrial => ({ index: 0, kind, fault })),
			);
		});
		const due = dueAfterMaking(planned.length);
		this.ours.push(...(await this.stage.prepare(planned, due)));
		await this.stage.makeRoom(planned.length);
		await this.stage.wait(due - Date.now());
	}

	private sendAll(posts: ClassicPost[], atOnce: number): Promise<void[]> {
		const queue = [...posts];
		const next = async (): Promise<void> => {
			for (let post = queue.shift(); post !== undefined; post = queue.shift()) {
				const workflow = this.workflows.get(post.column.platform);
				if (workflow !== undefined) await send(this.stage.world.n8n, workflow, post);
			}
		};
		this.posts.push(...posts);
		return Promise.all(Array.from({ length: Math.min(atOnce, posts.length) }, next));
	}

	private async onTheWire(fault: ClassicFault): Promise<void> {
		this.stage.say(fault.name);
		await this.makeOurs([fault]);
		await this.sendAll(this.make(fault), AT_ONCE);
	}

	/** Posts hang at their points, n8n gets SIGKILL and starts again; so often as there are posts. */
	private async killed(faults: ClassicFault[]): Promise<void> {
		const { n8n } = this.stage.world;
		const waiting = faults.flatMap((fault) => this.make(fault));
		for (let kill = 0; waiting.length > 0; kill++) {
			const hanging = waiting.splice(0, PER_KILL);
			this.stage.say(`kill ${kill + 1}: ${hanging.length} runs`);
			if (kill === 0) await this.makeOurs(faults);
			const over = this.sendAll(hanging, hanging.length);
			const all = await this.stage.until(() => hanging.every(hasMetFault), MEET_MS);
			if (!all) {
				const met = hanging.filter(hasMetFault).length;
				this.said.push(`At kill ${kill + 1} only ${met} of ${hanging.length} runs hung`);
			}
			await n8n.kill();
			await over;
			await n8n.start();
			await this.stage.n8nIsMain();
		}
		// What was on its way at the kill arrives at the platform.
		await this.stage.wait(LATE_MS);
	}
}
