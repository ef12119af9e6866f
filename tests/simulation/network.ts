import type { HttpAnswer, HttpPort, HttpRequest } from '../../core/ports';
import type { Life } from './carrier';
import type { HttpFault } from './fault-model';
import type { Kernel } from './kernel';
import type { Faults } from './plan';
import { answer, type PlatformModel } from './platforms/platform';
import type { Chance } from './random';

/** Header by which the simulation counts whose request it is; taken off before the platform sees it. */
export const POST_HEADER = 'x-simulated-post';

export interface NetworkOptions {
	kernel: Kernel;
	chance: Chance;
	faults: Faults;
	platform: PlatformModel;
	/** Guard switched off: requests go out whatever the deadline says. */
	deadlineOff: boolean;
	/** After each request that the platform has handled. */
	handled(post: string | null): void;
	/** Something that a person reading the run should know. */
	tell(who: string, what: string): void;
	/** The process is killed; it may be started again. */
	crash(life: Life): void;
}

const LOST = 'no answer came';

/** Faults in which the platform never sees the request. */
const NEVER_ARRIVES = new Set<HttpFault>([
	'question_lost',
	'redirect',
	'throttled',
	'token_refused',
]);

/** The wire between carriers and platforms: each request is delivered at most once. */
export class Network {
	/** Requests that were written and have not arrived. */
	onTheWire = 0;

	constructor(private readonly options: NetworkOptions) {}

	/** The http port of one life of a carrier. */
	port(life: Life): HttpPort {
		return { send: async (request) => await this.send(life, request) };
	}

	private async send(life: Life, request: HttpRequest): Promise<HttpAnswer> {
		const { kernel, faults } = this.options;
		const post = request.headers[POST_HEADER] ?? null;
		const visible = post !== null;
		const name = life.nextCall(`${request.method} ${new URL(request.url).pathname}`);
		const fault = faults.ofHttp(name, kernel.now, visible);
		return await new Promise((resolve) => {
			life.requests += 1;
			const exchange = new Exchange(this.options, life, {
				request,
				name,
				fault,
				post,
				resolve: (given) => {
					life.requests -= 1;
					resolve(given);
				},
				wire: (by) => {
					this.onTheWire += by;
				},
			});
			exchange.begin();
		});
	}
}

interface ExchangeOptions {
	request: HttpRequest;
	name: string;
	fault: HttpFault | null;
	post: string | null;
	resolve(answer: HttpAnswer): void;
	wire(by: number): void;
}

/** One request: begun, written, arrived, handled, answered; broken off anywhere. */
class Exchange {
	private settled = false;
	private written = false;
	private readonly begunAt: number;

	constructor(
		private readonly network: NetworkOptions,
		private readonly life: Life,
		private readonly call: ExchangeOptions,
	) {
		this.begunAt = network.kernel.now;
	}

	begin(): void {
		const { life, call } = this;
		const { kernel, chance } = this.network;
		const { fault, name } = call;
		if (fault !== null) this.tell(`${SAID[fault]} (${call.name.split(' ').slice(1).join(' ')})`);
		if (fault === 'crash_before') return this.network.crash(life);
		if (fault === 'refused') {
			return this.after(20, () => this.settle({ kind: 'not_sent', reason: 'refused' }));
		}
		// n8n's helper offers no place to ask later than here (the contract names that window).
		if (life.kind === 'n8n' && !this.maySend()) return this.calledOff();
		if (fault === 'freeze_before') this.freeze();
		const connectMs =
			fault === 'slow_connection'
				? chance.between(`${name} connect`, 10_000, call.request.limitMs)
				: chance.skewed(`${name} connect`, 1, 3_000);
		// Without the deadline the answer alone is waited for, from when the bytes were written.
		if (!this.network.deadlineOff) this.waitAtMost();
		if (fault === 'freeze_between_check_and_bytes') this.freeze();
		life.later(this.begunAt + connectMs, () => this.write());
		if (life.frozenUntil > kernel.now) kernel.note(`${name} frozen`);
	}

	private waitAtMost(): void {
		this.after(this.life.trueMs(this.call.request.limitMs), () => this.timeOut());
	}

	private maySend(): boolean {
		return this.network.deadlineOff || this.call.request.mayStillSend?.() !== false;
	}

	private calledOff(): void {
		this.after(0, () => this.settle({ kind: 'not_sent', reason: 'called off' }));
	}

	private write(): void {
		const { call, life } = this;
		const { kernel, faults } = this.network;
		const gap = call.fault === 'freeze_between_check_and_bytes';
		if (this.settled && !gap) return;
		if (!gap && !this.network.deadlineOff) {
			// The socket's own timer is due as well: it comes first.
			if (kernel.now - this.begunAt >= life.trueMs(call.request.limitMs)) return this.timeOut();
			if (life.kind === 'runner' && !this.maySend()) return this.calledOff();
		}
		this.written = true;
		if (this.network.deadlineOff) this.waitAtMost();
		call.wire(1);
		const late = call.fault === 'bytes_very_late';
		const arrivesAt = kernel.now + faults.wireMs(call.name, late);
		kernel.at(arrivesAt, () => {
			call.wire(-1);
			return this.arrive();
		});
		if (call.fault === 'crash_on_the_wire') this.network.crash(life);
		if (call.fault === 'freeze_on_the_wire') this.freeze();
	}

