/**
 * The fault model of the protocol (§1) as numbers. Inside these bounds the count of duplicates and
 * losses is zero; a schedule with `outside` faults breaks one of them on purpose.
 */
export const FAULT_MODEL = {
	/** "Clocks drift by a bounded amount": both clocks of a carrier run this much fast or slow. */
	clockDrift: 0.005,
	/** A carrier's wall clock is off by this much, ms; it may be set once by as much while it runs. */
	wallOffsetMs: 120_000,
	/**
	 * "A request's bytes reach the platform within a bounded time after they were written": until
	 * they take effect there, ms. Less than the lease's margin (5 s) by what the clocks may drift.
	 */
	wireMs: 4_000,
	/** The platform's clock is off by this much, ms (the look-up allows 30 s). */
	platformSkewMs: 20_000,
	/**
	 * "The platform keeps its documented rules": until an effect shows where it is looked up, ms.
	 * Each is less than the settle time that the platform's definition asks for.
	 */
	indexLagMs: { x: 25_000, linkedin: 55_000, instagram: 25_000, bluesky: 4_000 },
	/** Until the platform knows a text again that was posted, ms. LinkedIn is repeated after 2 min. */
	duplicateLagMs: 110_000,
	/** A process may be stopped for this long, ms: three times the lease. */
	freezeMs: 200_000,
	/** A call to the store that the carrier gave up may still arrive this much later, ms. */
	lateStoreCallMs: 90_000,
	/** The store is away for at most this long, ms. What it committed it keeps. */
	storeOutageMs: 45_000,
} as const;

/** What schedules outside the model add. */
export const OUTSIDE = {
	/** Bytes that were written arrive up to this much later, ms. */
	wireMs: 3_600_000,
	/** Carriers' clocks run this much fast or slow. */
	clockDrift: 0.3,
	/** An entry shows in the platform's list up to this much later, ms. */
	indexLagMs: 600_000,
} as const;

/** What may happen to a call of the store. */
export const STORE_FAULTS = [
	'question_lost',
	'answer_lost',
	'error_before_commit',
	'error_after_commit',
	'question_late',
	'crash_before',
	'crash_after',
	'freeze_before',
	'freeze_after',
] as const;

/** What may happen to a request to a platform. */
export const HTTP_FAULTS = [
	'refused',
	'question_lost',
	'answer_lost',
	'connection_reset',
	'slow_answer',
	'slow_connection',
	'error_before_effect',
	'error_after_effect',
	'throttled',
	'garbage_after_effect',
	'redirect',
	'token_refused',
	'crash_before',
	'crash_on_the_wire',
	'crash_after',
	'freeze_before',
	'freeze_on_the_wire',
	'freeze_after',
] as const;

/** Added outside the model. */
export const OUTSIDE_HTTP_FAULTS = ['bytes_very_late', 'freeze_between_check_and_bytes'] as const;

/** What may happen to a wait. */
export const SLEEP_FAULTS = ['crash_before', 'freeze_before'] as const;

export type StoreFault = (typeof STORE_FAULTS)[number];
export type HttpFault = (typeof HTTP_FAULTS)[number] | (typeof OUTSIDE_HTTP_FAULTS)[number];
export type SleepFault = (typeof SLEEP_FAULTS)[number];
export type Fault = StoreFault | HttpFault | SleepFault | 'store_outage' | 'clock_set';
