import { accessTokenFor } from '../../../../core/accounts/tokens';
import { loadVaultKey, sealToken, type VaultKey } from '../../../../core/accounts/vault';
import { X } from '../../../../core/platforms/x';
import type {
	LookUpContext,
	LookUpVerdict,
	PlatformDefinition,
	Step,
	StepReading,
	TokenSecret,
} from '../../../../core/platforms/platform';
import type { HttpAnswer, HttpRequest, Ports } from '../../../../core/ports';
import { carryPost } from '../../../../core/publishing/carry';
import { claimPost, type CarrierOptions } from '../../../../core/publishing/carrier';
import type { CarriedAccount, PostView } from '../../../../core/store/contract';
import { createCryptoPort } from '../../../../fallback-runner/src/ports/crypto';
import { StoreModel, newPost, postId } from './store-model';
import { VirtualClock } from './virtual-clock';

type Answering = (request: HttpRequest) => HttpAnswer | Promise<HttpAnswer>;

/** Answers scripted per path, in order; a request that nobody scripted throws. */
export class ScriptedHttp {
	/** What was written to the wire. */
	readonly wire: HttpRequest[] = [];
	private readonly script = new Map<string, Answering[]>();

	on(path: string, ...answers: Answering[]): void {
		this.script.set(path, [...(this.script.get(path) ?? []), ...answers]);
	}

	wireOf(path: string): HttpRequest[] {
		return this.wire.filter((request) => new URL(request.url).pathname === path);
	}

	async send(request: HttpRequest): Promise<HttpAnswer> {
		await Promise.resolve();
		const path = new URL(request.url).pathname;
		const answering = this.script.get(path)?.shift();
		if (answering === undefined) throw new Error(`Nobody scripted an answer of ${path}`);
		if (request.mayStillSend?.() === false) return { kind: 'not_sent', reason: 'called off' };
		this.wire.push(request);
		return await answering(request);
	}
}

export const answers = {
	json:
		(status: number, body: unknown): Answering =>
		() => ({ kind: 'response', status, headers: {}, text: JSON.stringify(body) }),
	done: (id: string): Answering => answers.json(201, { outcome: 'done', remoteId: id }),
	rejected: (kind: string, more: Record<string, unknown> = {}): Answering =>
		answers.json(400, {
			outcome: 'rejected',
			class: kind,
			error: { code: `x_${kind}`, message: kind, remedy: 'r' },
			...more,
		}),
	lost: (): HttpAnswer => ({ kind: 'lost', reason: 'the connection was reset' }),
	notSent: (): HttpAnswer => ({ kind: 'not_sent', reason: 'the connection was refused' }),
	/** A body that the platform's reader cannot read. */
	garbage: (): HttpAnswer => ({ kind: 'response', status: 502, headers: {}, text: '<html>' }),
};

const SETTLE_MS = 10_000;
const LIMIT_MS = 20_000;

function reading(text: string): StepReading {
	return JSON.parse(text) as StepReading;
}

const visible: Step = {
	name: 'post',
	part: 0,
	visible: true,
	final: true,
	limitMs: LIMIT_MS,
	settleMs: SETTLE_MS,
	prepare: async (context) =>
		await Promise.resolve({
			request: {
				method: 'POST',
				path: '/post',
				headers: { 'content-type': 'application/json' },
				body: JSON.stringify({ text: context.post.content.text, media: context.result('media_0') }),
				limitMs: LIMIT_MS,
			},
			recognise: { text: context.post.content.text },
		}),
	read: (answer) => reading(answer.text),
};

const upload: Step = {
	name: 'media_0',
	part: 0,
	visible: false,
	final: false,
	limitMs: LIMIT_MS,
	settleMs: 0,
	prepare: async (context) => ({
		request: {
			method: 'POST',
			path: '/media',
			headers: {},
			body: await context.mediaBytes(0),
			limitMs: LIMIT_MS,
		},
	}),
	read: (answer) => reading(answer.text),
};

/** Verdicts of look-ups, in order; one that nobody scripted throws. */
export class ScriptedLookUps {
	readonly asked: LookUpContext[] = [];
	readonly askedAt: number[] = [];
	readonly verdicts: LookUpVerdict[] = [];
}

export interface Scene {
	clock: VirtualClock;
	store: StoreModel;
	http: ScriptedHttp;
	lookUps: ScriptedLookUps;
	ports: Ports;
	options: CarrierOptions;
	key: VaultKey;
	account: CarriedAccount;
	definition: PlatformDefinition;
	logged: { event: string; facts: Record<string, unknown> }[];
	/** Claims the post and carries it once. */
	carry(post: PostView): ReturnType<typeof carryPost>;
	seal(secret: TokenSecret): Promise<string>;
	token(): ReturnType<typeof accessTokenFor>;
}

export const TEST_KEY = '00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff';

