import type { Row, TrialPlan } from './plan';

/** A point that a scout has passed, in its order. */
export interface Passed {
	/** `claim:before`, `store:intent#1:after`, `http:tweet.create#1:before`, … */
	point: string;
	/** Of a request, fast ms. */
	limitMs?: number;
}

/** Where a carrier is struck: at a point of its own, or while a request of it is on its way. */
export interface Spot {
	point: string;
	where: 'at' | 'request' | 'answer';
}

/** The step that the world can see. */
export const VISIBLE: Record<Row, string> = {
	x: 'tweet.create',
	linkedin: 'post.create',
	'linkedin-page': 'post.create',
	instagram: 'publish',
	bluesky: 'putRecord',
};

const VISIBLE_NAMES = new Set(Object.values(VISIBLE));

/** `http:tweet.create#1:before` in its parts. */
export function readPoint(point: string): { via: string; name: string; nth: number } {
	const [, via = '', name = '', nth = '1'] = /^([a-z]+)(?::([^#]+))?(?:#(\d+))?/.exec(point) ?? [];
	return { via, name, nth: Number(nth) };
}

/** All places at which a carrier on this way can be struck: before, during and after every call. */
export function spotsOf(passed: Passed[]): Spot[] {
	return passed.flatMap(({ point }): Spot[] => {
		const at: Spot = { point, where: 'at' };
		const { via, name } = readPoint(point);
		const onWire = via === 'http' || (via === 'store' && !name.endsWith('_object'));
		if (!onWire || !point.endsWith(':before')) return [at];
		return [at, { point, where: 'request' }, { point, where: 'answer' }];
	});
}

/** What comes after the visible request: look-ups and repeats, when its answer was lost. */
export function afterVisible(passed: Passed[]): Passed[] {
	const last = passed.findIndex(({ point }) => {
		const { via, name } = readPoint(point);
		return via === 'http' && VISIBLE_NAMES.has(name) && point.endsWith(':after');
	});
	return passed.slice(last + 1);
}

/** One entry of a list by a fraction. */
export function pick<T>(list: T[], at: number): T {
	return list[Math.min(list.length - 1, Math.floor(at * list.length))];
}

/** The request of a platform that a trial disturbs. */
export function stepFor(plan: TrialPlan, passed: Passed[]): Passed {
	const steps = passed.filter(
		({ point }) => point.startsWith('http:') && point.endsWith(':before'),
	);
	const visible = steps.filter(({ point }) => readPoint(point).name === VISIBLE[plan.row]);
	return plan.onVisible ? pick(visible, 0) : pick(steps, plan.stepAt);
}

/** The store call that a trial disturbs, the claim included. */
export function storeCallFor(plan: TrialPlan, passed: Passed[]): { name: string; nth: number } {
	const calls = passed
		.filter(({ point }) => point.startsWith('store:') && point.endsWith(':before'))
		.map(({ point }) => readPoint(point))
		.filter(({ name }) => !name.endsWith('_object'));
	return pick([{ name: 'claim', nth: 1 }, ...calls], plan.pointAt);
}
