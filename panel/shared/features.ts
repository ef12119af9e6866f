/**
 * Features & Integrations: switches, what they are about, their checks, the module's status.
 */
import type { Toggle, ToggleReach, ToggleState } from '../../core/store/contract';

/** `off`: somebody switched it off. */
export type Light = 'green' | 'amber' | 'red' | 'off';

/** `GET /api/features`. */
export interface FeaturesAnswer {
	toggles: ToggleState[];
}

/** `GET /api/features/:toggle/reach`: for an admin of all owners, for a viewer of the own one. */
export type ReachAnswer = ToggleReach;

/** `PUT /api/features/:toggle` (admin). Answers `FeaturesAnswer`. */
export interface SwitchRequest {
	on: boolean;
	/** False: what is past its maximum lateness by now is missed instead of going out. */
	late?: boolean;
}

export interface CheckResult {
	id: string;
	label: string;
	state: 'ok' | 'warning' | 'bad';
	/** What was found, in a sentence. */
	message: string;
	/** How to mend it; null when nothing is to be done. */
	remedy: string | null;
	/** Page of the panel where it is mended. */
	to: string | null;
}

/** `GET /api/features/:toggle/checks?fresh=1`; `fresh` is for admins. */
export interface ChecksAnswer {
	toggle: Toggle;
	light: Light;
	checks: CheckResult[];
	checkedAt: string;
}

/** `GET /api/status`: whether posts can go out. */
export interface StatusAnswer {
	light: Light;
	/** The gravest first; empty when all is well. */
	reasons: Pick<CheckResult, 'label' | 'message' | 'remedy' | 'to'>[];
	checkedAt: string;
}

/** `module` → all of it, `feature:…` and `platform:…` → one. */
export const isToggle = (text: string): text is Toggle =>
	/^(module|feature:(universal|power):[a-z]+|platform:[a-z]+)$/.test(text);
