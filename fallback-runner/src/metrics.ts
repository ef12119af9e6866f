import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';
import type { StorePort } from '../../core/ports';
import type { CarryEnd } from '../../core/publishing/carrier';
import type { JobKind } from './jobs/catalog';
import { JOB_KINDS } from './jobs/catalog';
import type { Look } from './lag-watch';
import type { ProbeState } from './n8n-watch';
import type { QueueCounts } from './queue/wake-queue';
import type { WakeMode } from './queue/wakeups';

/** What is asked when somebody reads the metrics. */
export interface MetricSources {
	look(): Promise<Look>;
	queueCounts(): Promise<Record<JobKind, QueueCounts> | null>;
	running(): Record<JobKind, number>;
	mode(): WakeMode;
	probe(): ProbeState;
	backingOff(): boolean;
}

const MODES: WakeMode[] = ['queue', 'timer', 'lost'];
const ENDS: CarryEnd[] = [
	'published',
	'failed',
	'needs_review',
	'scheduled',
	'missed',
	'cancelled',
];

/** Metrics of one runner in Prometheus text, in a registry of its own. */
export class Metrics {
	readonly registry = new Registry();
	private readonly carried: Counter<'end'>;
	private readonly refreshes: Counter<'result'>;
	private readonly jobs: Counter<'kind' | 'result'>;
	private readonly jobSeconds: Histogram<'kind'>;

	constructor(private readonly sources: MetricSources) {
		const registers = [this.registry];
		this.carried = new Counter({
			name: 'musekit_posts_carried_total',
			help: 'Carries by how they ended (published, failed, needs_review, scheduled: handed back, …)',
			labelNames: ['end'],
			registers,
		});
		for (const end of ENDS) this.carried.inc({ end }, 0);
		this.refreshes = new Counter({
			name: 'musekit_token_refreshes_total',
			help: 'Access tokens that this runner renewed, and those given up',
			labelNames: ['result'],
			registers,
		});
		for (const result of ['saved', 'given_up']) this.refreshes.inc({ result }, 0);
		this.jobs = new Counter({
			name: 'musekit_jobs_total',
			help: 'Jobs by kind and result, from the queue and from the timer',
			labelNames: ['kind', 'result'],
			registers,
		});
		this.jobSeconds = new Histogram({
			name: 'musekit_job_seconds',
			help: 'Time that jobs took',
			labelNames: ['kind'],
			buckets: [0.01, 0.1, 1, 5, 30, 120],
			registers,
		});
		for (const kind of JOB_KINDS) {
			for (const result of ['done', 'failed']) this.jobs.inc({ kind, result }, 0);
		}
		this.addStoreGauges(registers);
		this.addQueueGauges(registers);
		collectDefaultMetrics({ register: this.registry });
	}

	noteCarried(end: CarryEnd, times = 1): void {
		this.carried.inc({ end }, times);
	}

	noteJob(kind: JobKind, result: 'done' | 'failed', ms: number): void {
		this.jobs.inc({ kind, result });
		this.jobSeconds.observe({ kind }, ms / 1000);
	}

	/** A store port that counts the token refreshes going through it. */
	counting(port: StorePort): StorePort {
		return {
			...port,
			rpc: async <T>(name: string, args: Record<string, unknown>) => {
				const answer = await port.rpc<T>(name, args);
				if (answer.kind !== 'ok') return answer;
				const { saved } = (answer.value ?? {}) as { saved?: boolean };
				if (name === 'social_token_save' && saved) this.refreshes.inc({ result: 'saved' });
				if (name === 'social_token_give_up') this.refreshes.inc({ result: 'given_up' });
				return answer;
			},
		};
	}

	private addStoreGauges(registers: Registry[]): void {
		const gauge = (name: string, help: string, read: (look: Look) => number | null) =>
			new Gauge({
				name,
				help,
				registers,
				collect: async () => {
					const value = read(await this.sources.look());
					const own = registers[0].getSingleMetric(name) as Gauge;
					if (value === null) own.reset();
					else own.set(value);
				},
			});
		gauge('musekit_store_up', '1 when the store answers', ({ view }) => (view === null ? 0 : 1));
		gauge('musekit_overloaded', '1 while the lag is above its threshold', (look) =>
			look.overloaded ? 1 : 0,
		);
		gauge(
			'musekit_lag_seconds',
			'How long the longest-waiting account could have been served already',
			({ view }) => (view === null ? null : view.lagMs / 1000),
		);
		gauge('musekit_posts_due', 'Posts whose time has come and that nobody works on', ({ view }) =>
			view === null ? null : view.due,
		);
		gauge('musekit_oldest_due_seconds', 'Age of the oldest due post', ({ view }) => {
			if (view === null) return null;
			if (view.oldestDueAt === null) return 0;
			return Math.max(0, Date.parse(view.storeNow) - Date.parse(view.oldestDueAt)) / 1000;
		});
		gauge('musekit_posts_in_flight', 'Posts under a claim of any carrier', ({ view }) =>
			view === null ? null : view.inFlight,
		);
		gauge('musekit_posts_carrying', 'Posts under a claim of this runner', ({ view }) =>
			view === null ? null : view.carrying,
		);
		gauge('musekit_platforms_paused', 'Platforms that count as down', ({ view }) =>
			view === null ? null : view.outages.length,
		);
		gauge('musekit_n8n_heartbeat_fresh', '1 while n8n goes first', ({ view }) =>
			view === null ? null : view.n8n?.fresh ? 1 : 0,
		);
	}

	private addQueueGauges(registers: Registry[]): void {
		const { sources } = this;
		new Gauge({
			name: 'musekit_queue_depth',
			help: 'Wake-ups in the queue by kind and state; absent while no queue answers',
			labelNames: ['kind', 'state'],
			registers,
			async collect() {
				this.reset();
				const counts = await sources.queueCounts();
				for (const kind of JOB_KINDS) {
					for (const [state, count] of Object.entries(counts?.[kind] ?? {})) {
						this.set({ kind, state }, count);
					}
				}
			},
		});
		new Gauge({
			name: 'musekit_jobs_running',
			help: 'Jobs that run in this process by kind',
			labelNames: ['kind'],
			registers,
			collect() {
				const running = sources.running();
				for (const kind of JOB_KINDS) this.set({ kind }, running[kind]);
			},
		});
		new Gauge({
			name: 'musekit_wake_mode',
			help: '1 for what wakes the runner now: queue, timer (none configured) or lost',
			labelNames: ['mode'],
			registers,
			collect() {
				for (const mode of MODES) this.set({ mode }, mode === sources.mode() ? 1 : 0);
			},
		});
		new Gauge({
			name: 'musekit_n8n_probe_up',
			help: "1 when n8n's health address answers; absent when none is configured",
			registers,
			collect() {
				const probe = sources.probe();
				if (probe === 'up' || probe === 'down') this.set(probe === 'up' ? 1 : 0);
			},
		});
		new Gauge({
			name: 'musekit_backing_off',
			help: '1 while this runner claims nothing because of trouble of its own',
			registers,
			collect() {
				this.set(sources.backingOff() ? 1 : 0);
			},
		});
	}
}
