import { PLATFORMS } from '../../../../core/platforms';
import { GRAPH_VERSION } from '../../../../core/platforms/instagram/capabilities';
import type { AddressedAccount, EntryAddress } from '../../../../core/platforms/entry-address';
import type { Platform } from '../../../../core/store/contract';
import type { RpcAnswer, StorePort } from '../../../../core/ports';
import { resolvePost, type ResolveRequest } from '../../../../core/publishing/resolve';
import { answers, duePost, scene, type Scene } from './doubles';

const DID = 'did:plc:abcdefghijklmnopqrstuvwx';
const ID = '2041111222333444555';
const PATH_OF_MEDIA = `/${GRAPH_VERSION}/42/media`;
const INSTAGRAM = 'https://www.instagram.com';

const live = (platform: Platform): AddressedAccount => ({
	mode: 'live',
	baseUrl: PLATFORMS[platform].liveBaseUrl,
	handle: 'Demo',
	remoteId: platform === 'bluesky' ? DID : '42',
});

const read = (platform: Platform, address: string): EntryAddress =>
	PLATFORMS[platform].idFromUrl(address, live(platform));

describe('addresses of live entries', () => {
	it.each<[Platform, string, string]>([
		['x', `https://x.com/demo/status/${ID}`, ID],
		['x', ` https://twitter.com/DEMO/status/${ID}/photo/1?s=20 `, ID],
		['x', `mobile.twitter.com/demo/status/${ID}`, ID],
		['x', `https://x.com/i/status/${ID}`, ID],
		['x', `https://x.com/i/web/status/${ID}`, ID],
		['x', ID, ID],
		['linkedin', `https://www.linkedin.com/feed/update/urn:li:share:${ID}/`, `urn:li:share:${ID}`],
		[
			'linkedin',
			`https://www.linkedin.com/feed/update/urn%3Ali%3AugcPost%3A${ID}?utm_source=share`,
			`urn:li:ugcPost:${ID}`,
		],
		[
			'linkedin',
			`https://www.linkedin.com/posts/demo_hello-world-activity-${ID}-aB1_?utm=x`,
			`urn:li:activity:${ID}`,
		],
		['linkedin', `urn:li:activity:${ID}`, `urn:li:activity:${ID}`],
		['instagram', '17895695668004550', '17895695668004550'],
		['bluesky', `at://${DID}/app.bsky.feed.post/3kabc`, `at://${DID}/app.bsky.feed.post/3kabc`],
		['bluesky', 'at://demo/app.bsky.feed.post/3kabc', `at://${DID}/app.bsky.feed.post/3kabc`],
		['bluesky', 'https://bsky.app/profile/demo/post/3kabc', `at://${DID}/app.bsky.feed.post/3kabc`],
		[
			'bluesky',
			`https://bsky.app/profile/${DID}/post/3kabc`,
			`at://${DID}/app.bsky.feed.post/3kabc`,
		],
	])('%s %s', (platform, address, remoteId) => {
		expect(read(platform, address)).toMatchObject({ kind: 'entry', remoteId });
	});

	it.each<[string, string]>([
		[`${INSTAGRAM}/p/Cabc1_2-X/?igsh=1`, 'Cabc1_2-X'],
		[`${INSTAGRAM}/demo/reel/Cabc1_2-X/`, 'Cabc1_2-X'],
	])('instagram %s is looked up', (address, key) => {
		expect(read('instagram', address)).toEqual({ kind: 'look_up', key });
	});

	it.each<[Platform, string, string]>([
		['x', `https://x.com/other/status/${ID}`, '@other'],
		['instagram', `${INSTAGRAM}/other/p/Cabc1_2-X/`, '@other'],
		['bluesky', 'https://bsky.app/profile/other.test/post/3kabc', '@other.test'],
		['bluesky', 'at://did:plc:other/app.bsky.feed.post/3kabc', 'did:plc:other'],
	])('%s %s is of another account', (platform, address, named) => {
		expect(read(platform, address)).toEqual({ kind: 'another_account', named });
	});

	it.each<[Platform, string]>([
		['x', ''],
		['x', 'https://x.com/demo'],
		['x', `https://evil.test/demo/status/${ID}`],
		['x', `https://x.com@evil.test/demo/status/${ID}`],
		['x', 'https://x.com/demo/status/12%'],
		['linkedin', ID],
		['linkedin', 'https://www.linkedin.com/feed/update/urn:li:person:abc/'],
		['instagram', `${INSTAGRAM}/demo/`],
		['bluesky', `at://${DID}/app.bsky.feed.like/3kabc`],
		['bluesky', 'https://bsky.app/profile/demo'],
	])('%s %p is no entry', (platform, address) => {
		expect(read(platform, address).kind).toBe('unreadable');
	});

	it('those of a sandbox account lie below its own base URL', () => {
		const account = { ...live('x'), mode: 'sandbox' as const, baseUrl: 'http://127.0.0.1:4/x' };
		const url = `http://127.0.0.1:4/x/Demo/status/${ID}`;
		expect(PLATFORMS.x.idFromUrl(url, account)).toEqual({ kind: 'entry', remoteId: ID, url });
		for (const strange of [
			`http://127.0.0.1:4/linkedin/Demo/status/${ID}`,
			`http://127.0.0.1:5/x/Demo/status/${ID}`,
		]) {
			expect(PLATFORMS.x.idFromUrl(strange, account).kind).toBe('unreadable');
		}
	});
});

