import type { FaultInput } from '../../../sandbox/src/faults';
import type { Account, Kind, Live, World } from './world';
import type { PostView } from '../../../core/store/contract';
import { KINDS, until } from './world';

/**
 * Where a publish is when its carrier dies.
 * `upload`: a step that nobody can see is on the wire.
 * `committed`: the post is live, its answer is on the way.
 * `late`: the request is on the wire, the platform does it after the carrier's death.
 * `lost`: the request is on the wire and the platform never does it.
 */
export const MOMENTS = ['upload', 'committed', 'late', 'lost'] as const;
export type Moment = (typeof MOMENTS)[number];

/** Names in the sandbox of the step that cannot be seen and of the one that can. */
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

/** Every kind of account at every moment; Bluesky's server cannot be made to commit late. */
export const CASES = KINDS.flatMap((kind) =>
	MOMENTS.filter((moment) => kind !== 'bluesky' || moment !== 'late').map(
		(moment) => [kind, moment] as [Kind, Moment],
	),
);

export interface Subject {
	account: Account;
	moment: Moment | 'dropped';
	post: PostView;
}

export const nameOf = (kind: Kind, moment: Subject['moment']) => `${kind}, ${moment}`;

/** Makes the account's next publish hang at this moment. */
function hang(world: World, account: Account, moment: Moment): void {
	if (account.proxy !== null) {
		const call = moment === 'upload' ? UPLOAD : PUT;
		const fate = moment === 'committed' ? 'hold_answer' : 'hold_request';
		account.proxy.fate = (name, nth) => (name === call && nth === 0 ? fate : 'pass');
		return;
	}
	const { upload, visible } = STEPS[account.kind as Exclude<Kind, 'bluesky'>];
	const step = moment === 'upload' ? upload : visible;
	const wait = (ms: number, when: 'before' | 'after'): FaultInput => ({
		kind: 'latency',
		platform: account.platform as Exclude<Account['platform'], 'bluesky'>,
		account: account.caller,
		step,
		ms,
		when,
	});
	const faults: Record<Moment, FaultInput[]> = {
		upload: [wait(NEVER_MS, 'after')],
		committed: [wait(NEVER_MS, 'after')],
		late: [wait(LATE_MS, 'before')],
		lost: [
			wait(NEVER_MS, 'before'),
			{ ...wait(0, 'before'), kind: 'drop_before_commit', when: undefined },
		],
	};
	for (const fault of faults[moment]) world.sandbox.faults.add(fault);
}

/** The answer to the account's next visible request never arrives, though the platform did it. */
function drop(world: World, account: Account): void {
	if (account.proxy !== null) {
		account.proxy.fate = (name, nth) => (name === PUT && nth === 0 ? 'drop_answer' : 'pass');
		return;
	}
	world.sandbox.faults.add({
		kind: 'drop_after_commit',
		platform: account.platform as Exclude<Account['platform'], 'bluesky'>,
		account: account.caller,
		step: STEPS[account.kind as Exclude<Kind, 'bluesky'>].visible,
	});
}

/** A due post with a picture for each case, on an account of its own, whose publish will hang. */
export async function hangingPosts(world: World, cases = CASES): Promise<Subject[]> {
	const subjects: Subject[] = [];
	for (const [kind, moment] of cases) {
		const account = await world.account(kind);
		hang(world, account, moment);
		subjects.push({ account, moment, post: await world.createWithPicture(account) });
	}
	return subjects;
}

/** The same for an answer that gets lost, one of each kind. */
export async function droppedPosts(world: World, kinds: readonly Kind[]): Promise<Subject[]> {
	const subjects: Subject[] = [];
	for (const kind of kinds) {
		const account = await world.account(kind);
		drop(world, account);
		subjects.push({ account, moment: 'dropped', post: await world.createWithPicture(account) });
	}
	return subjects;
}

/** Waits until every one of these publishes hangs on the wire. */
export async function allHang(world: World, subjects: Subject[]): Promise<void> {
	await until(() =>
		subjects.every(({ account }) =>
			account.proxy === null
				? world.sandbox.faults
						.list()
						.some((fault) => fault.account === account.caller && fault.hits > 0)
				: account.proxy.seen.some(({ fate }) => fate !== 'pass'),
		),
	);
}

/** Asserts that the post is live once, under the id and address that the store has. */
export function expectLiveOnce(post: PostView, live: Live[]): void {
	expect({ state: post.state, error: post.error }).toEqual({ state: 'published', error: null });
	expect(live).toHaveLength(1);
	expect(post.remoteId).toBe(live[0].id);
	if (live[0].url !== null) expect(post.url).toBe(live[0].url);
}

/** How a look-up (or LinkedIn's answer to a repeat) names what is live already. */
export function confirmation(kind: Kind, moment: Subject['moment']): string {
	const wasLive = moment === 'committed' || moment === 'late' || moment === 'dropped';
	if (!wasLive) return 'answer';
	return kind === 'linkedin member' ? 'duplicate' : 'lookup';
}

/** The address of a Bluesky post answers with this very record. */
export async function expectAddressAnswers(post: PostView): Promise<void> {
	const page = await fetch(post.url ?? '');
	expect(await page.json()).toMatchObject({ uri: post.remoteId });
}
