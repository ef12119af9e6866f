import type { HttpAnswer, HttpPort, HttpRequest, HttpResponse } from '../../../../core/ports';
import type {
	LookUpContext,
	PlatformDefinition,
	Step,
	StepContext,
	StepReading,
} from '../../../../core/platforms/platform';
import type {
	CarriedAccount,
	Intent,
	MediaInfo,
	Platform,
	PostContent,
	PostView,
} from '../../../../core/store/contract';

/** 2026-11-22T10:00:00Z, the store's time in these tests. */
export const NOW = Date.UTC(2026, 10, 22, 10);

export const iso = (ms: number): string => new Date(ms).toISOString();

export function picture(changes: Partial<MediaInfo> = {}): MediaInfo {
	return {
		hash: 'a'.repeat(64),
		mime: 'image/jpeg',
		bytes: 12,
		width: 800,
		height: 800,
		...changes,
	};
}

export function account(platform: Platform, changes: Partial<CarriedAccount> = {}): CarriedAccount {
	return {
		id: '0190c0de-0000-7000-8000-000000000001',
		owner: 'default',
		platform,
		mode: 'sandbox',
		remoteId: '4242',
		handle: 'ada',
		displayName: 'Ada',
		status: 'connected',
		statusReason: null,
		scopes: [],
		tokenExpiresAt: null,
		lastSuccessAt: null,
		lastValidatedAt: null,
		missingScopes: [],
		profileUrl: null,
		baseUrl: `http://127.0.0.1:4010/${platform}`,
		authUrl: `http://127.0.0.1:4010/${platform}`,
		token: 'sealed',
		tokenVersion: 1,
		settings: {},
		...changes,
	};
}

export function post(
	platform: Platform,
	content: PostContent,
	media: MediaInfo[] = (content.media ?? []).map(() => picture()),
): PostView {
	return {
		id: '0190c0de-0000-7000-8000-000000000002',
		owner: 'default',
		accountId: '0190c0de-0000-7000-8000-000000000001',
		platform,
		mode: 'sandbox',
		account: '@ada',
		state: 'publishing',
		waitReason: null,
		error: null,
		content,
		media,
		scheduledAt: iso(NOW),
		wallTime: null,
		timeZone: null,
		nextAt: null,
		publishedAt: null,
		remoteId: null,
		url: null,
		confirmedBy: null,
		carrier: null,
		attempts: 1,
		version: 1,
		deletedAt: null,
		maxLatenessMs: 86_400_000,
		createdAt: iso(NOW),
		updatedAt: iso(NOW),
	};
}

export function response(
	status: number,
	body: unknown,
	headers: Record<string, string> = {},
): HttpResponse {
	const text = typeof body === 'string' ? body : JSON.stringify(body);
	return { kind: 'response', status, headers, text };
}

export function stepContext(
	given: { post: PostView; account: CarriedAccount },
	changes: {
		results?: Record<string, Record<string, unknown>>;
		bytes?: Uint8Array;
		mediaUrl?: string;
		nowMs?: number;
	} = {},
): StepContext {
	return {
		...given,
		result: (name) => changes.results?.[name],
		mediaBytes: () =>
			changes.bytes === undefined
				? Promise.reject(new Error('no bytes are declared in this test'))
				: Promise.resolve(changes.bytes),
		mediaUrl: () =>
			changes.mediaUrl === undefined
				? Promise.reject(new Error('no media URL is declared in this test'))
				: Promise.resolve(changes.mediaUrl),
		nowMs: changes.nowMs ?? NOW,
	};
}

export function stepNamed(steps: Step[], name: string): Step {
	const step = steps.find((entry) => entry.name === name);
	if (step === undefined) throw new Error(`there is no step ${name}`);
	return step;
}

/** Throws on everything but the answers it was given, in their order. */
export function scripted(...answers: HttpAnswer[]): HttpPort & { sent: HttpRequest[] } {
	const sent: HttpRequest[] = [];
	return {
		sent,
		send(request) {
			const answer = answers[sent.length];
			sent.push(request);
			if (answer === undefined) throw new Error(`undeclared request ${request.url}`);
			return Promise.resolve(answer);
		},
	};
}

export function intent(changes: Partial<Intent> = {}): Intent {
	return {
		id: '0190c0de-0000-7000-8000-000000000003',
		part: 0,
		step: 'post',
		fence: 7,
		request: { method: 'POST', path: '/', headers: {}, body: '{}' },
		recognise: {},
		savedAt: iso(NOW - 300_000),
		deadlineAt: iso(NOW - 270_000),
		settledAt: iso(NOW - 200_000),
		closedBy: null,
		repeatOf: 0,
		...changes,
	};
}

export function lookUpContext(
	definition: PlatformDefinition,
	changes: Partial<LookUpContext> & { intent: Intent },
): LookUpContext {
	const given = {
		post: post(definition.name, { text: '' }),
		account: account(definition.name),
		...changes,
	};
	return {
		intents: [changes.intent],
		http: scripted(),
		authorize: (request) => definition.authorize(request, given.account, 'secret-token'),
		nowMs: NOW,
		isOurs: () => Promise.resolve(false),
		sameTextElsewhere: false,
		notes: [],
		...given,
	};
}

/** Words that house style keeps out of messages. */
export const FORBIDDEN_WORDS =
	/\b(errors?|problems?|failures?|failed|E[A-Z]{3,}|EAI_AGAIN|GETADDRINFO)\b/;

export type Rejected = Extract<StepReading, { outcome: 'rejected' }>;

export function rejected(reading: StepReading): Rejected {
	if (reading.outcome !== 'rejected') throw new Error(`it is ${reading.outcome}, not rejected`);
	return reading;
}
