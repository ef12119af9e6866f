import type { IDataObject, INodeExecutionData } from 'n8n-workflow';

import type { AccountView, PostError, PostView } from '../../../core/store/contract';

/** The fields every operation answers with, in this order. */
export interface PostOutput extends IDataObject {
	id: string | null;
	state: string;
	platform: string | null;
	account: string | null;
	url: string | null;
	scheduledAt: string | null;
	publishedAt: string | null;
	attempts: number;
}

/**
 * A post as item data. What waits or went wrong stands under `reason` and `remedy`, never under
 * `error`: n8n runs a node again whose first item has that key.
 */
export function simplifiedPost(post: PostView): PostOutput {
	return {
		id: post.id,
		state: post.state,
		platform: post.platform,
		account: post.account,
		url: post.url,
		scheduledAt: post.scheduledAt,
		publishedAt: post.publishedAt,
		attempts: post.attempts,
		...(post.mode === 'sandbox' ? { sandbox: true } : {}),
		...(post.deletedAt === null ? {} : { deleted: true }),
		...explanation(post),
	};
}

/** Everything the store tells about the post, with the same eight fields first. */
export function fullPost(post: PostView): PostOutput {
	const { error, ...rest } = post;
	return {
		...simplifiedPost(post),
		...(rest as unknown as IDataObject),
		attempts: post.attempts,
		problem: error as unknown as IDataObject | null,
	} as PostOutput;
}

/** The output for an account whose post could not be made, beside others that could. */
export function invalidPost(
	errors: PostError[],
	target: { accountId: string | null; account?: AccountView },
): PostOutput {
	const { account } = target;
	return {
		id: null,
		state: 'invalid',
		platform: account?.platform ?? null,
		account: account === undefined ? target.accountId : `@${account.handle}`,
		url: null,
		scheduledAt: null,
		publishedAt: null,
		attempts: 0,
		reason: errors.map((error) => error.message).join(' '),
		remedy: errors.map((error) => error.remedy).join(' '),
	};
}

/** A problem or warning as item data. */
export function plainProblem({ code, message, remedy, field }: PostError): IDataObject {
	return { code, message, remedy, ...(field === undefined ? {} : { field }) };
}

/** Item data paired with the input item it came from. */
export function paired(json: IDataObject, item: number): INodeExecutionData {
	return { json, pairedItem: { item } };
}

function explanation(post: PostView): IDataObject {
	if (post.error) return { reason: post.error.message, remedy: post.error.remedy };
	if (post.state === 'publishing') {
		return {
			reason: 'The post is being published and had not finished when this node stopped waiting.',
			remedy:
				'Nothing to do: the Publish Due workflow or the fallback runner finishes it. Running this node again is safe.',
		};
	}
	if (post.waitReason) return WAITING[post.waitReason];
	return {};
}

const FINISHES = 'Nothing to do: the Publish Due workflow or the fallback runner goes on with it.';

const WAITING: Record<NonNullable<PostView['waitReason']>, { reason: string; remedy: string }> = {
	retry: { reason: 'The post is tried again in a while.', remedy: FINISHES },
	container: { reason: 'The platform is still preparing the picture.', remedy: FINISHES },
	lookup: {
		reason: 'The platform gave no clear answer, so it is looked up whether the post is live.',
		remedy: FINISHES,
	},
	rate_limit: { reason: 'The platform allows no more posts at the moment.', remedy: FINISHES },
	account_dead: {
		reason: 'The account must be connected again; the post waits for it.',
		remedy: 'Connect the account again, the post then goes out by itself.',
	},
	handed_back: { reason: 'The post was handed back before it was started.', remedy: FINISHES },
	not_sent: { reason: 'The platform could not be reached; nothing was sent.', remedy: FINISHES },
	platform_down: { reason: 'The platform is down at the moment.', remedy: FINISHES },
	off: {
		reason: 'Something that this post needs is switched off; the post waits and is not missed.',
		remedy:
			'Switch it on in the panel under Features & Integrations; the post then goes out by itself.',
	},
};
