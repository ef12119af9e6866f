import type { PostState } from '../../core/store/contract';
import type { PostRow } from '../model/rows';
import type { Entry, PlatformModel } from './platforms/platform';
import { FENCED } from './store-link';

/** What must never be, whatever goes wrong inside the fault model. */
export type ViolationKind =
	| 'duplicate'
	| 'lost'
	| 'stale_fence'
	| 'open_intent'
	| 'unexplained'
	| 'broken';

export interface Violation {
	kind: ViolationKind;
	post: string;
	at: number;
	message: string;
}

/** What people did to a post, so that an end can be explained by it. */
export interface PersonsDoing {
	cancelled: Set<string>;
}

const ENDED: ReadonlySet<PostState> = new Set<PostState>([
	'published',
	'failed',
	'missed',
	'needs_review',
	'cancelled',
]);
const NOT_LIVE: ReadonlySet<PostState> = new Set<PostState>(['failed', 'missed', 'cancelled']);

/** A lateness from which on a post may be missed only if nobody could have sent it. */
const LONG_MS = 6 * 3_600_000;

export function hasEnded(state: PostState): boolean {
	return ENDED.has(state);
}

/** Looks at store and platform after every step. */
export class Invariants {
	readonly violations: Violation[] = [];
	private readonly states = new Map<string, PostState>();

	constructor(
		private readonly posts: Map<string, PostRow>,
		private readonly platform: PlatformModel,
		private readonly doing: PersonsDoing,
		private readonly now: () => number,
		private readonly changed: (post: PostRow) => void,
	) {}

	/** What a fenced call may not change when its fence is stale; null when it is not. */
	beforeCall(name: string, args: Record<string, unknown>): string | null {
		if (!FENCED.has(name)) return null;
		const row = this.posts.get(String(args.p_post_id));
		if (row === undefined) return null;
		const fresh = row.state === 'publishing' && row.fence === args.p_fence;
		return fresh ? null : `${row.id} ${picture(row)}`;
	}

	afterCall(name: string, stale: string | null): void {
		if (stale !== null) {
			const row = this.posts.get(stale.slice(0, 36));
			if (row !== undefined && stale !== `${row.id} ${picture(row)}`) {
				this.found('stale_fence', row, `${name} changed the post under a stale fence`);
			}
		}
		for (const row of this.posts.values()) {
			if (row.openIntents > 0 && NOT_LIVE.has(row.state)) {
				this.found('open_intent', row, `the post is ${row.state} with an open intent`);
			}
			if (this.states.get(row.id) === row.state) continue;
			this.states.set(row.id, row.state);
			if (hasEnded(row.state)) this.explain(row);
			this.changed(row);
		}
	}

	/** After a visible request was handled by the platform. */
	afterRequest(post: string | null): void {
		const row = post === null ? undefined : this.posts.get(post);
		if (row === undefined) return;
		const live = this.live(row);
		if (live.length > 1) {
			const ids = live.map(({ id }) => id).join(' and ');
			this.found('duplicate', row, `the post is live ${live.length} times (${ids})`);
		}
		if (live.length > 0 && NOT_LIVE.has(row.state)) {
			this.found('lost', row, `the post went live when it was stored as ${row.state}`);
		}
	}

	/** When nothing moves any more. */
	atTheEnd(): void {
		for (const row of this.posts.values()) {
			if (row.state !== 'draft' && !hasEnded(row.state)) {
				this.found('lost', row, `the post is still ${row.state} (${row.waitReason ?? 'due'})`);
			}
		}
	}

	live(row: PostRow): Entry[] {
		return this.platform.entries.filter((entry) => entry.post === row.id);
	}

	found(kind: ViolationKind, row: PostRow, message: string): void {
		const known = this.violations.some((each) => each.kind === kind && each.post === row.id);
		if (!known) this.violations.push({ kind, post: row.id, at: this.now(), message });
	}

	private explain(row: PostRow): void {
		const live = this.live(row);
		const code = row.error?.code ?? 'none';
		if (NOT_LIVE.has(row.state) && live.length > 0) {
			this.found('lost', row, `the post is live and stored as ${row.state} (${code})`);
		}
		switch (row.state) {
			case 'published': {
				const named = live.find(
					(entry) =>
						entry.id === row.remoteId || `container:${entry.container ?? ''}` === row.remoteId,
				);
				if (named === undefined) {
					const what = `published as ${row.remoteId}, which is not an entry of it`;
					this.found(live.length > 0 ? 'unexplained' : 'lost', row, what);
				} else if (!row.evidence.some(({ outcome }) => outcome === 'done')) {
					this.found('unexplained', row, 'published without evidence');
				}
				return;
			}
			case 'failed':
				if (!row.evidence.some(({ outcome }) => outcome === 'rejected') || row.error === null) {
					this.found('unexplained', row, `failed without a refusal (${code})`);
				} else if (!/duplicate/.test(code)) {
					// No other definite refusal of a post is part of any schedule.
					this.found('lost', row, `failed although nothing was wrong with it (${code})`);
				}
				return;
			case 'missed':
				if (this.now() <= row.scheduledAt + row.maxLatenessMs) {
					this.found('unexplained', row, 'missed before its maximum lateness');
				} else if (row.maxLatenessMs >= LONG_MS) {
					this.found('lost', row, 'missed although a healthy carrier had hours to publish it');
				}
				return;
			case 'cancelled':
				if (!this.doing.cancelled.has(row.id)) {
					this.found('unexplained', row, 'cancelled, and nobody asked for it');
				}
				return;
			case 'needs_review':
				if (row.error === null) this.found('unexplained', row, 'needs a review and says not why');
		}
	}
}

/** Everything of a post that only the holder of its fence may change. */
function picture(row: PostRow): string {
	const closed = row.intents.map((intent) => intent.closedBy ?? '-').join();
	return `${row.state} ${row.fence} ${row.leaseUntil} ${row.nextAt} ${row.steps.length} ${closed} ${row.barrenClaims} ${row.error?.code}`;
}
