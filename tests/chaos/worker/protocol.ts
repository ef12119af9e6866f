import type { CarrierKind } from '../../../core/store/contract';
import type { ClockSpec } from '../clock';

/** First message to a worker. */
export interface WorkerConfig {
	clock: ClockSpec;
	/** How far this carrier's wall clock is wrong, fast ms, from the start. */
	skewMs: number;
	/** How far it is wrong after the point at which it was held. */
	skewAfterMs: number;
	store: { url: string; key: string };
	vaultKey: string;
	carrier: string;
	kind: CarrierKind;
	work: CarryWork | DrainWork;
}

/** Claims and carries one post, again and again, until it has ended. */
export interface CarryWork {
	as: 'carry';
	postId: string;
	/** Pause between two claims that brought nothing, fast ms. */
	pollMs: number;
	/** Point at which to stop and wait to be told to go on. */
	hold: string | null;
	/** Tell every point that is passed. */
	tell: boolean;
}

/** Carries whatever is due, until it is killed. */
export interface DrainWork {
	as: 'drain';
	graceMs: number;
	concurrency: number;
}

/** From the worker. */
export type FromWorker =
	| { say: 'ready' }
	| { say: 'passed'; point: string; limitMs?: number }
	| { say: 'held'; point: string }
	| { say: 'ended'; end: string }
	| { say: 'log'; event: string; facts?: Record<string, unknown> };

/** To the worker. */
export type ToWorker =
	| { do: 'work'; config: WorkerConfig }
	| { do: 'go' }
	/** Claim no more; what is under way is finished. */
	| { do: 'stop' };
