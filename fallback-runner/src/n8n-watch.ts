import type { HttpPort, LogPort } from '../../core/ports';

export interface N8nWatchOptions {
	/** n8n's `/healthz`; absent: only the heartbeat tells. */
	url?: string;
	everyMs: number;
	/** Called at each change of `knownDown`. */
	onChange(down: boolean): void;
}

export type ProbeState = 'not_configured' | 'unknown' | 'up' | 'down';

/** n8n answers its health check in milliseconds; a machine under load may take a second. */
const LIMIT_MS = 2_000;
/** One failed probe may be a hiccup, two in a row are an outage. */
const FAILURES = 2;

/**
 * Asks n8n's health address at intervals. A wrong guess costs nothing but a moment: claims are
 * exclusive.
 */
export class N8nWatch {
	private failures = 0;
	private state: ProbeState;
	private timer: NodeJS.Timeout | undefined;
	private stopped = false;

	constructor(
		private readonly ports: { http: HttpPort; log: LogPort },
		private readonly options: N8nWatchOptions,
	) {
		this.state = options.url === undefined ? 'not_configured' : 'unknown';
	}

	get probe(): ProbeState {
		return this.state;
	}

	/** True after a failed probe that does not count yet. */
	get failing(): boolean {
		return this.failures > 0 && this.state !== 'down';
	}

	/** True when the probe says that n8n is gone: then no grace is given. */
	get knownDown(): boolean {
		return this.state === 'down';
	}

	/** Probes once and goes on at intervals until `stop`. */
	async start(): Promise<void> {
		if (this.options.url === undefined) return;
		await this.ask();
		const again = (): void => {
			if (this.stopped) return;
			this.timer = setTimeout(() => void this.ask().then(again), this.options.everyMs);
		};
		again();
	}

	stop(): void {
		this.stopped = true;
		clearTimeout(this.timer);
	}

	/** One probe; a tick, which has no intervals, asks again itself when it failed. */
	async ask(): Promise<void> {
		const { url } = this.options;
		if (url === undefined) return;
		const answer = await this.ports.http.send({
			method: 'GET',
			url,
			headers: { accept: 'application/json' },
			limitMs: LIMIT_MS,
		});
		const well = answer.kind === 'response' && answer.status >= 200 && answer.status < 300;
		this.failures = well ? 0 : this.failures + 1;
		const before = this.state;
		if (well) this.state = 'up';
		else if (this.failures >= FAILURES) this.state = 'down';
		if (this.stopped || before === this.state) return;
		if (this.state === 'down') this.ports.log.warn('n8n_down', { meaning: 'no grace is given' });
		else if (before === 'down') this.ports.log.info('n8n_up', { meaning: 'n8n goes first again' });
		if (this.state === 'down' || before === 'down') this.options.onChange(this.knownDown);
	}
}