/** A store, a platform and a carrier that a test can bend. */
export async function scene(): Promise<Scene> {
	const clock = new VirtualClock();
	const store = new StoreModel(clock);
	const http = new ScriptedHttp();
	const lookUps = new ScriptedLookUps();
	const logged: Scene['logged'] = [];
	const crypto = createCryptoPort();
	const loaded = await loadVaultKey(TEST_KEY, crypto);
	if (loaded.outcome !== 'ok') throw new Error('the test key must load');
	const { key } = loaded;
	const row = { accountId: postId('account'), owner: 'default' };
	const seal = async (secret: TokenSecret) => await sealToken(crypto, key, row, secret);
	const account: CarriedAccount = {
		id: row.accountId,
		owner: row.owner,
		platform: 'x',
		mode: 'sandbox',
		remoteId: '42',
		handle: 'demo',
		displayName: 'Demo',
		status: 'connected',
		statusReason: null,
		scopes: [],
		tokenExpiresAt: null,
		lastSuccessAt: null,
		lastValidatedAt: null,
		missingScopes: [],
		profileUrl: null,
		baseUrl: 'http://platform.test',
		authUrl: 'http://platform.test',
		token: await seal({ accessToken: 'first', refreshToken: 'r1' }),
		tokenVersion: 1,
		settings: {},
	};
	store.accounts.set(account.id, account);
	const definition = scriptedPlatform(lookUps, clock);
	const ports: Ports = {
		http,
		store,
		clock,
		crypto,
		log: {
			info: (event, facts) => logged.push({ event, facts: facts ?? {} }),
			warn: (event, facts) => logged.push({ event, facts: facts ?? {} }),
		},
	};
	const options: CarrierOptions = {
		carrier: 'runner:test',
		kind: 'runner',
		vaultKey: key,
		platforms: { x: definition, linkedin: definition, instagram: definition, bluesky: definition },
		stopping: () => false,
	};
	return {
		clock,
		store,
		http,
		lookUps,
		ports,
		options,
		key,
		account,
		definition,
		logged,
		seal,
		carry: async (post) => {
			const claim = await claimPost(ports, options, { postId: post.id });
			if (claim.kind !== 'held') throw new Error(`no claim: ${JSON.stringify(claim)}`);
			return await carryPost(ports, options, claim.held);
		},
		token: async () =>
			await accessTokenFor(ports, { ...store.account(account.id) }, { vaultKey: key, definition }),
	};
}

/** A due post of the scene's account. */
export function duePost(stage: Scene, known: Partial<PostView> = {}): PostView {
	const post = newPost(stage.account, known);
	stage.store.addPost(post);
	return post;
}

function scriptedPlatform(lookUps: ScriptedLookUps, clock: VirtualClock): PlatformDefinition {
	return {
		name: 'x',
		displayName: 'X',
		capabilities: {
			text: { required: true, max: 280, unit: 'characters' },
			images: { min: 0, max: 4, mimes: ['image/png'], maxBytes: 5_000_000, altTextMax: 1000 },
			canDelete: true,
			fetchesMedia: false,
			duplicateWindowMs: 0,
		},
		publicHosts: [],
		identity: X.identity,
		liveBaseUrl: 'https://platform.test',
		liveAuthUrl: 'https://platform.test',
		validate: (content) =>
			content.text.length <= 280
				? []
				: [{ code: 'text_too_long', message: 'too long', remedy: 'cut', field: 'text' }],
		steps: (post) => ((post.content.media ?? []).length > 0 ? [upload, visible] : [visible]),
		authorize: (request, account, accessToken) => ({
			...request,
			url: `${account.baseUrl}${request.path}`,
			headers: { ...request.headers, authorization: `Bearer ${accessToken}` },
		}),
		// Ids that begin with "stranger" are older than the intent in this platform's terms.
		adopt: (namedId) =>
			namedId.startsWith('stranger') ? null : { remoteId: namedId, url: `at:${namedId}` },
		idFromUrl: (address) => ({ kind: 'entry', remoteId: address, url: `at:${address}` }),
		lookUp: async (context) => {
			lookUps.asked.push(context);
			lookUps.askedAt.push(clock.now());
			const verdict = lookUps.verdicts.shift();
			if (verdict === undefined) throw new Error('Nobody scripted a verdict');
			return await Promise.resolve(verdict);
		},
		remove: (post) => ({
			request: { method: 'DELETE', path: `/post/${post.remoteId}`, headers: {}, limitMs: 1000 },
			read: (answer) => reading(answer.text),
		}),
		refresh: {
			request: (_account, secret) => ({
				method: 'POST',
				url: 'http://platform.test/token',
				headers: {},
				body: secret.refreshToken ?? '',
				limitMs: LIMIT_MS,
			}),
			read: (answer) => {
				if (answer.kind === 'response' && answer.status === 200) {
					return { outcome: 'done', secret: JSON.parse(answer.text) as TokenSecret };
				}
				const error = { code: 'refresh', message: 'refresh', remedy: 'r' };
				return answer.kind === 'response' && answer.status === 400
					? { outcome: 'dead', error }
					: { outcome: 'later', error };
			},
		},
	};
}
