import { createHash, randomBytes } from 'node:crypto';

import sharp from 'sharp';

import { sniffImage } from '../../../../core/content/image';
import { PLATFORMS } from '../../../../core/platforms';
import { freeze, type LookUpVerdict, type StepReading } from '../../../../core/platforms/platform';
import type {
	CarriedAccount,
	FrozenRequest,
	Intent,
	Platform,
	PostContent,
	PostView,
} from '../../../../core/store/contract';
import { createHttpPort } from '../../../../fallback-runner/src/ports/http';
import type { SeededAccount } from '../../../../sandbox/src/accounts';
import { startSandbox, type RunningSandbox } from '../../../../sandbox/src/server';
import { account, iso, post, stepContext } from './posts';

const http = createHttpPort();
let sandbox: RunningSandbox;
let jpeg: Buffer;

beforeAll(async () => {
	sandbox = await startSandbox({ port: 0 });
	await admin('/_settings', {
		processingMs: { linkedinAsset: 300, instagramContainer: 300 },
		indexLagMs: { x: 0, linkedin: 0, instagram: 0 },
	});
	jpeg = await sharp({
		create: { width: 1500, height: 1200, channels: 3, background: '#2255aa' },
	})
		.jpeg()
		.toBuffer();
});

afterAll(async () => await sandbox.stop());

async function admin(path: string, body: unknown): Promise<unknown> {
	const answer = await fetch(sandbox.url + path, {
		method: 'POST',
		headers: { 'content-type': 'application/json' },
		body: JSON.stringify(body),
	});
	if (!answer.ok) throw new Error(`${path}: ${answer.status} ${await answer.text()}`);
	return await answer.json();
}

interface Ledger {
	entries: {
		id: string;
		text: string;
		url: string;
		media: { sha256: string; altText: string }[];
	}[];
}

async function ledger(handle: string): Promise<Ledger['entries']> {
	const answer = await fetch(`${sandbox.url}/_ledger?account=${handle}`);
	return ((await answer.json()) as Ledger).entries;
}

interface Carried {
	post: PostView;
	account: CarriedAccount;
	seeded: SeededAccount;
}

let count = 0;

async function carried(
	platform: Platform,
	content: PostContent,
	kind?: 'organization',
): Promise<Carried> {
	count += 1;
	const seeded = (await admin('/_accounts', {
		platform,
		handle: `${platform}-${count}`,
		...(kind === undefined ? {} : { kind }),
	})) as SeededAccount;
	const facts = sniffImage(new Uint8Array(jpeg));
	if (facts === null) throw new Error('the test picture is none');
	const media = (content.media ?? []).map((ref) => ({
		...facts,
		hash: ref.hash,
		bytes: jpeg.length,
	}));
	return {
		seeded,
		post: post(platform, content, media),
		account: account(platform, {
			remoteId: seeded.accountId,
			handle: seeded.handle,
			baseUrl: seeded.baseUrl,
			authUrl: seeded.authUrl,
			scopes: seeded.scopes,
			settings: seeded.urn === null ? {} : { authorUrn: seeded.urn },
		}),
	};
}

const pause = async (ms: number) => await new Promise((resolve) => setTimeout(resolve, ms));

interface Sent {
	reading: StepReading | 'lost';
	request: FrozenRequest;
	recognise: Record<string, unknown>;
	savedAt: number;
}

/** Runs all steps as the saga does; most of a wait passes only on the store's clock. */
async function publish({ account, post, seeded }: Carried): Promise<Sent> {
	const definition = PLATFORMS[post.platform];
	const results: Record<string, Record<string, unknown>> = {};
	const uploads = sandboxFiles();
	let skipped = 0;
	for (const step of definition.steps(post, account)) {
		for (let turn = 0; ; turn++) {
			if (turn > 20) throw new Error(`${step.name} does not end`);
			const context = stepContext(
				{ post, account },
				{ results, bytes: new Uint8Array(jpeg), mediaUrl: uploads, nowMs: Date.now() + skipped },
			);
			const prepared = await step.prepare(context);
			const savedAt = Date.now();
			const answer = await http.send(
				definition.authorize(prepared.request, account, seeded.accessToken),
			);
			if (answer.kind === 'not_sent') throw new Error(answer.reason);
			const reading = answer.kind === 'lost' ? 'lost' : step.read(answer, context);
			if (step.visible) {
				const request = freeze(prepared.request);
				return { reading, request, recognise: prepared.recognise ?? {}, savedAt };
			}
			if (reading === 'lost') throw new Error(`${step.name}: the answer was lost`);
			if (reading.outcome === 'wait') {
				const slept = Math.min(reading.waitMs, 400);
				await pause(slept);
				skipped += reading.waitMs - slept;
				continue;
			}
			if (reading.outcome !== 'done') throw new Error(JSON.stringify(reading));
			results[step.name] = reading.result ?? {};
			break;
		}
	}
	throw new Error('there is no visible step');
}

