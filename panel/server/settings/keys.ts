import { createHash, randomBytes, randomUUID } from 'node:crypto';
import { Router } from 'express';
import { z } from 'zod';
import type { Store } from '../../../core/store/client';
import type { KeysAnswer, MadeKeyAnswer } from '../../shared/settings';
import { valueOf } from '../connect/context';
import { handled } from '../connect/handled';
import { requireRole, sessionOf } from '../session';

const PAGE_SIZE = 50;

const listQuery = z.object({
	cursor: z
		.string()
		.regex(/^\d{1,9}$/)
		.optional(),
});
const makeBody = z.object({
	name: z.string().trim().min(1, 'Give the key a name').max(80, 'At most 80 characters'),
});
const keyId = z.object({ id: z.uuid() });

/** The page of a Supabase project where its keys are made and deleted. */
export function dashboardOf(storeUrl: string | undefined): string {
	const project = /^([a-z0-9]+)\.supabase\.(co|in|red)$/.exec(
		storeUrl === undefined ? '' : new URL(storeUrl).hostname,
	)?.[1];
	// `_` lets the dashboard ask which project is meant.
	return `https://supabase.com/dashboard/project/${project ?? '_'}/settings/api-keys`;
}

/** Keys for n8n. A key is in one answer, right after it was made, and nowhere else. */
export function keyRoutes(store: Store, storeUrl: string | undefined): Router {
	const router = Router();
	router.get(
		'/api/keys',
		requireRole('admin'),
		handled(async (request, response) => {
			const { cursor } = listQuery.parse(request.query);
			const [page, signs] = await Promise.all([
				store.call('social_key_list', { p_limit: PAGE_SIZE, p_cursor: cursor ?? null }),
				store.call('social_carriers', {}),
			]);
			const { embedded, items, nextCursor } = valueOf(page);
			const answer: KeysAnswer = {
				embedded,
				keys: items,
				nextCursor,
				dashboardUrl: embedded ? null : dashboardOf(storeUrl),
				carriers: valueOf(signs).items.filter(({ kind }) => kind === 'n8n'),
			};
			response.json(answer);
		}),
	);
	router.post(
		'/api/keys',
		requireRole('admin'),
		handled(async (request, response) => {
			const { name } = makeBody.parse(request.body);
			const key = `sb_secret_${randomBytes(32).toString('base64url')}`;
			const view = valueOf(
				await store.call('social_key_issue', {
					p_id: randomUUID(),
					p_name: name,
					p_digest: createHash('sha256').update(key).digest('hex'),
					p_hint: key.slice(-4),
					p_made_by: sessionOf(response)?.name ?? null,
				}),
			);
			const answer: MadeKeyAnswer = { key, view };
			response.status(201).json(answer);
		}),
	);
	router.delete(
		'/api/keys/:id',
		requireRole('admin'),
		handled(async (request, response) => {
			const { id } = keyId.parse(request.params);
			response.json(valueOf(await store.call('social_key_revoke', { p_id: id })));
		}),
	);
	return router;
}
