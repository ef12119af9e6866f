import { randomUUID } from 'node:crypto';
import type { WorkflowDraft, WorkflowNode } from '../../e2e/system/n8n-client';
import { chain, node } from '../../e2e/system/workflows';

/** What the webhook gets: one post and the account it is for. */
export interface PostOrder {
	/** API base, such as `https://api.x.com`; here the sandbox's. */
	api: string;
	token: string;
	/** Id (X, Instagram) or URN (LinkedIn) of the author. */
	author: string;
	text: string;
	/** Instagram's picture. */
	imageUrl: string;
}

/**
 * Retry On Fail as public workflows have it: three tries, five seconds between them (the most that
 * n8n allows), and 30 s for an answer (n8n's own default waits five minutes).
 */
export const RETRY = { retryOnFail: true, maxTries: 3, waitBetweenTries: 5_000 } as const;
const TIMEOUT_MS = 30_000;

const body = (name: keyof PostOrder) => `$('Webhook').item.json.body.${name}`;
const bearer = { name: 'Authorization', value: `=Bearer {{ ${body('token')} }}` };

function httpRequest(
	name: string,
	url: string,
	headers: { name: string; value: string }[],
	json: string,
): WorkflowNode {
	return node(
		name,
		'n8n-nodes-base.httpRequest',
		4.2,
		{
			method: 'POST',
			url,
			sendHeaders: true,
			headerParameters: { parameters: headers },
			sendBody: true,
			specifyBody: 'json',
			jsonBody: `={{ JSON.stringify(${json}) }}`,
			options: { timeout: TIMEOUT_MS },
		},
		RETRY,
	);
}

/** Answers when the run is over, so that the caller sees how it ended. */
function trigger(name: string): WorkflowNode {
	return node(
		'Webhook',
		'n8n-nodes-base.webhook',
		2,
		{ httpMethod: 'POST', path: `${name}-${randomUUID()}`, responseMode: 'lastNode', options: {} },
		{ webhookId: randomUUID() },
	);
}

/** The create call, as the platform's pages show it and people type it into the node. */
const STEPS: Record<'x' | 'linkedin' | 'instagram', () => WorkflowNode[]> = {
	x: () => [
		httpRequest(
			'Create Post',
			`={{ ${body('api')} }}/2/tweets`,
			[bearer],
			`{ text: ${body('text')} }`,
		),
	],
	linkedin: () => [
		httpRequest(
			'Create Post',
			`={{ ${body('api')} }}/rest/posts`,
			[
				bearer,
				{ name: 'LinkedIn-Version', value: '202609' },
				{ name: 'X-Restli-Protocol-Version', value: '2.0.0' },
			],
			`{ author: ${body('author')}, commentary: ${body('text')}, visibility: 'PUBLIC',
				distribution: { feedDistribution: 'MAIN_FEED', targetEntities: [], thirdPartyDistributionChannels: [] },
				lifecycleState: 'PUBLISHED', isReshareDisabledByAuthor: false }`,
		),
	],
	instagram: () => [
		httpRequest(
			'Create Container',
			`={{ ${body('api')} }}/v24.0/{{ ${body('author')} }}/media`,
			[bearer],
			`{ image_url: ${body('imageUrl')}, caption: ${body('text')} }`,
		),
		node('Wait', 'n8n-nodes-base.wait', 1.1, { amount: 5, unit: 'seconds' }),
		httpRequest(
			'Publish Container',
			`={{ ${body('api')} }}/v24.0/{{ ${body('author')} }}/media_publish`,
			[bearer],
			'{ creation_id: $json.id }',
		),
	],
};

/** Webhook → HTTP Request with Retry On Fail, one post for each run. */
export function postingWorkflow(platform: keyof typeof STEPS): WorkflowDraft {
	const name = `post-to-${platform}`;
	return chain(name, [trigger(name), ...STEPS[platform]()]);
}