/** Answers the one call that the model of the store does not know, and notes it. */
class Deciding implements StorePort {
	readonly calls: Record<string, unknown>[] = [];
	answers: RpcAnswer<unknown>[] = [];

	constructor(private readonly store: StorePort) {}

	async rpc<T>(name: string, args: Record<string, unknown>): Promise<RpcAnswer<T>> {
		if (name !== 'social_post_resolve') return await this.store.rpc<T>(name, args);
		this.calls.push(args);
		const answer = this.answers.shift();
		if (answer === undefined) throw new Error('Nobody scripted an answer');
		return answer as RpcAnswer<T>;
	}

	putObject: StorePort['putObject'] = async (...args) => await this.store.putObject(...args);
	getObject: StorePort['getObject'] = async (...args) => await this.store.getObject(...args);
	signObject: StorePort['signObject'] = async (...args) => await this.store.signObject(...args);
}

async function stageOf(platform: Platform = 'x') {
	const stage = await scene();
	const account = { ...stage.account, platform };
	stage.store.accounts.set(account.id, account);
	const post = duePost({ ...stage, account }, { state: 'needs_review', maxLatenessMs: 3_600_000 });
	const store = new Deciding(stage.store);
	return { stage, post, store };
}

async function decide(
	{ stage, post, store }: { stage: Scene; post: { id: string }; store: Deciding },
	more: Partial<ResolveRequest> = {},
	vaultKey: Scene['key'] | null = stage.key,
) {
	return await resolvePost(
		{ ...stage.ports, store },
		{ platforms: PLATFORMS, vaultKey },
		{ key: 'call-1', postId: post.id, owner: 'default', decision: { to: 'drop' }, ...more },
	);
}

