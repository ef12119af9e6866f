/** The first steps: switch on, connect, time zone and defaults, first post. */

export const STEPS = ['on', 'connect', 'defaults', 'post'] as const;
export type Step = (typeof STEPS)[number];

/** What the store keeps. */
export interface WizardState {
	/** Where somebody stopped; absent: nobody has begun. */
	step?: Step;
	skipped?: Step[];
	/** "Not now". */
	dismissed?: boolean;
	finished?: boolean;
	/** The first post, when one was made. */
	postId?: string;
	/** Account that the sandbox made for it. */
	accountId?: string;
}

/** `GET /api/wizard`, `PATCH /api/wizard` (admin) with a `WizardState`. */
export interface WizardAnswer {
	/** The panel opens the steps by itself: nothing can be done yet, and nobody put them away. */
	show: boolean;
	/** The page may be shown: steps are open. */
	open: boolean;
	moduleOn: boolean;
	/** Connected accounts of the owner. */
	accounts: number;
	sandbox: boolean;
	timeZone: string | null;
	maxLatenessMs: number;
	state: WizardState;
}

/** `POST /api/wizard/sandbox-account` (admin): connects a stand-in account. Answers its id and handle. */
export interface SandboxAccountAnswer {
	accountId: string;
	handle: string;
	profileUrl: string | null;
}
