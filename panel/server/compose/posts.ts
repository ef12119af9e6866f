import { Router } from 'express';
import { PLATFORMS } from '../../../core/platforms';
import { createPosts, type NamedEntry, type PostDraft } from '../../../core/publishing/create';
import type { StoreFunctions } from '../../../core/store/contract';
import type {
	ComposeAnswer,
	ComposeContent,
	ComposeView,
	ComposeWhen,
	MadeView,
	PreviewAnswer,
} from '../../shared/compose';
import { valueOf } from '../connect/context';
import { handled } from '../connect/handled';
import { requireRole } from '../session';
import { briefAccount, type ComposeContext, entriesOf, ownerOf } from './context';
import { composeRequest, madeQuery, ownerQuery, previewRequest } from './input';

/** Making posts for several accounts, and what would become of them. */
export function composeRoutes(context: ComposeContext): Router {
	const router = Router();
	router.get(
		'/api/compose',
		requireRole('viewer'),
		handled(async (request, response) => {
			const owner = ownerOf(response, ownerQuery.parse(request.query).owner);
			const off = valueOf(await context.store.call('social_compose_off', { p_owner: owner }));
			response.json({ owner, off } satisfies ComposeView);
		}),
	);
	router.get(
		'/api/compose/posts',
		requireRole('viewer'),
		handled(async (request, response) => {
			const { ids, owner: asked } = madeQuery.parse(request.query);
			const owner = ownerOf(response, asked);
			const found = await Promise.all(
				ids.map((id) => context.store.call('social_post_get', { p_post_id: id, p_owner: owner })),
			);
			response.json({ posts: found.map(valueOf) } satisfies MadeView);
		}),
	);
	router.post(
		'/api/posts',
		requireRole('admin'),
		handled(async (request, response) => {
			const wish = composeRequest.parse(request.body);
			const owner = ownerOf(response, wish.owner);
			const entries = entriesOf(
				await createPosts(context.ports, PLATFORMS, {
					key: `panel:${wish.key}`,
					owner,
					source: 'panel',
					// Two equal posts at once are a slip; at two times they are a plan.
					dedupe: wish.when.as === 'now' && wish.allowRepeat !== true,
					entries: draftsOf(wish),
				}),
			);
			const results = entries.map((entry) => ({
				...named(wish, entry),
				result: entry.result,
				post: entry.post ?? null,
			}));
			response.json({ results } satisfies ComposeAnswer);
		}),
	);
	router.post(
		'/api/posts/preview',
		requireRole('admin'),
		handled(async (request, response) => {
			const wish = previewRequest.parse(request.body);
			response.json(await preview(context, ownerOf(response, wish.owner), wish));
		}),
	);
	return router;
}

async function preview(
	context: ComposeContext,
	owner: string,
	wish: ComposeContent,
): Promise<PreviewAnswer> {
	const entries = entriesOf(
		await createPosts(context.ports, PLATFORMS, {
			key: `panel:${context.ports.crypto.uuid()}`,
			owner,
			source: 'panel',
			dedupe: false,
			dryRun: true,
			entries: draftsOf(wish),
		}),
	);
	const looks = await equalPosts(
		context,
		owner,
		wish.targets.map(({ accountId }, n) => ({
			n,
			accountId,
			text: textOf(wish, n),
			...instantOf(wish.when),
		})),
	);
	return {
		at: looks.get(0)?.at ?? null,
		results: entries.map((entry) => ({
			...named(wish, entry),
			equal: looks.get(entry.ordinal)?.equal ?? null,
		})),
	};
}

type Look = StoreFunctions['social_posts_equal']['value']['items'][number];

/** The instants of entries and the living posts with the same text, by the caller's number. */
export async function equalPosts(
	{ store }: ComposeContext,
	owner: string,
	entries: StoreFunctions['social_posts_equal']['args']['p_entries'],
): Promise<Map<number, Look>> {
	if (entries.length === 0) return new Map();
	const { items } = valueOf(
		await store.call('social_posts_equal', { p_owner: owner, p_entries: entries }),
	);
	return new Map(
		items.map((look) => {
			// Posts of pictures alone have the same text, and mean nothing by it.
			const bare = entries.find(({ n }) => n === look.n)?.text.trim() === '';
			return [look.n, bare ? { ...look, equal: null } : look];
		}),
	);
}

/** What the store makes an instant of. */
function instantOf(when: ComposeWhen) {
	return when.as === 'scheduled' ? { wallTime: when.wallTime, timeZone: when.timeZone } : {};
}

/** The time as core takes it. */
export function timeOf(when: ComposeWhen) {
	switch (when.as) {
		case 'draft':
			return { as: 'draft' as const };
		case 'now':
			return { as: 'scheduled' as const };
		case 'scheduled':
			return {
				as: 'scheduled' as const,
				wallTime: when.wallTime,
				timeZone: when.timeZone,
			};
	}
}

function draftsOf(wish: ComposeContent): PostDraft[] {
	const { media } = wish;
	return wish.targets.map(({ accountId }, place) => ({
		accountId,
		text: textOf(wish, place),
		...(media === undefined || media.length === 0 ? {} : { media }),
		...timeOf(wish.when),
	}));
}

function textOf({ targets, text }: ComposeContent, place: number): string {
	return targets[place].text ?? text;
}

function named(wish: ComposeContent, entry: NamedEntry) {
	return {
		accountId: wish.targets[entry.ordinal].accountId,
		account: entry.account === undefined ? null : briefAccount(entry.account),
		problems: entry.errors ?? [],
		warnings: entry.warnings ?? [],
	};
}
