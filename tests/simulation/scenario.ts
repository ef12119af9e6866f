import type { CarrierKind } from '../../core/store/contract';
import type { ClockFlaws } from './carrier';
import { FAULT_MODEL, OUTSIDE } from './fault-model';
import { KINDS, type Cut, type Kind, type RunOptions } from './plan';
import type { PlatformRules } from './platforms/platform';
import type { Chance } from './random';

export const START_MS = Date.parse('2026-11-22T12:00:00.000Z');

export interface PlannedPost {
	account: number;
	text: string;
	pictures: number;
	/** After the start, ms. */
	dueMs: number;
	maxLatenessMs: number | null;
	/** After the start, ms; null: nobody does it. */
	cancelMs: number | null;
	editMs: number | null;
	/** After it ended as failed, missed or cancelled. */
	retried: boolean;
}

export interface PlannedCarrier {
	name: string;
	kind: CarrierKind;
	flaws: ClockFlaws;
	concurrency: number;
	watchMs: number;
	/** Asked to stop in good order then, after the start, ms. */
	stopMs: number | null;
}

export interface PlannedAccount {
	remoteId: string;
	/** Until its access token ends, ms after the start. */
	tokenMs: number;
	refreshable: boolean;
}

/** One schedule before anything goes wrong. */
export interface Scenario {
	kind: Kind;
	accounts: PlannedAccount[];
	posts: PlannedPost[];
	carriers: PlannedCarrier[];
	rules: PlatformRules;
	/** A person decides what needs a review. */
	resolves: boolean;
	/** Somebody posts by hand, ms after the start. */
	byHandMs: number[];
	storeOutages: { name: string; fromMs: number; ms: number }[];
}

/** Everything the seed decides beforehand. */
export function scenarioOf(chance: Chance, options: RunOptions, cut: Cut): Scenario {
	const kind = options.platform ?? chance.pick('platform', KINDS);
	const count = chance.happens('two accounts', 0.25) ? 2 : 1;
	const accounts = Array.from({ length: count }, (_, index) => account(chance, kind, index));
	const posts = chance.pick('posts', options.equalTexts ? [2, 3] : [1, 1, 2, 2, 3]);
	return {
		kind,
		accounts,
		posts: Array.from({ length: Math.min(posts, cut.posts) }, (_, index) =>
			post(chance, { kind, index, count, people: cut.people, equal: options.equalTexts }),
		),
		carriers: carriers(chance, options).slice(0, cut.carriers),
		rules: rules(chance, kind, options),
		resolves: cut.people && chance.happens('resolves', 0.6),
		byHandMs: chance.happens('by hand', 0.2) ? [chance.between('by hand at', 0, 300_000)] : [],
		storeOutages: chance.happens('store outage', 0.15)
			? [
					{
						name: 'store outage',
						fromMs: chance.between('store outage at', 0, 240_000),
						ms: chance.between('store outage for', 500, FAULT_MODEL.storeOutageMs),
					},
				]
			: [],
	};
}

function account(chance: Chance, kind: Kind, index: number): PlannedAccount {
	const name = `account ${index}`;
	const life = kind === 'x' || kind === 'bluesky' ? 7_200_000 : 60 * 86_400_000;
	return {
		remoteId: kind === 'bluesky' ? `did:plc:demo${index}` : String(1_000 + index),
		tokenMs: chance.happens(`${name} token ends`, 0.2)
			? chance.between(`${name} token until`, 1_000, 900_000)
			: life,
		refreshable: kind !== 'linkedin' || chance.happens(`${name} refreshable`, 0.5),
	};
}

const TEXTS = ['Good morning', 'Tom & Jerry <3', 'Read https://example.com/a?b=1', 'We ship today'];