	private arrive(): boolean {
		const { call } = this;
		const { kernel, chance, platform } = this.network;
		const { fault, name, request } = call;
		if (fault === 'question_lost') return false;
		if (fault !== null && NEVER_ARRIVES.has(fault))
			return this.answerWith(REFUSALS[fault] ?? answer(503, null));
		if (fault === 'error_before_effect') return this.answerWith(answer(503, { title: 'down' }));
		const url = new URL(request.url);
		const headers = { ...request.headers };
		delete headers[POST_HEADER];
		const given = platform.handle({
			request: { ...request, headers },
			path: url.pathname,
			query: url.searchParams,
			now: kernel.now,
			post: call.post,
		});
		kernel.note(`${name} ${given.status}`);
		if (call.post !== null) {
			this.tell(`the platform answers ${given.status} to the request of post ${short(call.post)}`);
		}
		this.network.handled(call.post);
		switch (fault) {
			case 'answer_lost':
				return false;
			case 'connection_reset':
				this.after(chance.between(`${name} reset`, 1, 2_000), () => {
					this.settle({ kind: 'lost', reason: 'the connection was reset' });
				});
				return false;
			case 'error_after_effect':
				return this.answerWith(answer(500, { message: 'Internal error' }));
			case 'garbage_after_effect':
				return this.answerWith({ kind: 'response', status: 200, headers: {}, text: '<html>' });
			case 'crash_after':
				this.network.crash(this.life);
				return false;
			case 'freeze_after':
				this.freeze();
				return this.answerWith(given);
			case 'slow_answer':
			case 'slow_connection':
				return this.answerWith(given, chance.between(`${name} slow`, 5_000, 60_000));
			default:
				return this.answerWith(given);
		}
	}

	private answerWith(given: HttpAnswer, ms?: number): false {
		const { chance } = this.network;
		this.after(ms ?? chance.skewed(`${this.call.name} back`, 1, 2_000), () => this.settle(given));
		return false;
	}

	private timeOut(): void {
		if (this.settled) return;
		this.settle(
			this.written || this.life.kind === 'n8n'
				? { kind: 'lost', reason: LOST }
				: { kind: 'not_sent', reason: 'the connection took too long' },
		);
	}

	private after(ms: number, run: () => void): void {
		this.life.later(this.network.kernel.now + ms, run);
	}

	private settle(given: HttpAnswer): void {
		if (this.settled) return;
		this.settled = true;
		this.network.kernel.note(`${this.call.name} ${given.kind}`);
		if (this.call.post !== null && given.kind !== 'response') {
			this.tell(given.kind === 'lost' ? 'gets no answer' : `sends nothing: ${given.reason}`);
		}
		this.call.resolve(given);
	}

	private freeze(): void {
		const ms = this.network.faults.freezeMs(this.call.name);
		this.life.freeze(ms);
		this.tell(`frozen for ${Math.round(ms / 1000)} s`);
	}

	private tell(what: string): void {
		this.network.tell(this.life.name, what);
	}
}

const short = (id: string) => id.slice(-4);

const REFUSALS: Partial<Record<HttpFault, HttpAnswer>> = {
	redirect: {
		kind: 'response',
		status: 307,
		headers: { location: 'https://elsewhere.test/' },
		text: '',
	},
	throttled: { kind: 'response', status: 429, headers: {}, text: '{}' },
	token_refused: { kind: 'response', status: 401, headers: {}, text: '{}' },
};

const SAID: Record<HttpFault, string> = {
	refused: 'finds the platform’s port closed',
	question_lost: 'writes a request that never arrives',
	answer_lost: 'writes a request whose answer is lost',
	connection_reset: 'writes a request and the connection breaks after it took effect',
	slow_answer: 'writes a request that is answered slowly',
	slow_connection: 'connects slowly and is answered slowly',
	error_before_effect: 'writes a request that fails with 503 before it takes effect',
	error_after_effect: 'writes a request that is answered 500 after it took effect',
	throttled: 'is throttled with 429',
	garbage_after_effect: 'writes a request that is answered with rubbish after it took effect',
	redirect: 'is redirected',
	token_refused: 'has its token refused',
	crash_before: 'is killed before it sends',
	crash_on_the_wire: 'is killed with its request on the wire',
	crash_after: 'is killed before it hears that its request took effect',
	freeze_before: 'is frozen before it sends',
	freeze_on_the_wire: 'is frozen with its request on the wire',
	freeze_after: 'is frozen before it hears that its request took effect',
	bytes_very_late: 'writes a request that arrives very late (outside the fault model)',
	freeze_between_check_and_bytes:
		'is frozen between its last check and the first byte (outside the fault model)',
};