describe('resolve', () => {
	it('repeats under one id until the answer is clear; the time is no part of the id', async () => {
		const on = await stageOf();
		const lost = { kind: 'unreachable', reason: 'reset' } as const;
		const done = { kind: 'ok', value: { ...on.post, state: 'scheduled' } } as const;
		on.store.answers = [lost, done, done, done, done];
		expect(await decide(on, { decision: { to: 'publish' } })).toMatchObject({
			kind: 'resolved',
			post: { state: 'scheduled' },
		});
		const scheduledAt = new Date(on.stage.clock.now() + 60_000).toISOString();
		await decide(on, { decision: { to: 'publish', scheduledAt } });
		await decide(on, { decision: { to: 'drop' } });
		await decide(on, { key: 'call-2', decision: { to: 'publish' } });
		const ids = on.store.calls.map(({ p_resolve_id }) => p_resolve_id);
		expect(ids[0]).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-a[0-9a-f]{3}-[0-9a-f]{12}$/);
		expect(ids.slice(1, 3)).toEqual([ids[0], ids[0]]);
		expect(new Set(ids.slice(2)).size).toBe(3);
		expect(on.store.calls[2].p_decision).toEqual({ to: 'publish', scheduledAt });
	});

	it('a refusal is a no; after silence it is not known', async () => {
		const on = await stageOf();
		const no = {
			kind: 'refused',
			refusal: { status: 409, code: 'post_in_flight', message: 'At work.', hint: 'Wait.' },
		} as const;
		on.store.answers = [no, { kind: 'unreachable', reason: 'reset' }, no];
		expect(await decide(on)).toEqual({
			kind: 'refused',
			error: { code: 'post_in_flight', message: 'At work.', remedy: 'Wait.' },
		});
		expect(await decide(on)).toMatchObject({
			kind: 'unclear',
			error: { code: 'resolve_unclear', message: expect.stringContaining('At work.') },
		});
	});

	it('asks the store nothing when the address or the time cannot be', async () => {
		const on = await stageOf();
		const codes = [];
		for (const decision of [
			{ to: 'live', address: 'hello' },
			{ to: 'live', address: `http://platform.test/other/status/${ID}` },
			{ to: 'publish', scheduledAt: '2026-11-22T10:00:00Z' },
		] as const) {
			const outcome = await decide(on, { decision });
			codes.push(outcome.kind === 'refused' ? outcome.error.code : outcome.kind);
		}
		expect(codes).toEqual(['address_unreadable', 'address_of_another_account', 'time_past']);
		expect(on.store.calls).toEqual([]);
	});

	it('Instagram: goes through the account’s own media, page after page, with a fresh token', async () => {
		const on = await stageOf('instagram');
		const page = (codes: string[], more: object = {}) =>
			answers.json(200, {
				data: codes.map((code) => ({
					id: `9${code.length}000`,
					shortcode: code,
					permalink: `https://www.instagram.com/p/${code}/`,
				})),
				...more,
			});
		const next = { paging: { cursors: { after: 'c2' }, next: 'http://platform.test/next' } };
		on.stage.http.on(PATH_OF_MEDIA, page(['AAAAA'], next), page(['BBBBBB']));
		on.store.answers = [{ kind: 'ok', value: on.post }];
		const decision = { to: 'live', address: 'http://platform.test/p/BBBBBB/' } as const;
		expect((await decide(on, { decision })).kind).toBe('resolved');
		expect(on.store.calls[0].p_decision).toEqual({
			to: 'live',
			remoteId: '96000',
			url: 'https://www.instagram.com/p/BBBBBB/',
		});
		const [first, second] = on.stage.http.wireOf(PATH_OF_MEDIA);
		expect(first.headers.authorization).toBe('Bearer first');
		expect(new URL(second.url).searchParams.get('after')).toBe('c2');

		on.stage.http.on(PATH_OF_MEDIA, page(['AAAAA']));
		expect(await decide(on, { decision })).toMatchObject({
			kind: 'refused',
			error: { code: 'address_of_another_account' },
		});
		on.stage.http.on(PATH_OF_MEDIA, answers.garbage);
		expect(await decide(on, { decision })).toMatchObject({
			kind: 'refused',
			error: { code: 'entry_not_looked_up', message: expect.stringContaining('502') },
		});
		expect(await decide(on, { decision }, null)).toMatchObject({
			kind: 'refused',
			error: { code: 'address_needs_look_up' },
		});
	});
});