/** Address at which the sandbox itself serves the picture, for Instagram to fetch. */
function sandboxFiles(): string {
	const hash = sandbox.state.saveBlob(jpeg);
	return `${sandbox.url}/_media/${hash}`;
}

async function lookUp(given: Carried, sent: Sent): Promise<LookUpVerdict> {
	const nowMs = Date.now();
	const definition = PLATFORMS[given.post.platform];
	const intent: Intent = {
		id: 'i1',
		part: 0,
		step: 'post',
		fence: 1,
		request: sent.request,
		recognise: sent.recognise,
		savedAt: iso(sent.savedAt),
		deadlineAt: iso(nowMs),
		settledAt: iso(nowMs),
		closedBy: null,
		repeatOf: 0,
	};
	return await definition.lookUp({
		post: given.post,
		account: given.account,
		intent,
		intents: [intent],
		http,
		authorize: (request) => definition.authorize(request, given.account, given.seeded.accessToken),
		nowMs,
		isOurs: () => Promise.resolve(false),
		sameTextElsewhere: false,
		notes: [],
	});
}

const WITH_PICTURE: PostContent = {
	text: 'A (real) post & more <tags> #Launch https://example.com/a?b=1 by e\u0301',
	media: [{ hash: 'b'.repeat(64), altText: 'A blue rectangle' }],
};
const SHOWN = WITH_PICTURE.text.normalize('NFC');
const sha256 = () => createHash('sha256').update(jpeg).digest('hex');

/** The sandbox's names of the calls that the world sees. */
const VISIBLE_STEP: Partial<Record<Platform, string>> = {
	x: 'tweet.create',
	linkedin: 'post.create',
	instagram: 'publish',
};

const CASES: [string, Platform, 'organization' | undefined][] = [
	['X', 'x', undefined],
	['a LinkedIn member', 'linkedin', undefined],
	['a LinkedIn page', 'linkedin', 'organization'],
	['Instagram', 'instagram', undefined],
];

describe.each(CASES)('%s in the sandbox', (_name, platform, kind) => {
	test('gets one entry with the text, the picture and its alternative text', async () => {
		const given = await carried(platform, WITH_PICTURE, kind);
		const { reading } = await publish(given);
		expect(reading).toMatchObject({ outcome: 'done' });
		const entries = await ledger(given.seeded.handle);
		expect(entries).toHaveLength(1);
		expect(entries[0]?.text.normalize('NFC')).toBe(SHOWN);
		expect(entries[0]?.media).toMatchObject([{ sha256: sha256(), altText: 'A blue rectangle' }]);
		if (reading === 'lost' || reading.outcome !== 'done') return;
		expect(reading.remoteId).toBe(entries[0]?.id);
		let { url } = reading;
		const { permalink } = PLATFORMS[platform];
		if (permalink !== undefined) {
			const answer = await http.send(
				PLATFORMS[platform].authorize(
					permalink.request(reading.remoteId ?? '', given.account),
					given.account,
					given.seeded.accessToken,
				),
			);
			if (answer.kind !== 'response') throw new Error(answer.reason);
			url = permalink.read(answer) ?? undefined;
		}
		const page = await fetch(url ?? '');
		expect(page.status).toBe(200);
		expect(await page.text()).toContain('A (real) post');
	});

	test('is found again when its answer was dropped after the commit', async () => {
		const given = await carried(platform, WITH_PICTURE, kind);
		await admin('/_faults', {
			kind: 'drop_after_commit',
			platform,
			step: VISIBLE_STEP[platform],
		});
		const sent = await publish(given);
		expect(sent.reading).toBe('lost');
		const entries = await ledger(given.seeded.handle);
		expect(entries).toHaveLength(1);
		const verdict = await lookUp(given, sent);
		if (platform === 'linkedin' && kind === undefined) {
			// Only the answer to a repeat tells, and not at once.
			expect(verdict).toMatchObject({ verdict: 'repeat', waitMs: 120_000 });
			return;
		}
		expect(verdict).toMatchObject({ verdict: 'found', remoteId: entries[0]?.id });
	});

	test('is not found when the answer was dropped before the commit', async () => {
		const given = await carried(platform, WITH_PICTURE, kind);
		await admin('/_faults', {
			kind: 'drop_before_commit',
			platform,
			step: VISIBLE_STEP[platform],
		});
		const sent = await publish(given);
		expect(sent.reading).toBe('lost');
		expect(await ledger(given.seeded.handle)).toHaveLength(0);
		const verdict = await lookUp(given, sent);
		expect(verdict).toMatchObject(
			platform === 'instagram'
				? { verdict: 'absent', proof: { status: 'FINISHED' } }
				: { verdict: platform === 'linkedin' && kind === undefined ? 'repeat' : 'unknown' },
		);
	});
});

