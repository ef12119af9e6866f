/** Where a worker can be struck on its way through a refresh. */
export const POINTS = [
	/** Holds the lease, nothing sent. */
	'before_call',
	/** The request is with the platform, which takes its time. */
	'during_call',
	/** The platform has answered with the new pair; nothing of it is saved. */
	'after_answer',
	/** The save is with the store; its answer was not heard. */
	'during_save',
	/** Saved, not used yet. */
	'after_save',
] as const;

export type Point = (typeof POINTS)[number];

export interface WorkerConfig {
	store: { url: string; key: string };
	vaultKey: string;
}

export type ToWorker =
	| { do: 'start'; config: WorkerConfig }
	/** Reads the account as a carrier gets it with a claim. */
	| { do: 'open'; accountId: string }
	/** Gets a usable token, refreshing it if need be, and calls the platform with it. */
	| { do: 'refresh'; stopAt: Point | null };

export type FromWorker =
	| { say: 'ready' }
	| { say: 'opened' }
	/** Stands at a point until it is killed. */
	| { say: 'at'; point: Point }
	| {
			say: 'done';
			/** Outcome of the token engine. */
			outcome: string;
			/** Words of an outcome that is not `ok`. */
			reason: string | null;
			/** The platform took a call with the token. */
			works: boolean;
	  };
