import type { Ports } from '../ports';
import { createStore } from '../store/client';
import type { PostState, PostView } from '../store/contract';
import { carryPost } from './carry';
import {
	claimPost,
	claimRequest,
	type CarrierOptions,
	type CarryOutcome,
	type Held,
} from './carrier';
import { createPosts, type CreateOutcome, type CreateRequest, type NamedEntry } from './create';
import { Countdown, mark } from './elapsed';

export interface PublishNowOptions extends CarrierOptions {
	/** How long the call stays with its posts; afterwards a carrier finishes them. Default 60 s. */
	waitForMs?: number;
	/** Posts carried at the same time. Default 4. */
	concurrency?: number;
}

export type PublishNowOutcome =
	| { kind: 'ok'; entries: NamedEntry[] }
	| Exclude<CreateOutcome, { kind: 'ok' }>;

const WAIT_FOR_MS = 60_000;
const CONCURRENCY = 4;
const LONGEST_NAP_MS = 1_000;
/** Another post of the account is under way, or another carrier has this one. */
const BUSY_MS = 500;
/** Own trouble: the post is free for others meanwhile. */
const BACK_OFF_MS = 5_000;

const UNDER_WAY: ReadonlySet<PostState> = new Set<PostState>(['scheduled', 'publishing']);

/**
 * Creates posts, claims the first in the same call and carries all of them at once. Each post is
 * answered with its newest state: what is not finished when the time is over is finished by a
 * carrier. Repeating the call with its key is safe.
 */
export async function publishNow(
	ports: Ports,
	options: PublishNowOptions,
	request: Omit<CreateRequest, 'claim'>,
): Promise<PublishNowOutcome> {
	const window = new Countdown(ports.clock, mark(ports.clock), options.waitForMs ?? WAIT_FOR_MS);
	const bounded: PublishNowOptions = {
		...options,
		stopping: () => options.stopping() || window.left() <= 0,
	};
	const claim = bounded.stopping() ? {} : { claim: claimRequest(ports, options) };
	const created = await createPosts(ports, options.platforms, { ...request, ...claim });
	if (created.kind !== 'ok') return created;
	const { held, entries } = created;
	const first = held === null ? undefined : held.claim.post.id;
	const waiting = entries.flatMap(({ post }) =>
		post !== undefined && UNDER_WAY.has(post.state) ? [post] : [],
	);
	waiting.sort((left, right) => Number(right.id === first) - Number(left.id === first));
	const newest = new Map<string, PostView>();
	const lanes = Array.from({ length: options.concurrency ?? CONCURRENCY }, async () => {
		for (let post = waiting.shift(); post !== undefined; post = waiting.shift()) {
			const seen = await stayWith(ports, bounded, {
				post,
				window,
				held: post.id === first ? held : null,
			});
			newest.set(post.id, (await readById(ports, post.id, post.owner)) ?? seen);
		}
	});
	await Promise.all(lanes);
	return {
		kind: 'ok',
		entries: entries.map((entry) => {
			const post = newest.get(entry.post?.id ?? '');
			return post === undefined ? entry : { ...entry, post };
		}),
	};
}

interface Stay {
	post: PostView;
	held: Held | null;
	window: Countdown;
}

/** Carries one post again and again until it has ended or the time is over. */
async function stayWith(ports: Ports, options: PublishNowOptions, stay: Stay): Promise<PostView> {
	let { held, post } = stay;
	for (;;) {
		let waitMs = 0;
		if (held !== null) {
			const outcome = await carryPost(ports, options, held);
			held = null;
			post = outcome.post;
			if (hasEnded(outcome)) return post;
			waitMs = outcome.backOff ? BACK_OFF_MS : (outcome.waitMs ?? BUSY_MS);
		}
		if (waitMs > stay.window.left() || !(await napFor(ports, options, waitMs))) return post;
		const claim = await claimPost(ports, options, { postId: post.id });
		if (claim.kind === 'held') {
			held = claim.held;
			continue;
		}
		if (claim.kind === 'refused') return post;
		post = (await readById(ports, post.id, post.owner)) ?? post;
		if (!UNDER_WAY.has(post.state)) return post;
		const due = post.state === 'scheduled' ? dueInMs(ports, post) : 0;
		if (due > stay.window.left()) return post;
		if (!(await napFor(ports, options, Math.max(due, BUSY_MS)))) return post;
	}
}

/** Ms until a scheduled post may be claimed, by this machine's clock. */
function dueInMs(ports: Ports, post: PostView): number {
	const times = [post.scheduledAt, post.nextAt].flatMap((at) =>
		at === null ? [] : Date.parse(at),
	);
	return Math.max(0, ...times) - ports.clock.now();
}

function hasEnded(outcome: CarryOutcome): boolean {
	switch (outcome.end) {
		case 'lost_claim':
		case 'store_unreachable':
			return false;
		case 'evidence_unsaved':
			return true;
		default:
			return !UNDER_WAY.has(outcome.end);
	}
}

/**
 * Waits before a post is asked for again. False when the time ends sooner than that: then waiting
 * for it is of no use.
 */
async function napFor(ports: Ports, options: PublishNowOptions, ms: number): Promise<boolean> {
	const until = new Countdown(ports.clock, mark(ports.clock), ms);
	while (until.left() > 0) {
		if (options.stopping()) return false;
		await ports.clock.sleep(Math.min(until.left(), LONGEST_NAP_MS));
	}
	return !options.stopping();
}

async function readById(ports: Ports, postId: string, owner: string): Promise<PostView | null> {
	const answer = await createStore(ports.store).call('social_post_get', {
		p_post_id: postId,
		p_owner: owner,
	});
	return answer.kind === 'ok' ? answer.value : null;
}
