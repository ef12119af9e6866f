import type { HttpAnswer, HttpRequest, HttpResponse } from '../../../../../core/ports';
import { BLUESKY } from '../../../../../core/platforms/bluesky';
import type { LookUpContext, Step, StepContext } from '../../../../../core/platforms/platform';
import type {
	CarriedAccount,
	Intent,
	MediaInfo,
	PostContent,
	PostView,
} from '../../../../../core/store/contract';

export const DID = 'did:plc:abcdefghijklmnopqrstuvwx';
export const POST_ID = '01939b7c-8a00-7a3b-9c4d-5e6f708192a3';
export const NOW = Date.parse('2026-11-22T10:00:00.000Z');

export const account: CarriedAccount = {
	id: '01939b7c-0000-7000-8000-000000000001',
	owner: 'default',
	platform: 'bluesky',
	mode: 'live',
	remoteId: DID,
	handle: 'alice.bsky.social',
	displayName: 'Alice',
	status: 'connected',
	statusReason: null,
	scopes: [],
	tokenExpiresAt: null,
	lastSuccessAt: null,
	lastValidatedAt: null,
	missingScopes: [],
	profileUrl: null,
	baseUrl: 'https://amanita.us-east.host.bsky.network',
	authUrl: 'https://bsky.social',
	token: 'v1.k.a.b',
	tokenVersion: 1,
	settings: {},
};

export function post(content: PostContent, media: MediaInfo[] = []): PostView {
	return { id: POST_ID, content, media, platform: 'bluesky', mode: 'live' } as PostView;
}

export function picture(change: Partial<MediaInfo> = {}): MediaInfo {
	return {
		hash: 'a'.repeat(64),
		mime: 'image/jpeg',
		bytes: 1000,
		width: 40,
		height: 30,
		...change,
	};
}

export function answer(
	status: number,
	body: unknown,
	headers: Record<string, string> = {},
): HttpResponse {
	return {
		kind: 'response',
		status,
		headers,
		text: typeof body === 'string' ? body : JSON.stringify(body),
	};
}

/** Context of a step; what a test has not declared throws. */
export function context(change: Partial<StepContext> = {}): StepContext {
	const undeclared = (name: string) => () => {
		throw new Error(`${name} was not expected`);
	};
	return {
		post: post({ text: '' }),
		account,
		nowMs: NOW,
		result: undeclared('result'),
		mediaBytes: undeclared('mediaBytes'),
		mediaUrl: undeclared('mediaUrl'),
		...change,
	};
}

export function lastStep(view: PostView): Step {
	const step = BLUESKY.steps(view, account).at(-1);
	if (step === undefined) throw new Error('no step');
	return step;
}

/** An open intent as the last step of a text post freezes it. */
export async function intentOf(text: string, id = 'i1'): Promise<Intent> {
	const { request, recognise } = await lastStep(post({ text })).prepare(context());
	const at = new Date(NOW - 60_000).toISOString();
	return {
		id,
		part: 0,
		step: 'post',
		fence: 1,
		request: {
			method: 'POST',
			path: request.path,
			headers: request.headers,
			body: String(request.body),
		},
		recognise: recognise ?? {},
		savedAt: at,
		deadlineAt: at,
		settledAt: new Date(NOW - 1000).toISOString(),
		closedBy: null,
		repeatOf: 0,
	};
}

/** Context of a look-up over answers by the name of the call; any other call throws. */
export function lookUpContext(
	intents: Intent[],
	answers: Record<string, HttpAnswer>,
): LookUpContext & { sent: HttpRequest[] } {
	const sent: HttpRequest[] = [];
	const [intent] = intents;
	if (intent === undefined) throw new Error('no intent');
	return {
		sent,
		post: post({ text: 'Hello' }),
		account,
		intent,
		intents,
		http: {
			send: async (request) => {
				sent.push(request);
				const call = /\/xrpc\/([\w.]+)/.exec(request.url)?.[1] ?? '';
				const given = answers[call];
				if (given === undefined) throw new Error(`${request.url} was not expected`);
				return await Promise.resolve(given);
			},
		},
		authorize: (request) => BLUESKY.authorize(request, account, 'secret'),
		nowMs: NOW,
		isOurs: () => {
			throw new Error('isOurs was not expected');
		},
		sameTextElsewhere: false,
		notes: [],
	};
}
