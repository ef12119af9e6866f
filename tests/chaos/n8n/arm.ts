import type { FaultInput } from '../../../sandbox/src/faults';
import type { Fate } from '../../bluesky/proxy';
import type { Account, Kind, World } from '../../takeover/system/world';
import type { StoreWay } from './store-way';
import type { Fault, Point, Wire } from './plan';

/** What the account's next publish meets at the platform; `slow`: its answer comes after 8 s. */
type Trouble = Exclude<Point, 'claim' | 'intent' | 'evidence'> | Wire | 'slow';

const STEPS: Record<Exclude<Kind, 'bluesky'>, { upload: string; visible: string }> = {
	x: { upload: 'media.append', visible: 'tweet.create' },
	'linkedin member': { upload: 'image.upload', visible: 'post.create' },
	'linkedin page': { upload: 'image.upload', visible: 'post.create' },
	instagram: { upload: 'container.create', visible: 'publish' },
};
const UPLOAD = 'com.atproto.repo.uploadBlob';
const PUT = 'com.atproto.repo.putRecord';

/** Longer than the time from the first hung request to the kill, shorter than any request's limit. */
const LATE_MS = 25_000;
/** Longer than any request may take. */
const NEVER_MS = 120_000;
const SLOW_MS = 8_000;

type Part = Pick<FaultInput, 'kind' | 'ms' | 'when' | 'status' | 'headers'>;

/**
 * A limit that is over soon, in the words of each platform. X names the moment, which must not have
 * passed when a slow machine gets there: else the wait is a whole window.
 */
function throttled(): Part {
	const minutes = [{ type: 'instagram', estimated_time_to_regain_access: 1 }];
	return {
		kind: 'status',
		status: 429,
		headers: {
			'retry-after': '20',
			'x-rate-limit-reset': String(Math.ceil(Date.now() / 1000) + 90),
			'x-business-use-case-usage': JSON.stringify({ '1': minutes }),
		},
	};
}

const AT_SANDBOX: Record<Trouble, () => Part[]> = {
	upload: () => [{ kind: 'latency', ms: NEVER_MS, when: 'after' }],
	before: () => [{ kind: 'latency', ms: NEVER_MS, when: 'before' }, { kind: 'drop_before_commit' }],
	during: () => [{ kind: 'latency', ms: LATE_MS, when: 'before' }],
	after: () => [{ kind: 'latency', ms: NEVER_MS, when: 'after' }],
	slow: () => [{ kind: 'latency', ms: SLOW_MS, when: 'after' }],
	'dropped-after-commit': () => [{ kind: 'drop_after_commit' }],
	'dropped-before-commit': () => [{ kind: 'drop_before_commit' }],
	'reset-after-commit': () => [{ kind: 'reset', when: 'after' }],
	'500-after-commit': () => [{ kind: 'status', status: 500, when: 'after' }],
	'timeout-after-commit': () => [{ kind: 'latency', ms: NEVER_MS, when: 'after' }],
	'answer-cut-short': () => [{ kind: 'truncate' }],
	'429': () => [throttled()],
};

const AT_BLUESKY: Partial<Record<Trouble, Fate>> = {
	upload: 'hold_request',
	before: 'hold_request',
	after: 'hold_answer',
	slow: 'late_answer',
	'dropped-after-commit': 'drop_answer',
	'dropped-before-commit': 'drop_request',
	'500-after-commit': 'fail_answer',
	'timeout-after-commit': 'hold_answer',
	'answer-cut-short': 'cut_answer',
	'429': 'throttle',
};

function troubleOf(fault: Fault): Trouble | null {
	if (fault.act === 'store') return 'slow';
	if (fault.wire !== undefined) return fault.wire;
	const { point } = fault;
	return point === undefined || point === 'claim' || point === 'intent' || point === 'evidence'
		? null
		: point;
}

/** Makes the account's next publish meet the fault, as far as the platform has a part in it. */
export function armPlatform(world: World, account: Account, fault: Fault): void {
	const trouble = troubleOf(fault);
	if (trouble === null) return;
	if (account.proxy !== null) {
		const fate = AT_BLUESKY[trouble];
		if (fate === undefined) throw new Error(`${fault.name} cannot be made on Bluesky`);
		const call = trouble === 'upload' ? UPLOAD : PUT;
		account.proxy.fate = (name, nth) => (name === call && nth === 0 ? fate : 'pass');
		return;
	}
	const steps = STEPS[account.kind as Exclude<Kind, 'bluesky'>];
	for (const part of AT_SANDBOX[trouble]()) {
		world.sandbox.faults.add({
			...part,
			platform: account.platform as Exclude<Account['platform'], 'bluesky'>,
			account: account.caller,
			step: trouble === 'upload' ? steps.upload : steps.visible,
		});
	}
}

/** Makes calls about the post stand still on n8n's way to the store, where the fault wants that. */
export function armStore(way: StoreWay, postId: string, { act, point }: Fault): void {
	if (act !== 'kill' && act !== 'freeze') return;
	if (point === 'claim' || point === 'intent' || point === 'evidence') way.hold(postId, point);
}

/** The publish has met its fault. */
export function hasMet(world: World, way: StoreWay, account: Account, postId: string): boolean {
	return (
		way.holdsBack(postId) ||
		world.sandbox.faults
			.list()
			.some(({ account: who, hits }) => who === account.caller && hits > 0) ||
		account.proxy?.seen.some(({ fate }) => fate !== 'pass') === true
	);
}
