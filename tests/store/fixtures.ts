import { createHash, randomBytes, randomUUID } from 'node:crypto';
import type { SupabaseClient } from '@supabase/supabase-js';
import {
	CONTRACT,
	PROTOCOL,
	type CarrierKind,
	type Claim,
	type CreateEntry,
	type CreateOptions,
	type PostError,
	type PostView,
	type StoreFunctionName,
	type StoreFunctions,
} from '../../core/store/contract';

/** What a refused call says. */
export class CallRefused extends Error {
	constructor(
		readonly status: number,
		readonly code: string,
		readonly details: Record<string, unknown>,
		readonly hint: string | null,
	) {
		super(`${status} ${code} ${JSON.stringify(details)}`);
	}
}

export type Call = <N extends StoreFunctionName>(
	name: N,
	args: StoreFunctions[N]['args'],
) => Promise<StoreFunctions[N]['value']>;

/** Typed calls of the contract over supabase-js; a refusal is thrown as `CallRefused`. */
export function callsOf(client: SupabaseClient): Call {
	return async (name, args) => {
		const { data, error, status } = await client.rpc(name, { p_contract: CONTRACT, ...args });
		if (!error) return data;
		let details: Record<string, unknown> = {};
		try {
			details = JSON.parse(error.details ?? '{}');
		} catch {
			details = { text: error.details };
		}
		throw new CallRefused(
			status,
			error.code.startsWith('PT') ? error.message : error.code,
			details,
			error.hint,
		);
	};
}

export const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');

/** Saves a sandbox account and answers its id. */
export async function saveAccount(
	call: Call,
	change: Partial<StoreFunctions['social_account_save']['args']> = {},
): Promise<string> {
	const id = randomUUID();
	await call('social_account_save', {
		p_id: id,
		p_owner: 'default',
		p_platform: 'x',
		p_mode: 'sandbox',
		p_remote_id: randomBytes(6).toString('hex'),
		p_handle: `h${id.slice(0, 8)}`,
		p_display_name: 'Test',
		p_base_url: 'http://127.0.0.1:4010/x',
		p_auth_url: 'http://127.0.0.1:4010/x',
		p_scopes: ['tweet.write'],
		p_token: 'v1.k1.aXY.c2VhbGVk',
		p_token_key_id: 'k1',
		...change,
	});
	return id;
}

export function entry(accountId: string | null, change: Partial<CreateEntry> = {}): CreateEntry {
	const text = change.content?.text ?? `post ${randomUUID()}`;
	return {
		ordinal: 0,
		accountId,
		content: { text },
		as: 'scheduled',
		fingerprint: sha256(text),
		protocol: PROTOCOL,
		...change,
	};
}

export function options(change: Partial<CreateOptions> = {}): CreateOptions {
	return { key: randomUUID(), owner: 'default', source: 'api', dedupe: false, ...change };
}

/** Creates one post and answers it. */
export async function createPost(
	call: Call,
	accountId: string,
	change: Partial<CreateEntry> = {},
	owner = 'default',
): Promise<PostView> {
	const answer = await call('social_create', {
		p_options: options({ owner }),
		p_entries: [entry(accountId, change)],
	});
	const [made] = answer.entries;
	if (!made.post) throw new Error(`Not created: ${JSON.stringify(made)}`);
	return made.post;
}

/** Registers a picture under this hash, as an upload does. */
export function registerPicture(call: Call, hash: string, owner = 'default') {
	return call('social_media_register', {
		p_owner: owner,
		p_hash: hash,
		p_mime: 'image/png',
		p_bytes: 10,
		p_width: 1,
		p_height: 1,
	});
}

export function claimRequest(carrier = 'test-carrier', kind: CarrierKind = 'runner') {
	return { claimId: randomUUID(), carrier, kind, protocol: PROTOCOL };
}

/** Claims one post and fails when it cannot be had. */
export async function claimPost(call: Call, postId: string, carrier?: string): Promise<Claim> {
	const answer = await call('social_claim', { p_claim: claimRequest(carrier), p_post_id: postId });
	if (!answer.claim) throw new Error(`Not claimed: ${answer.reason}`);
	return answer.claim;
}

export function saveIntent(call: Call, claim: Claim, change: Record<string, unknown> = {}) {
	return call('social_intent', {
		p_post_id: claim.post.id,
		p_fence: claim.fence,
		p_intent_id: randomUUID(),
		p_part: 0,
		p_step: 'create_post',
		p_request: { method: 'POST', path: '/2/tweets', headers: {}, body: '{}' },
		p_recognise: { text: claim.post.content.text },
		p_limit_ms: 30_000,
		p_settle_ms: 1_000,
		...change,
	});
}

/** A carrier claims the post and gives it up; for review, its request may have reached the platform. */
export async function giveUp(
	call: Call,
	postId: string,
	to: 'failed' | 'needs_review',
	error: PostError,
): Promise<Claim> {
	const claim = await claimPost(call, postId);
	if (to === 'needs_review') await saveIntent(call, claim, { p_limit_ms: 1, p_settle_ms: 0 });
	await call('social_result', {
		p_post_id: postId,
		p_fence: claim.fence,
		p_result: { to, error },
	});
	return claim;
}

export function saveEvidence(call: Call, claim: Claim, change: Record<string, unknown> = {}) {
	return call('social_evidence', {
		p_evidence_id: randomUUID(),
		p_post_id: claim.post.id,
		p_fence: claim.fence,
		p_carrier: 'test-carrier',
		p_part: 0,
		p_step: 'create_post',
		p_outcome: 'done',
		p_final: true,
		p_remote_id: randomBytes(8).toString('hex'),
		p_url: 'https://sandbox.invalid/1',
		...change,
	});
}
