import { Router } from 'express';
import { PLATFORMS } from '../../../core/platforms';
import { knownMedia, mediaInfos } from '../../../core/publishing/images';
import type { PostContent, PostError, PostView } from '../../../core/store/contract';
import type { EditView } from '../../shared/compose';
import { Refused, valueOf } from '../connect/context';
import { handled } from '../connect/handled';
import { requireRole } from '../session';
import { briefAccount, type ComposeContext, ownerOf } from './context';
import { editRequest, ownerQuery, postParam } from './input';
import { timeOf } from './posts';

/** Changing a draft or a scheduled post of which nothing was sent. */
export function editRoutes(context: ComposeContext): Router {
	const router = Router();
	const path = '/api/posts/:id/edit';
	router.get(
		path,
		requireRole('viewer'),
		handled(async (request, response) => {
			const { id } = postParam.parse(request.params);
			const owner = ownerOf(response, ownerQuery.parse(request.query).owner);
			const post = valueOf(
				await context.store.call('social_post_get', { p_post_id: id, p_owner: owner }),
			);
			response.json(await editView(context, post));
		}),
	);
	router.put(
		path,
		requireRole('admin'),
		handled(async (request, response) => {
			const { id } = postParam.parse(request.params);
			const wish = editRequest.parse(request.body);
			const owner = ownerOf(response, wish.owner);
			const post = valueOf(
				await context.store.call('social_post_get', { p_post_id: id, p_owner: owner }),
			);
			const content: PostContent = {
				text: wish.text,
				...(wish.media.length === 0 ? {} : { media: wish.media }),
			};
			await refuseFaulty(context, post, content);
			const changed = valueOf(
				await context.store.call('social_post_update', {
					p_post_id: id,
					p_owner: owner,
					p_version: wish.version,
					p_changes: { content, ...changesOf(wish.when) },
				}),
			);
			response.json(await editView(context, changed));
		}),
	);
	return router;
}

/** A change names its time; "now" is the instant of the change. */
function changesOf(when: Parameters<typeof timeOf>[0] | undefined) {
	if (when === undefined) return {};
	if (when.as === 'now') return { as: 'scheduled', scheduledAt: new Date().toISOString() };
	return timeOf(when);
}

async function refuseFaulty(
	{ ports }: ComposeContext,
	post: PostView,
	content: PostContent,
): Promise<void> {
	const refs = content.media ?? [];
	const known = valueOf(await knownMedia(ports, post.owner, refs));
	const media = mediaInfos({ refs, pictures: new Map() }, known);
	const [problem] = media === null ? [] : PLATFORMS[post.platform].validate(content, media);
	if (problem === undefined) return;
	throw new Refused(422, {
		code: problem.code,
		message: problem.message.replace('Nothing was created.', 'Nothing was changed.'),
		remedy: problem.remedy,
		...(problem.field === undefined ? {} : { field: problem.field }),
	});
}

async function editView({ store }: ComposeContext, post: PostView): Promise<EditView> {
	const account = valueOf(
		await store.call('social_account_get', {
			p_account_id: post.accountId,
			p_owner: post.owner,
		}),
	);
	return { post, account: briefAccount(account), closed: closedReason(post) };
}

/** The store has the last word; this says it before somebody has typed. */
function closedReason(post: PostView): PostError | null {
	if (post.state === 'draft' || (post.state === 'scheduled' && post.attempts === 0)) return null;
	return {
		code: 'post_started',
		message: 'The post was started or has ended, so it cannot be changed any more.',
		remedy: 'Make a new one from it, or delete it at the platform.',
	};
}
