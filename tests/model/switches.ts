import type { Platform } from '../../core/store/contract';
import type { PostRow } from './rows';
import type { Tables } from './tables';

/** Table `features`: name and the beginning of its sentence. */
const FEATURES: Record<string, string> = {
	connect: 'Connecting accounts is',
	publish: 'Publishing is',
	schedule: 'Scheduling is',
	media: 'Posting images is',
	recurrence: 'Recurring posts are',
};

const LABELS: Record<Platform, string> = {
	x: 'X',
	linkedin: 'LinkedIn',
	instagram: 'Instagram',
	bluesky: 'Bluesky',
};

/** When a switch was off. */
export interface OffTime {
	toggle: string;
	offAt: number;
	onAt: number | null;
}

/** `null` when the feature is on for this owner on this platform, else why not. */
export function offReason(
	t: Tables,
	owner: string,
	feature: string,
	name: Platform | null,
): string | null {
	if (t.settings.module?.enabled === false) return 'MuseKit Social is switched off';
	const tier = t.owners.get(owner);
	if (tier !== undefined && !isOn(t, `feature:${tier}:${feature}`)) {
		const label = tier === 'power' ? 'Power' : 'Universal';
		return `${FEATURES[feature]} switched off for the ${label} tier`;
	}
	if (name !== null && !isOn(t, `platform:${name}`)) return `${LABELS[name]} is switched off`;
	return null;
}

function isOn(t: Tables, toggle: string): boolean {
	const [kind, first, second] = toggle.split(':');
	if (kind === 'module') return t.settings.module?.enabled !== false;
	if (kind === 'platform') return t.settings.platforms?.[first] !== false;
	const tier = t.settings.features?.[first] as Record<string, unknown> | undefined;
	return tier?.[second] !== false;
}

const TOGGLES = [
	'module',
	...Object.keys(FEATURES).flatMap((name) => [
		`feature:universal:${name}`,
		`feature:power:${name}`,
	]),
	...Object.keys(LABELS).map((name) => `platform:${name}`),
];

/** Trigger `note_switch`. */
export function noteSwitches(t: Tables, now: number): void {
	for (const toggle of TOGGLES) {
		const open = t.offTimes.find((time) => time.toggle === toggle && time.onAt === null);
		const on = isOn(t, toggle);
		if (!on && open === undefined) t.offTimes.push({ toggle, offAt: now, onAt: null });
		if (on && open !== undefined) open.onAt = now;
	}
}

/** `musekit_social.features_of`, but for series, which the model has not. */
function featuresOf(p: PostRow): string[] {
	return [
		'publish',
		...(p.attempts === 0 && p.scheduledAt > p.createdAt + 60_000 ? ['schedule'] : []),
		...((p.content.media ?? []).length > 0 ? ['media'] : []),
	];
}

/** Why a post has to wait because something is switched off. */
export function postOffReason(t: Tables, p: PostRow): string | null {
	for (const feature of featuresOf(p)) {
		const reason = offReason(t, p.owner, feature, p.platform);
		if (reason !== null) return reason;
	}
	return null;
}

/** Ms since the post's time during which something that it uses was off. */
function offMs(t: Tables, p: PostRow, now: number): number {
	const tier = t.owners.get(p.owner);
	const used = new Set([
		'module',
		`platform:${p.platform}`,
		...featuresOf(p).map((feature) => `feature:${tier}:${feature}`),
	]);
	const times = t.offTimes
		.filter(({ toggle, onAt }) => used.has(toggle) && onAt !== null && onAt > p.scheduledAt)
		.map(({ offAt, onAt }) => [Math.max(offAt, p.scheduledAt), Math.min(onAt ?? now, now)])
		.sort(([left], [right]) => left - right);
	let sum = 0;
	let until = -Infinity;
	for (const [from, to] of times) {
		sum += Math.max(0, to - Math.max(from, until));
		until = Math.max(until, to);
	}
	return sum;
}

/** Trigger `defer_missed`: what becomes of a scheduled post instead of `missed`; null: it is missed. */
export function deferMissed(t: Tables, p: PostRow, now: number): Partial<PostRow> | null {
	if (postOffReason(t, p) !== null) return { waitReason: 'off', nextAt: now + 60_000 };
	const off = offMs(t, p, now);
	const more = off - p.offCreditMs;
	if (more <= 0 || now > p.scheduledAt + p.maxLatenessMs + more) return null;
	return {
		waitReason: null,
		nextAt: null,
		maxLatenessMs: Math.min(p.maxLatenessMs + more, 31_536_000_000),
		offCreditMs: off,
	};
}
