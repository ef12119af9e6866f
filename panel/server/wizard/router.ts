import { Router } from 'express';
import { z } from 'zod';
import type { Store } from '../../../core/store/client';
import { STEPS, type WizardAnswer, type WizardState } from '../../shared/wizard';
import { type ConnectOptions, createContext, Refused, valueOf } from '../connect/context';
import { handled } from '../connect/handled';
import { requireRole, sessionOf, SIGNED_OUT, type Session } from '../session';
import { connectSandboxAccount } from './sandbox-account';

const step = z.enum(STEPS);
const stateBody = z.strictObject({
	step: step.optional(),
	skipped: z.array(step).max(STEPS.length).optional(),
	dismissed: z.boolean().optional(),
	finished: z.boolean().optional(),
	postId: z.uuid().optional(),
	accountId: z.uuid().optional(),
});

interface Settings {
	module: { enabled: boolean };
	timing: { maxLatenessMs: number };
	panel: { timeZone: string | null; wizard: WizardState };
}

async function settingsOf(store: Store): Promise<Settings> {
	return valueOf(await store.call('social_settings_get', {})) as unknown as Settings;
}

async function read(store: Store, session: Session, sandbox: boolean): Promise<WizardAnswer> {
	const [settings, ability] = await Promise.all([
		settingsOf(store),
		store.call('social_owner_get', { p_owner: session.owner }).then(valueOf),
	]);
	const { timeZone, wizard: state } = settings.panel;
	const moduleOn = settings.module.enabled;
	const needed = session.role === 'admin' && (!moduleOn || ability.accounts === 0);
	return {
		show: needed && state.dismissed !== true,
		open: needed || (session.role === 'admin' && state.step !== undefined && !state.finished),
		moduleOn,
		accounts: ability.accounts,
		sandbox,
		timeZone,
		maxLatenessMs: settings.timing.maxLatenessMs,
		state,
	};
}

/** The first steps: what is done, where somebody stopped, and an account of the sandbox. */
export function createWizardRouter(options: ConnectOptions): Router {
	const router = Router();
	const connect = createContext(options);
	const { store } = connect;
	const sandbox = connect.sandboxUrl !== undefined;

	router.get(
		'/api/wizard',
		requireRole('viewer'),
		handled(async (_request, response) => {
			response.json(await read(store, asked(sessionOf(response)), sandbox));
		}),
	);
	router.patch(
		'/api/wizard',
		requireRole('admin'),
		handled(async (request, response) => {
			const change = stateBody.parse(request.body);
			const { panel } = await settingsOf(store);
			valueOf(
				await store.call('social_settings_set', {
					p_key: 'panel',
					p_value: { wizard: { ...panel.wizard, ...change } },
				}),
			);
			response.json(await read(store, asked(sessionOf(response)), sandbox));
		}),
	);
	router.post(
		'/api/wizard/sandbox-account',
		requireRole('admin'),
		handled(async (_request, response) => {
			const { owner } = asked(sessionOf(response));
			response.status(201).json(await connectSandboxAccount(connect, owner));
		}),
	);
	return router;
}

function asked(session: Session | null): Session {
	if (session !== null) return session;
	throw new Refused(401, SIGNED_OUT);
}
