import { Chance } from './random';
import {
	FAULT_MODEL,
	HTTP_FAULTS,
	OUTSIDE,
	OUTSIDE_HTTP_FAULTS,
	SLEEP_FAULTS,
	STORE_FAULTS,
	type Fault,
	type HttpFault,
	type SleepFault,
	type StoreFault,
} from './fault-model';

/** A guard of the protocol that can be switched off from outside, to prove that it is needed. */
export const GUARDS = [
	'lease',
	'fence',
	'intent-before-call',
	'look-up',
	'settle',
	'deadline',
] as const;
export type Guard = (typeof GUARDS)[number];

/** Accounts are simulated per kind: LinkedIn members and pages are looked up in different ways. */
export const KINDS = ['x', 'linkedin', 'linkedin-page', 'instagram', 'bluesky'] as const;
export type Kind = (typeof KINDS)[number];

/** Faults after which nobody knows whether a visible request took effect. */
const UNCLEAR: readonly HttpFault[] = [
	'question_lost',
	'answer_lost',
	'connection_reset',
	'slow_connection',
	'error_before_effect',
	'error_after_effect',
	'garbage_after_effect',
	'crash_on_the_wire',
	'crash_after',
];

/** What was asked for on the command line; the same for every schedule of a run. */
export interface RunOptions {
	platform: Kind | null;
	outside: boolean;
	guardsOff: Guard[];
	/** Off: duplicate rules never, on: as the seed says. Outside the model and for guards: off. */
	duplicateRules: boolean;
	/** Only these befall visible requests, and oftener; null: all. */
	visibleFaults: readonly HttpFault[] | null;
	/** Every account gets the same text twice at least. */
	equalTexts: boolean;
}

/** Everything inside the fault model. */
export const INSIDE: RunOptions = {
	platform: null,
	outside: false,
	guardsOff: [],
	duplicateRules: true,
	visibleFaults: null,
	equalTexts: false,
};

/** What shrinking has taken away from a schedule. */
export interface Cut {
	/** Only these faults happen; null: every one that the seed draws. */
	faults: ReadonlySet<string> | null;
	/** Only the first of each. */
	posts: number;
	carriers: number;
	/** People do nothing. */
	people: boolean;
}

export const WHOLE: Cut = { faults: null, posts: Infinity, carriers: Infinity, people: true };

/** A fault that happened, named by the call it befell. */
export interface Struck {
	name: string;
	fault: Fault;
	at: number;
}

/** Draws the faults of one schedule and remembers them. */
export class Faults {
	readonly struck: Struck[] = [];
	private readonly share: number;
	/** After this nothing goes wrong any more and one healthy carrier must bring all to an end. */
	readonly untilMs: number;
	private readonly httpFaults: readonly HttpFault[];

	constructor(
		private readonly chance: Chance,
		private readonly cut: Cut,
		startMs: number,
		private readonly options: Pick<RunOptions, 'outside' | 'visibleFaults'>,
	) {
		this.share = chance.pick('fault share', [0.02, 0.06, 0.12, 0.25]);
		this.untilMs = startMs + chance.between('faults until', 120_000, 2_400_000);
		this.httpFaults = options.outside ? [...HTTP_FAULTS, ...OUTSIDE_HTTP_FAULTS] : HTTP_FAULTS;
	}

	ofStore(name: string, now: number): StoreFault | null {
		return this.draw(name, now, STORE_FAULTS, this.share / 2);
	}

	/** Visible requests are what everything is about, so they suffer most. */
	ofHttp(name: string, now: number, visible: boolean): HttpFault | null {
		if (!visible) return this.draw(name, now, this.httpFaults, this.share);
		const { visibleFaults } = this.options;
		if (visibleFaults !== null) return this.draw(name, now, visibleFaults, 0.5);
		const kinds = this.chance.happens(`${name} unclear`, 0.5) ? UNCLEAR : this.httpFaults;
		return this.draw(name, now, kinds, this.share * 3);
	}

	ofSleep(name: string, now: number): SleepFault | null {
		return this.draw(name, now, SLEEP_FAULTS, this.share / 4);
	}

	/** A fault of the world that belongs to no call; true when it shall happen. */
	ofWorld(name: string, fault: Fault, at: number): boolean {
		if (this.cut.faults !== null && !this.cut.faults.has(name)) return false;
		this.struck.push({ name, fault, at });
		return true;
	}

	freezeMs(name: string): number {
		const most = this.chance.happens(`${name} short`, 0.4) ? 40_000 : FAULT_MODEL.freezeMs;
		return this.chance.between(`${name} frozen for`, 500, most);
	}

	wireMs(name: string, late: boolean): number {
		return late
			? this.chance.between(`${name} wire`, 60_000, OUTSIDE.wireMs)
			: this.chance.skewed(`${name} wire`, 1, FAULT_MODEL.wireMs);
	}

	private draw<T extends Fault>(
		name: string,
		now: number,
		kinds: readonly T[],
		share: number,
	): T | null {
		if (now >= this.untilMs) return null;
		if (this.cut.faults !== null && !this.cut.faults.has(name)) return null;
		if (!this.chance.happens(`${name} fault`, share)) return null;
		const fault = this.chance.pick(`${name} which`, kinds);
		this.struck.push({ name, fault, at: now });
		return fault;
	}
}