test.each(['x', 'linkedin'] as const)(
	'a post on %s is deleted, and twice does no harm',
	async (platform) => {
		const given = await carried(platform, { text: 'Short-lived' });
		const { reading } = await publish(given);
		if (reading === 'lost' || reading.outcome !== 'done') throw new Error('not published');
		const published = { ...given.post, remoteId: reading.remoteId ?? null };
		const removal = PLATFORMS[platform].remove?.(published, given.account);
		if (removal === undefined) throw new Error('there is no delete');
		for (let turn = 0; turn < 2; turn++) {
			const answer = await http.send(
				PLATFORMS[platform].authorize(removal.request, given.account, given.seeded.accessToken),
			);
			if (answer.kind !== 'response') throw new Error(answer.reason);
			expect(removal.read(answer)).toEqual({ outcome: 'done' });
		}
	},
);

test('X is given the whole of a large picture in pieces', async () => {
	const noise = randomBytes(900 * 900 * 3);
	const small = jpeg;
	jpeg = await sharp(noise, { raw: { width: 900, height: 900, channels: 3 } })
		.png()
		.toBuffer();
	try {
		expect(jpeg.length).toBeGreaterThan(1024 * 1024);
		const given = await carried('x', WITH_PICTURE);
		given.post.media.forEach((media) => (media.mime = 'image/png'));
		await publish(given);
		expect((await ledger(given.seeded.handle))[0]?.media[0]?.sha256).toBe(sha256());
	} finally {
		jpeg = small;
	}
});

test('the same text again is a duplicate on X and LinkedIn, which names the post that is live', async () => {
	const onX = await carried('x', { text: 'Said before' });
	await publish(onX);
	expect((await publish(onX)).reading).toMatchObject({ outcome: 'rejected', class: 'duplicate' });
	const onLinkedIn = await carried('linkedin', { text: 'Said before' });
	const { reading } = await publish(onLinkedIn);
	if (reading === 'lost' || reading.outcome !== 'done') throw new Error('not published');
	expect((await publish(onLinkedIn)).reading).toMatchObject({
		outcome: 'rejected',
		class: 'duplicate',
		namedId: reading.remoteId,
	});
});

test('refreshed tokens work', async () => {
	for (const platform of ['x', 'linkedin', 'instagram'] as const) {
		count += 1;
		const seeded = (await admin('/_accounts', {
			platform,
			handle: `refresh-${count}`,
			clientId: `app-${count}`,
			clientSecret: 'a secret: with/odd+signs',
			issuedAgoMs: 90_000_000,
			accessTokenMs: 100_000_000,
		})) as SeededAccount;
		const { refresh } = PLATFORMS[platform];
		if (refresh === null) throw new Error('there is no refresh');
		const target = account(platform, {
			remoteId: seeded.accountId,
			handle: seeded.handle,
			baseUrl: seeded.baseUrl,
			authUrl: seeded.authUrl,
		});
		const secret = {
			accessToken: seeded.accessToken,
			...(seeded.refreshToken === null ? {} : { refreshToken: seeded.refreshToken }),
			clientId: seeded.clientId,
			clientSecret: seeded.clientSecret ?? '',
			issuedAt: seeded.issuedAt,
			expiresAt: seeded.expiresAt ?? 0,
		};
		const answer = await http.send(refresh.request(target, secret));
		const reading = refresh.read(answer, secret, Date.now());
		expect(reading).toMatchObject({ outcome: 'done' });
		if (reading.outcome !== 'done') continue;
		expect(reading.secret.accessToken).not.toBe(seeded.accessToken);
		expect(reading.secret.expiresAt).toBeGreaterThan(Date.now() + 3_600_000);
		expect(reading.secret.clientSecret).toBe('a secret: with/odd+signs');
		const used = await http.send(refresh.request(target, secret));
		// X takes a refresh token once and then ends the whole family.
		if (platform === 'x') {
			expect(refresh.read(used, secret, Date.now())).toMatchObject({ outcome: 'dead' });
		}
	}
});
