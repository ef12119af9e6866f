import type { PostState } from '../../core/store/contract';
import type { TrialEnd } from './report';

/** What store and platform say about one post after the run. */
export interface Stand {
	state: PostState;
	/** Id by which the store knows the live entry. */
	remoteId: string | null;
	confirmedBy: string | null;
	/** Ids of the entries that are live on the account. */
	live: string[];
	/** Why the store says so. */
	error: string | null;
}

/** How the trial ended, and one sentence when that is not as promised. */
export interface Judgement {
	end: TrialEnd;
	what: string | null;
	resolvedByLookup: boolean;
}

/** Compares the platform's ledger with the store. The post was due and allowed in every trial. */
export function judge(stand: Stand): Judgement {
	const { state, live, remoteId } = stand;
	const resolvedByLookup =
		state === 'published' && (stand.confirmedBy === 'lookup' || stand.confirmedBy === 'duplicate');
	const answer = (end: TrialEnd, what: string | null): Judgement => ({
		end,
		what,
		resolvedByLookup,
	});
	const why = stand.error === null ? '' : ` (${stand.error})`;
	if (live.length > 1) {
		return answer('duplicated', `${live.length} live entries: ${live.join(', ')}; stored ${state}`);
	}
	if (state === 'needs_review') {
		return answer('needs_review', `needs review with ${live.length} live entries${why}`);
	}
	if (state === 'published') {
		if (live.length === 0) return answer('lost', 'stored as published, but nothing is live');
		// Instagram may not tell which entry it is; then the container stands for it until somebody asks.
		const named = remoteId !== null && !remoteId.startsWith('container:');
		if (named && remoteId !== live[0]) {
			return answer('lost', `live is ${live[0]}, stored is ${remoteId}`);
		}
		return answer('published_once', null);
	}
	return live.length === 1
		? answer('lost', `live, but stored as ${state}${why}`)
		: answer('lost', `due and allowed, but ${state} and not published${why}`);
}
