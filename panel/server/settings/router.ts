import { Router } from 'express';
import { z } from 'zod';
import type { StorePort } from '../../../core/ports';
import { createStore, type Store } from '../../../core/store/client';
import type { AbilityAnswer, ChangeSettingsRequest, SettingsAnswer } from '../../shared/settings';
import { allowedOwner, Refused, valueOf } from '../connect/context';
import { handled } from '../connect/handled';
import { requireRole } from '../session';
import { keyRoutes } from './keys';
import { ownerRoutes } from './owners';

export interface SettingsOptions {
	store: StorePort;
	/** Origin of the store. */
	storeUrl?: string;
}

const cap = z.number().int().nullable();
const caps = z.strictObject({ accounts: cap, scheduled: cap, postsPerDay: cap }).partial();
const ms = z.number().int();

/** Ranges are the store's: one place decides them. */
const change = z.strictObject({
	caps: z.strictObject({ universal: caps, power: caps }).partial().optional(),
	timing: z
		.strictObject({ graceMs: ms.nullable(), maxLatenessMs: ms, gapMs: ms })
		.partial()
		.optional(),
	publicMediaUrl: z.string().max(500).nullable().optional(),
	timeZone: z.string().max(100).nullable().optional(),
});
const abilityQuery = z.object({ owner: z.string().max(200).optional() });

async function readSettings(store: Store): Promise<SettingsAnswer> {
	const all = valueOf(await store.call('social_settings_get', {})) as {
		caps: SettingsAnswer['caps'];
		timing: { graceMs: number | null; maxLatenessMs: number };
		burst: { gapMs: number };
		media: { publicUrl: string | null };
		panel: { timeZone: string | null };
	};
	return {
		caps: all.caps,
		timing: {
			graceMs: all.timing.graceMs,
			maxLatenessMs: all.timing.maxLatenessMs,
			gapMs: all.burst.gapMs,
		},
		publicMediaUrl: all.media.publicUrl,
		timeZone: all.panel.timeZone,
	};
}

/** A change as the store's settings have it, one call for each key. */
function writesOf(wish: ChangeSettingsRequest): { key: string; value: object; field: string }[] {
	const { gapMs, ...timing } = wish.timing ?? {};
	return [
		{ key: 'caps', value: wish.caps ?? {}, field: 'caps' },
		{ key: 'timing', value: timing, field: 'timing' },
		{ key: 'burst', value: gapMs === undefined ? {} : { gapMs }, field: 'timing' },
		{
			key: 'media',
			value: wish.publicMediaUrl === undefined ? {} : { publicUrl: wish.publicMediaUrl },
			field: 'publicMediaUrl',
		},
		{
			key: 'panel',
			value: wish.timeZone === undefined ? {} : { timeZone: wish.timeZone },
			field: 'timeZone',
		},
	].filter(({ value }) => Object.keys(value).length > 0);
}

async function write(store: Store, wish: ChangeSettingsRequest): Promise<void> {
	for (const { key, value, field } of writesOf(wish)) {
		const answer = await store.call('social_settings_set', { p_key: key, p_value: value });
		if (answer.kind === 'refused' && answer.refusal.code === 'setting_invalid') {
			const { code, message, hint } = answer.refusal;
			throw new Refused(400, {
				code,
				message,
				remedy: hint ?? 'Correct it and save again.',
				field,
			});
		}
		valueOf(answer);
	}
}

/** Settings, owners, keys for n8n, and what one owner may do. */
export function createSettingsRouter(options: SettingsOptions): Router {
	const router = Router();
	const store = createStore(options.store);
	router.get(
		'/api/settings',
		requireRole('viewer'),
		handled(async (_request, response) => {
			response.json(await readSettings(store));
		}),
	);
	router.patch(
		'/api/settings',
		requireRole('admin'),
		handled(async (request, response) => {
			await write(store, change.parse(request.body));
			response.json(await readSettings(store));
		}),
	);
	router.get(
		'/api/ability',
		requireRole('viewer'),
		handled(async (request, response) => {
			const { owner: asked } = abilityQuery.parse(request.query);
			const message = 'You may see only what you yourself may do.';
			const owner = allowedOwner(response, asked, message);
			const answer: AbilityAnswer = valueOf(
				await store.call('social_owner_get', { p_owner: owner }),
			);
			response.json(answer);
		}),
	);
	router.use(ownerRoutes(store));
	router.use(keyRoutes(store, options.storeUrl));
	return router;
}
