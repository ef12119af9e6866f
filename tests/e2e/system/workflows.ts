import { randomUUID } from 'node:crypto';
import type { WorkflowDraft, WorkflowNode } from './n8n-client';

const SOCIAL_POST = 'n8n-nodes-musekit-social.socialPost';
const SOCIAL_ACCOUNT = 'n8n-nodes-musekit-social.socialAccount';

export interface WebhookChoice {
	/** `lastNode`: the caller waits for the end; `onReceived`: it is answered at once. */
	respond?: 'lastNode' | 'onReceived';
}

/** A node of any type; the position follows from its place in the chain. */
export function node(
	name: string,
	type: string,
	typeVersion: number,
	parameters: Record<string, unknown>,
	settings: Record<string, unknown> = {},
): WorkflowNode {
	return { id: randomUUID(), name, type, typeVersion, position: [0, 0], parameters, ...settings };
}

/** A production webhook; its path gets an ending of its own, for paths are unique in an n8n. */
export function webhook(name: string, { respond = 'lastNode' }: WebhookChoice = {}): WorkflowNode {
	const path = `${name}-${randomUUID()}`;
	return node(
		'Webhook',
		'n8n-nodes-base.webhook',
		2,
		{ httpMethod: 'POST', path, responseMode: respond, options: {} },
		{ webhookId: randomUUID() },
	);
}

/** Social Post with a credential; `settings` are n8n's own (`retryOnFail`, `onError`, …). */
export function socialPost(
	parameters: Record<string, unknown>,
	credentialId: string,
	settings: Record<string, unknown> = {},
): WorkflowNode {
	return node(
		'Social Post',
		SOCIAL_POST,
		1,
		{ resource: 'post', ...parameters },
		{
			credentials: { museKitSocialApi: { id: credentialId, name: 'MuseKit Social' } },
			...settings,
		},
	);
}

/** Social Account with the store's credential and, for Connect, the door: type and id. */
export function socialAccount(
	parameters: Record<string, unknown>,
	credentialId: string,
	door?: { type: string; id: string },
): WorkflowNode {
	const credentials: NonNullable<WorkflowNode['credentials']> = {
		museKitSocialApi: { id: credentialId, name: 'MuseKit Social' },
	};
	if (door) credentials[door.type] = { id: door.id, name: 'Door' };
	return node('Social Account', SOCIAL_ACCOUNT, 1, parameters, { credentials });
}

/** One item per entry of `body.items`. */
export function splitItems(): WorkflowNode {
	return node('Items', 'n8n-nodes-base.splitOut', 1, {
		fieldToSplitOut: 'body.items',
		options: {},
	});
}

/** A workflow whose nodes follow one another. */
export function chain(
	name: string,
	nodes: WorkflowNode[],
	settings: Record<string, unknown> = {},
): WorkflowDraft {
	const connections: WorkflowDraft['connections'] = {};
	nodes.forEach((one, index) => {
		one.position = [index * 260, 0];
		const next = nodes[index + 1];
		if (next) connections[one.name] = { main: [[{ node: next.name, type: 'main', index: 0 }]] };
	});
	return { name, nodes, connections, settings: { executionOrder: 'v1', ...settings } };
}

/** The resource locator value of an account given by id. */
export function accountById(id: string): Record<string, unknown> {
	return { __rl: true, mode: 'id', value: id };
}
