import { Router } from 'express';
import { z } from 'zod';
import type { Toggle } from '../../../core/store/contract';
import {
	type ChecksAnswer,
	type FeaturesAnswer,
	isToggle,
	type ReachAnswer,
} from '../../shared/features';
import { type ConnectOptions, createContext, Refused, valueOf } from '../connect/context';
import { handled } from '../connect/handled';
import { requireRole, sessionOf } from '../session';
import { checksOf } from './catalog';
import type { CheckContext, Probes } from './check-context';
import { PROBES } from './probes';
import { Checks, lightOf } from './run-checks';
import { moduleStatus } from './status';
import type { Surroundings } from './surroundings';

export interface FeaturesOptions extends ConnectOptions {
	vaultKey: string;
	around?: Surroundings;
	probes?: Probes;
}

const switchBody = z.object({ on: z.boolean(), late: z.boolean().optional() });

const unknownToggle = () =>
	new Refused(404, {
		code: 'toggle_unknown',
		message: 'There is no such switch. Nothing was changed.',
		remedy: 'Load the page again.',
	});

function toggleOf(text: unknown): Toggle {
	if (typeof text === 'string' && isToggle(text)) return text;
	throw unknownToggle();
}

/** Switches with their reach and checks, and the module's status. */
export function createFeaturesRouter(options: FeaturesOptions): Router {
	const router = Router();
	const connect = createContext(options);
	const { store, ports } = connect;
	const context: CheckContext = {
		store,
		ports,
		vaultKey: options.vaultKey,
		connect,
		around: options.around ?? {},
		probes: options.probes ?? PROBES,
	};
	const checks = new Checks(context);

	router.get(
		'/api/features',
		requireRole('viewer'),
		handled(async (_request, response) => {
			const answer: FeaturesAnswer = valueOf(await store.call('social_features', {}));
			response.json(answer);
		}),
	);
	router.get(
		'/api/features/:toggle/reach',
		requireRole('viewer'),
		handled(async (request, response) => {
			const session = sessionOf(response);
			const answer: ReachAnswer = valueOf(
				await store.call('social_feature_reach', {
					p_toggle: toggleOf(request.params.toggle),
					p_owner: session?.role === 'admin' ? null : (session?.owner ?? ''),
				}),
			);
			response.json(answer);
		}),
	);
	router.put(
		'/api/features/:toggle',
		requireRole('admin'),
		handled(async (request, response) => {
			const { on, late } = switchBody.parse(request.body);
			const answer: FeaturesAnswer = valueOf(
				await store.call('social_feature_set', {
					p_toggle: toggleOf(request.params.toggle),
					p_on: on,
					...(late === undefined ? {} : { p_late: late }),
				}),
			);
			checks.forget();
			response.json(answer);
		}),
	);
	router.get(
		'/api/features/:toggle/checks',
		requireRole('viewer'),
		handled(async (request, response) => {
			const toggle = toggleOf(request.params.toggle);
			const { toggles } = valueOf(await store.call('social_features', {}));
			const state = toggles.find((one) => one.toggle === toggle);
			if (state === undefined) throw unknownToggle();
			const fresh = request.query.fresh === '1' && sessionOf(response)?.role === 'admin';
			const results = await checks.run(checksOf(toggle), fresh);
			const answer: ChecksAnswer = {
				toggle,
				light: !state.on ? 'off' : lightOf(results),
				checks: results,
				checkedAt: new Date().toISOString(),
			};
			response.json(answer);
		}),
	);
	router.get(
		'/api/status',
		requireRole('viewer'),
		handled(async (_request, response) => {
			response.json(await moduleStatus(context, checks));
		}),
	);
	return router;
}
