import type { LookUpContext, PlatformDefinition, Step } from '../../core/platforms/platform';
import type { Ports } from '../../core/ports';
import type { Platform, PostView } from '../../core/store/contract';
import { PLATFORMS } from '../../core/platforms';
import type { RpcAnswer } from '../../core/ports';
import type { StoreModel } from '../model/store-model';
import { POST_HEADER } from './network';
import type { Guard } from './plan';

/**
 * The shipped platform definitions, with the post's id added to each visible request so that the
 * simulation can count, and with the guards that live in them switched off where asked for.
 */
export function definitions(off: readonly Guard[]): Record<Platform, PlatformDefinition> {
	const wrapped = Object.entries(PLATFORMS).map(([name, definition]) => [
		name,
		wrap(definition, off),
	]);
	return Object.fromEntries(wrapped) as Record<Platform, PlatformDefinition>;
}

function wrap(definition: PlatformDefinition, off: readonly Guard[]): PlatformDefinition {
	return {
		...definition,
		steps: (post, account) =>
			definition
				.steps(post, account)
				.map((step) => (step.visible ? tagged(step, post, off.includes('settle')) : step)),
		lookUp: async (context) => {
			if (off.includes('look-up')) {
				return await Promise.resolve({ verdict: 'absent', proof: { off: true } });
			}
			return await definition.lookUp(off.includes('settle') ? hasty(context) : context);
		},
	};
}

function tagged(step: Step, post: PostView, hurried: boolean): Step {
	return {
		...step,
		...(hurried ? { settleMs: 0 } : {}),
		prepare: async (context) => {
			const prepared = await step.prepare(context);
			const headers = { ...prepared.request.headers, [POST_HEADER]: post.id };
			return { ...prepared, request: { ...prepared.request, headers } };
		},
	};
}

/** As if a first read had been made a minute ago: one read is enough to call a post absent. */
function hasty(context: LookUpContext): LookUpContext {
	const at = context.nowMs - 61_000;
	const settledAt = new Date(at).toISOString();
	return {
		...context,
		intent: { ...context.intent, settledAt },
		intents: context.intents.map((intent) => ({ ...intent, settledAt })),
		notes: [...context.notes, { kind: 'clear', at }],
	};
}

/** Ports that save the intent only after the visible request was answered. */
export function intentAfterCall(ports: Ports): Ports {
	let unsaved: Record<string, unknown> | null = null;
	return {
		...ports,
		store: {
			...ports.store,
			rpc: async <T>(name: string, args: Record<string, unknown>) => {
				if (name !== 'social_intent') return await ports.store.rpc<T>(name, args);
				const post = await ports.store.rpc<PostView>('social_post_get', {
					p_contract: args.p_contract,
					p_post_id: args.p_post_id,
					p_owner: 'default',
				});
				if (post.kind !== 'ok') return post;
				unsaved = args;
				const limit = Number(args.p_limit_ms);
				return {
					kind: 'ok',
					value: {
						ok: true,
						refusal: null,
						message: null,
						deadlineMsLeft: limit,
						leaseMsLeft: limit,
						post: post.value,
					} as T,
				};
			},
		},
		http: {
			send: async (request) => {
				const answer = await ports.http.send(request);
				if (request.headers[POST_HEADER] !== undefined && unsaved !== null) {
					const args = unsaved;
					unsaved = null;
					await ports.store.rpc('social_intent', args);
				}
				return answer;
			},
		},
	};
}

/**
 * A call of a carrier whose claim is over, taken as if it still held: its fence for the newest, its
 * lease for running, and what came back to newer fences for unknown.
 */
export function answerUnfenced(
	store: StoreModel,
	name: string,
	args: Record<string, unknown>,
): RpcAnswer<unknown> {
	const row = store.tables.posts.get(String(args.p_post_id));
	if (row === undefined) return store.answer(name, args);
	const { evidence, fence, leaseUntil, state } = row;
	const stale = Number(args.p_fence);
	const claimedAt = row.claims.find((claim) => claim.fence === stale)?.startedAt ?? 0;
	const own = evidence.filter((entry) => entry.fence <= stale && entry.at <= claimedAt);
	Object.assign(row, { state: 'publishing', fence: stale, leaseUntil: Infinity, evidence: own });
	const answer = store.answer(name, args);
	row.evidence = evidence;
	if (row.state === 'publishing') Object.assign(row, { state, fence, leaseUntil });
	return answer;
}
