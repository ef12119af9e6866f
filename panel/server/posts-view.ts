import type { StorePort } from '../../core/ports';
import { createStore } from '../../core/store/client';
import type {
	AccountView,
	Page,
	PostState,
	PostView,
	StoreFunctions,
} from '../../core/store/contract';

/** All states in the order in which the page shows them. */
export const STATES: readonly PostState[] = [
	'needs_review',
	'scheduled',
	'publishing',
	'published',
	'failed',
	'missed',
	'draft',
	'cancelled',
];

export interface PostsQuery {
	owner: string;
	state: PostState | null;
	cursor: string | null;
}

type Overview = StoreFunctions['social_overview']['value'];

/** What the page shows, or why it cannot, in words for people. */
export type PostsView =
	| { kind: 'posts'; posts: Page<PostView>; overview: Overview; profiles: Map<string, AccountView> }
	| { kind: 'down'; reason: string; remedy: string };

const PAGE_SIZE = 50;

/** Reads one page of posts with the counts and the accounts' own pages. Never throws. */
export async function readPosts(port: StorePort, query: PostsQuery): Promise<PostsView> {
	const store = createStore(port);
	const [posts, overview, accounts] = await Promise.all([
		store.call('social_post_list', {
			p_owner: query.owner,
			p_filter: query.state ? { states: [query.state] } : {},
			p_limit: PAGE_SIZE,
			p_cursor: query.cursor,
		}),
		store.call('social_overview', { p_owner: query.owner }),
		store.call('social_account_list', { p_owner: query.owner, p_limit: 100 }),
	]);
	for (const answer of [posts, overview, accounts]) {
		if (answer.kind === 'unreachable') {
			return {
				kind: 'down',
				reason: `The store does not answer: ${answer.reason}.`,
				remedy:
					'Scheduled posts are kept in it and nothing is lost. Start it (npm start), or look into .musekit/logs/store.log.',
			};
		}
		if (answer.kind === 'refused') {
			const { message, hint } = answer.refusal;
			return {
				kind: 'down',
				reason: `The store refused the question: ${message}`,
				remedy: hint ?? 'Check the address and the secret key that the panel was started with.',
			};
		}
	}
	if (posts.kind !== 'ok' || overview.kind !== 'ok' || accounts.kind !== 'ok') {
		return { kind: 'down', reason: 'The store gave no answer.', remedy: 'Try again.' };
	}
	return {
		kind: 'posts',
		posts: posts.value,
		overview: overview.value,
		profiles: new Map(accounts.value.items.map((account) => [account.id, account])),
	};
}
