import { Router } from 'express';
import { z } from 'zod';
import type { Store } from '../../../core/store/client';
import type { OwnersAnswer } from '../../shared/settings';
import { valueOf } from '../connect/context';
import { handled } from '../connect/handled';
import { requireRole } from '../session';

const PAGE_SIZE = 50;

const listQuery = z.object({
	search: z.string().max(200).optional(),
	cursor: z.string().min(1).max(300).optional(),
});
const saveBody = z.object({
	tier: z.enum(['universal', 'power']),
	timeZone: z.string().min(1).max(100).nullable(),
});
const ownerId = z.object({
	id: z
		.string()
		.regex(
			/^[A-Za-z0-9_.@:+=-]{1,200}$/,
			'1 to 200 letters, digits or . _ @ : + = -, without spaces',
		),
});

/** Owners with their tier and time zone; all of them, so for admins only. */
export function ownerRoutes(store: Store): Router {
	const router = Router();
	router.get(
		'/api/owners',
		requireRole('admin'),
		handled(async (request, response) => {
			const { search, cursor } = listQuery.parse(request.query);
			const page = valueOf(
				await store.call('social_owner_list', {
					p_search: search ?? null,
					p_limit: PAGE_SIZE,
					p_cursor: cursor ?? null,
				}),
			);
			const answer: OwnersAnswer = { owners: page.items, nextCursor: page.nextCursor };
			response.json(answer);
		}),
	);
	router.put(
		'/api/owners/:id',
		requireRole('admin'),
		handled(async (request, response) => {
			const { id } = ownerId.parse(request.params);
			const { tier, timeZone } = saveBody.parse(request.body);
			const saved = await store.call('social_owner_save', {
				p_owner: id,
				p_tier: tier,
				p_time_zone: timeZone,
			});
			response.json(valueOf(saved));
		}),
	);
	return router;
}