function post(
	chance: Chance,
	of: { kind: Kind; index: number; count: number; people: boolean; equal: boolean },
): PlannedPost {
	const name = `post ${of.index}`;
	const equal = of.index > 0 && chance.happens(`${name} equal`, of.equal ? 1 : 0.25);
	const number = equal ? of.index - 1 : of.index;
	const unlikely = (what: string, share: number, mostMs: number) =>
		of.people && chance.happens(`${name} ${what}`, share)
			? chance.between(`${name} ${what} at`, 0, mostMs)
			: null;
	return {
		account: chance.between(`post ${number} account`, 0, of.count - 1),
		text: `${chance.pick(`post ${number} text`, TEXTS)} ${'alpha bravo charlie delta'.split(' ')[number]}`,
		pictures: of.kind === 'instagram' || chance.happens(`${name} picture`, 0.25) ? 1 : 0,
		// The same text twice is mostly the same plan made twice: due at the same instant.
		dueMs: chance.happens(`post ${number} later`, 0.4)
			? chance.between(`post ${number} due`, 0, 120_000)
			: 0,
		maxLatenessMs: chance.happens(`${name} short`, 0.12)
			? chance.between(`${name} lateness`, 120_000, 2_400_000)
			: null,
		cancelMs: unlikely('cancel', 0.08, 180_000),
		editMs: unlikely('edit', 0.06, 60_000),
		retried: of.people && chance.happens(`${name} retried`, 0.3),
	};
}

function carriers(chance: Chance, options: RunOptions): PlannedCarrier[] {
	const list: [string, CarrierKind][] = [
		['n8n', 'n8n'],
		['runner', 'runner'],
	];
	if (chance.happens('three carriers', 0.3)) list.push(['runner-2', 'runner']);
	return list.map(([name, kind]) => ({
		name,
		kind,
		flaws: flaws(chance, name, options.outside),
		concurrency: chance.pick(`${name} concurrency`, [1, 2, 4]),
		watchMs: chance.happens(`${name} watches`, 0.1) ? 25_000 : 0,
		stopMs: chance.happens(`${name} stops`, 0.1)
			? chance.between(`${name} stop`, 0, 180_000)
			: null,
	}));
}

/** A clock that was set and one that stands still while frozen do not come together: two faults. */
function flaws(chance: Chance, name: string, outside: boolean): ClockFlaws {
	const most = outside ? OUTSIDE.clockDrift : FAULT_MODEL.clockDrift;
	const { wallOffsetMs } = FAULT_MODEL;
	const which = chance.pick(`${name} clock`, ['plain', 'plain', 'set', 'stands still'] as const);
	return {
		drift: (chance.of(`${name} drift`) * 2 - 1) * most,
		offsetMs: chance.between(`${name} offset`, -wallOffsetMs, wallOffsetMs),
		set:
			which === 'set'
				? {
						at: START_MS + chance.between(`${name} set at`, 0, 300_000),
						byMs: chance.between(`${name} set by`, -wallOffsetMs, wallOffsetMs),
					}
				: null,
		stopsWhileFrozen: which === 'stands still',
	};
}

function rules(chance: Chance, kind: Kind, options: RunOptions): PlatformRules {
	const platform = kind === 'linkedin-page' ? 'linkedin' : kind;
	// What a member posted can be told by the duplicate rule only, and a container is made once by
	// Instagram's own rule; X and pages must do without.
	const rests = kind === 'linkedin' || kind === 'instagram';
	return {
		duplicates: options.duplicateRules && (rests || chance.happens('duplicate rule', 0.5)),
		indexLagMs: options.outside
			? chance.pick('index lag', [FAULT_MODEL.indexLagMs[platform], OUTSIDE.indexLagMs])
			: FAULT_MODEL.indexLagMs[platform],
		duplicateLagMs: chance.between('duplicate lag', 0, FAULT_MODEL.duplicateLagMs),
		skewMs: chance.between('skew', -FAULT_MODEL.platformSkewMs, FAULT_MODEL.platformSkewMs),
	};
}
