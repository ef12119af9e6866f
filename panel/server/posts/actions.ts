import { Router, type Request, type Response } from 'express';
import type { z } from 'zod';
import { PLATFORMS } from '../../../core/platforms';
import { createPosts } from '../../../core/publishing/create';
import { resolvePost } from '../../../core/publishing/resolve';
import type { PostView } from '../../../core/store/contract';
import type { PostActionAnswer } from '../../shared/posts';
import { Refused, valueOf } from '../connect/context';
import { handled } from '../connect/handled';
import { storeProblem } from '../problem';
import { requireRole } from '../session';
import { settled } from './conflict';
import { linkable, ownerOf, type PostsContext } from './context';
import {
	actionRequest,
	duplicateRequest,
	postParam,
	rescheduleRequest,
	resolveRequest,
} from './input';

interface Ids {
	p_post_id: string;
	p_owner: string;
}

type Action<Body> = (
	context: PostsContext,
	ids: Ids,
	body: Body,
) => Promise<{ post: PostView; done?: boolean }>;

/** What people do with one post. Each may be repeated: the second time changes nothing more. */
export function actionRoutes(context: PostsContext): Router {
	const router = Router();
	const act = <Body extends { owner?: string }>(
		name: string,
		schema: z.ZodType<Body>,
		run: Action<Body>,
	) =>
		router.post(
			`/api/posts/:id/${name}`,
			requireRole('admin'),
			handled(async (request: Request, response: Response) => {
				const { id } = postParam.parse(request.params);
				const body = schema.parse(request.body);
				const ids = { p_post_id: id, p_owner: ownerOf(response, body.owner) };
				const { post, done } = await run(context, ids, body);
				const answer: PostActionAnswer = { post: linkable(post), done: done ?? true };
				response.json(answer);
			}),
		);
	act('reschedule', rescheduleRequest, reschedule);
	act('retry', actionRequest, retry);
	act('cancel', actionRequest, cancel);
	act('duplicate', duplicateRequest, duplicate);
	act('resolve', resolveRequest, resolve);
	return router;
}

const reschedule: Action<z.output<typeof rescheduleRequest>> = async (context, ids, wish) => {
	const { store } = context;
	const { version, wallTime, timeZone } = wish;
	const answer = await store.call('social_post_update', {
		...ids,
		p_version: version,
		p_changes: { wallTime, timeZone },
	});
	if (answer.kind === 'refused' && answer.refusal.code === 'version_conflict') {
		// The same wish again, because its first answer was lost: it is fulfilled.
		const now = await store.call('social_post_get', ids);
		const wanted = await store.call('social_instant', {
			p_wall_time: wallTime,
			p_time_zone: timeZone,
		});
		if (
			now.kind === 'ok' &&
			wanted.kind === 'ok' &&
			now.value.version === version + 1 &&
			now.value.scheduledAt === wanted.value.at
		) {
			return { post: now.value };
		}
	}
	return { post: await settled(context, ids, answer) };
};

const retry: Action<z.output<typeof actionRequest>> = async (context, ids) => ({
	post: await settled(context, ids, await context.store.call('social_post_retry', ids)),
});

const cancel: Action<z.output<typeof actionRequest>> = async (context, ids) =>
	await settled(context, ids, await context.store.call('social_post_cancel', ids));

const duplicate: Action<z.output<typeof duplicateRequest>> = async (context, ids, { key }) => {
	const post = valueOf(await context.store.call('social_post_get', ids));
	const outcome = await createPosts(context.ports, PLATFORMS, {
		key: `panel:duplicate:${post.id}:${key}`,
		owner: ids.p_owner,
		source: 'panel',
		dedupe: false,
		entries: [
			{
				accountId: post.accountId,
				text: post.content.text,
				as: 'draft',
				...(post.content.media === undefined ? {} : { media: post.content.media }),
			},
		],
	});
	if (outcome.kind === 'unreachable') {
		throw new Refused(503, {
			code: 'store_unreachable',
			message: 'The store gave no clear answer, so it is not known whether the copy was made.',
			remedy: 'Try again: a copy that was made is then found and not made twice.',
		});
	}
	if (outcome.kind === 'refused') {
		const { status, problem } = storeProblem(outcome);
		throw new Refused(outcome.refusal.code === 'off' ? 403 : status, problem);
	}
	const [made] = outcome.entries;
	if (made?.post !== undefined) return { post: made.post };
	const [error] = made?.errors ?? [];
	throw new Refused(422, {
		code: error?.code ?? 'create_invalid',
		message: error?.message ?? 'The copy was not made.',
		remedy: error?.remedy ?? 'Try again.',
	});
};

/** The store could not be read, or the decision's fate is open. */
const LATER = new Set(['store_unreachable', 'resolve_unclear', 'entry_not_looked_up']);
/** About the address that was given. */
const ABOUT_ADDRESS = /^(address_|entry_|id_in_use)/;

const resolve: Action<z.output<typeof resolveRequest>> = async (context, ids, wish) => {
	const outcome = await resolvePost(
		context.ports,
		{ platforms: PLATFORMS, vaultKey: await context.vaultKey() },
		{
			key: `panel:resolve:${wish.key}`,
			postId: ids.p_post_id,
			owner: ids.p_owner,
			decision: wish.decision,
		},
	);
	if (outcome.kind === 'resolved') return { post: outcome.post };
	const { code, message, remedy } = outcome.error;
	if (LATER.has(code)) throw new Refused(503, { code, message, remedy });
	if (code === 'post_unknown') throw new Refused(404, { code, message, remedy });
	if (ABOUT_ADDRESS.test(code)) {
		throw new Refused(422, { code, message, remedy, field: 'address' });
	}
	const { post } = { post: await context.store.call('social_post_get', ids) };
	if (post.kind === 'ok' && post.value.state === 'published') {
		throw new Refused(409, {
			code: 'published_meanwhile',
			message: 'The post is published: it became known meanwhile that it is live.',
			remedy: 'Nothing is left to decide.',
		});
	}
	throw new Refused(409, { code, message, remedy });
};
