import { randomUUID } from 'node:crypto';
import sharp from 'sharp';
import type { AccountView } from '../../core/store/contract';
import type {
	ComposeAnswer,
	ComposeRequest,
	EditView,
	MediaAnswer,
	PreviewAnswer,
} from '../../panel/shared/compose';
import { type Call, callsOf, createPost, saveAccount } from '../store/fixtures';
import { Browser, type Panel, startPanel, withPeople } from './world';

let panel: Panel;
let admin: Browser;
let viewer: Browser;
let call: Call;
let x: string;
let linkedin: string;
let foreign: string;

const accountOn = (platform: AccountView['platform'], owner = 'default') =>
	saveAccount(call, {
		p_platform: platform,
		p_owner: owner,
		p_base_url: `http://127.0.0.1:4010/${platform}`,
		p_auth_url: `http://127.0.0.1:4010/${platform}`,
	});

beforeAll(async () => {
	panel = await startPanel();
	({ admin, viewer } = await withPeople(panel));
	call = callsOf(panel.store.client());
	x = await accountOn('x');
	linkedin = await accountOn('linkedin');
	foreign = await accountOn('x', 'somebody');
}, 120_000);

afterAll(async () => {
	await panel?.stop();
});

function wish(change: Partial<ComposeRequest> = {}): ComposeRequest {
	return {
		key: randomUUID(),
		text: `A post ${randomUUID()}`,
		targets: [{ accountId: x }],
		when: { as: 'now' },
		...change,
	};
}

const compose = (body: unknown, browser = admin) => browser.send('POST', '/api/posts', body);
const made = (answer: { json: unknown }) => (answer.json as ComposeAnswer).results;

async function postsWith(text: string, owner = 'default') {
	const page = await call('social_post_list', { p_owner: owner, p_filter: { search: text } });
	return page.items;
}

/** A draft of the other owner. */
async function theirPost(text: string): Promise<string> {
	return (await createPost(call, foreign, { as: 'draft', content: { text } }, 'somebody')).id;
}

const jpeg = (width = 1080, height = 1080) =>
	sharp({ create: { width, height, channels: 3, background: '#0a7' } })
		.jpeg()
		.toBuffer();

/** What the page does: the bytes as they are, with the session's token. */
async function upload(bytes: Uint8Array, browser = admin, query = '') {
	const answer = await fetch(`${panel.url}/api/media${query}`, {
		method: 'POST',
		headers: {
			'content-type': 'application/octet-stream',
			origin: panel.url,
			cookie: browser.cookie ?? '',
			'x-csrf-token': browser.csrf ?? '',
		},
		body: new Uint8Array(bytes),
	});
	return { status: answer.status, json: (await answer.json()) as unknown };
}

describe('making posts', () => {
	it('makes one for each account, with a text of its own where one is given', async () => {
		const asked = wish({
			targets: [{ accountId: x }, { accountId: linkedin, text: 'For LinkedIn alone' }],
			when: { as: 'scheduled', wallTime: '2031-03-30T12:00', timeZone: 'Europe/Berlin' },
		});
		const answer = await compose(asked);
		expect(answer.status).toBe(200);
		expect(made(answer)).toMatchObject([
			{ result: 'created', account: { id: x, platform: 'x' }, problems: [] },
			{ result: 'created', post: { content: { text: 'For LinkedIn alone' } } },
		]);
		// Europe/Berlin has summer time on that day.
		for (const { post } of made(answer)) {
			expect(post).toMatchObject({
				state: 'scheduled',
				scheduledAt: '2031-03-30T10:00:00.000Z',
				timeZone: 'Europe/Berlin',
			});
		}
	});

	it('makes nothing twice for one key, also when both requests come at once', async () => {
		const asked = wish();
		const answers = await Promise.all([compose(asked), compose(asked), compose(asked)]);
		const results = answers.map((answer) => made(answer)[0].result).sort();
		expect(results).toEqual(['created', 'existing', 'existing']);
		expect(await postsWith(asked.text)).toHaveLength(1);
		const changed = await compose({ ...asked, text: 'Something else' });
		expect(changed.status).toBe(409);
		expect(changed.json).toMatchObject({ code: 'idempotency_conflict' });
	});

	it('takes an equal post at once for a slip, unless it is wanted', async () => {
		const first = wish();
		await compose(first);
		const again = { ...first, key: randomUUID() };
		expect(made(await compose(again))).toMatchObject([{ result: 'duplicate' }]);
		expect(await postsWith(first.text)).toHaveLength(1);
		const wanted = await compose({ ...again, key: randomUUID(), allowRepeat: true });
		expect(made(wanted)).toMatchObject([{ result: 'created' }]);
		const later = { as: 'scheduled', wallTime: '2031-01-01T10:00', timeZone: 'UTC' } as const;
		const planned = await compose({ ...again, key: randomUUID(), when: later });
		expect(made(planned)).toMatchObject([{ result: 'created' }]);
	});

	it('refuses one account and makes the others', async () => {
		const answer = await compose(
			wish({ text: 'a'.repeat(281), targets: [{ accountId: x }, { accountId: linkedin }] }),
		);
		expect(answer.status).toBe(200);
		expect(made(answer)).toMatchObject([
			{ result: 'invalid', post: null, problems: [{ code: 'x_text_too_long', field: 'text' }] },
			{ result: 'created', problems: [] },
		]);
	});

	it('keeps drafts', async () => {
		const [{ post }] = made(await compose(wish({ when: { as: 'draft' } })));
		expect(post).toMatchObject({ state: 'draft' });
	});

	it('says which time zone or time is none', async () => {
		const at = (wallTime: string, timeZone: string) =>
			compose(wish({ when: { as: 'scheduled', wallTime, timeZone } }));
		const zone = made(await at('2031-01-01T10:00', 'Mars/Olympus'));
		expect(zone[0].problems).toMatchObject([{ code: 'time_zone_unknown' }]);
		const day = made(await at('2031-02-30T10:00', 'UTC'));
		expect(day[0].problems).toMatchObject([{ code: 'time_invalid' }]);
		expect((await at('tomorrow', 'UTC')).json).toMatchObject({ code: 'input_invalid' });
	});

	it('answers bad input with the field it is about', async () => {
		const bodies = [
			{ ...wish(), targets: [] },
			{ ...wish(), targets: [{ accountId: x }, { accountId: x }] },
			{ ...wish(), key: 'again' },
			{ ...wish(), text: 'a'.repeat(20_001) },
			{ ...wish(), media: [{ hash: '../../etc/passwd' }] },
			{ ...wish(), colour: 'blue' },
		];
		for (const body of bodies) {
			const answer = await compose(body);
			expect(answer.status).toBe(400);
			expect(answer.json).toMatchObject({ code: 'input_invalid' });
		}
	});

	it('posts with nobody else’s account, whoever asks', async () => {
		const answer = await compose(wish({ targets: [{ accountId: foreign }] }));
		expect(made(answer)).toMatchObject([
			{ result: 'invalid', account: null, problems: [{ code: 'account_unknown' }] },
		]);
		const id = await theirPost('secret');
		const p_entries = [{ n: 0, accountId: foreign, text: 'secret' }];
		const mine = await call('social_posts_equal', { p_owner: 'default', p_entries });
		expect(mine.items).toEqual([{ n: 0, at: null, equal: null }]);
		const theirs = await call('social_posts_equal', { p_owner: 'somebody', p_entries });
		expect(theirs.items).toMatchObject([{ n: 0, equal: { postId: id, state: 'draft' } }]);
	});

	it('lets a viewer neither make nor check nor change anything', async () => {
		const post = await createPost(call, x, { as: 'draft' });
		const refused = [
			await compose(wish(), viewer),
			await viewer.send('POST', '/api/posts/preview', wish()),
			await viewer.send('PUT', `/api/posts/${post.id}/edit`, {}),
			await upload(await jpeg(), viewer),
		];
		for (const { status, json } of refused) {
			expect(status).toBe(403);
			expect(json).toMatchObject({ code: 'role_missing' });
		}
		const other = await viewer.send('GET', '/api/compose?owner=somebody');
		expect(other).toMatchObject({ status: 403, json: { code: 'owner_refused' } });
	});

	it('says what is off, as the store does', async () => {
		await call('social_settings_set', { p_key: 'platforms', p_value: { linkedin: false } });
		try {
			const { json } = await viewer.send('GET', '/api/compose');
			expect(json).toMatchObject({
				owner: 'default',
				off: { x: { publish: null }, linkedin: { publish: 'LinkedIn is switched off' } },
			});
			const answer = await compose(wish({ targets: [{ accountId: x }, { accountId: linkedin }] }));
			expect(made(answer)).toMatchObject([
				{ result: 'created' },
				{ result: 'invalid', problems: [{ code: 'off' }] },
			]);
		} finally {
			await call('social_settings_set', { p_key: 'platforms', p_value: { linkedin: true } });
		}
	});
});

describe('the check before', () => {
	const preview = async (body: Partial<ComposeRequest>) => {
		const { text, targets, when } = wish(body);
		const answer = await admin.send('POST', '/api/posts/preview', { text, targets, when });
		expect(answer.status).toBe(200);
		return answer.json as PreviewAnswer;
	};

	it('says what would be refused, and makes nothing', async () => {
		const text = `https://example.com/${'a'.repeat(300)} ${randomUUID()}`;
		const { results } = await preview({
			text,
			targets: [{ accountId: x }, { accountId: linkedin, text: '' }],
		});
		// A web address counts 23 on X, whatever its length.
		expect(results[0]).toMatchObject({ problems: [], equal: null });
		expect(results[1].problems).toMatchObject([{ code: 'linkedin_text_missing' }]);
		expect(await postsWith(text)).toEqual([]);
	});

	it('knows the instant of a wall time and the post with the same text next to it', async () => {
		const text = `Weekly ${randomUUID()}`;
		const near = await createPost(call, x, {
			content: { text },
			scheduledAt: '2031-05-05T09:00:00Z',
		});
		await createPost(call, x, { content: { text }, scheduledAt: '2031-07-05T09:00:00Z' });
		const { at, results } = await preview({
			text,
			when: { as: 'scheduled', wallTime: '2031-05-06T09:00', timeZone: 'UTC' },
		});
		expect(at).toBe('2031-05-06T09:00:00.000Z');
		expect(results[0].equal).toMatchObject({ postId: near.id, state: 'scheduled' });
	});
});

describe('pictures', () => {
	it('are stored by what they are, shown to their owner, and named by posts', async () => {
		const bytes = await jpeg();
		const answer = await upload(bytes);
		expect(answer.status).toBe(200);
		const { media } = answer.json as MediaAnswer;
		expect(media).toMatchObject({ mime: 'image/jpeg', width: 1080, height: 1080 });
		const shown = await fetch(`${panel.url}/api/media/${media.hash}`, {
			headers: { cookie: viewer.cookie ?? '' },
		});
		expect(shown.headers.get('content-type')).toBe('image/jpeg');
		expect(shown.headers.get('content-security-policy')).toContain('sandbox');
		expect(Buffer.from(await shown.arrayBuffer()).equals(bytes)).toBe(true);
		const [result] = made(
			await compose(wish({ media: [{ hash: media.hash, altText: 'A green square' }] })),
		);
		expect(result).toMatchObject({
			result: 'created',
			post: { content: { media: [{ hash: media.hash, altText: 'A green square' }] } },
		});
	});

	it('are another owner’s business', async () => {
		const answer = await upload(await jpeg(500, 500), admin, '?owner=somebody');
		const { media } = answer.json as MediaAnswer;
		const mine = await admin.send('GET', `/api/media/${media.hash}`);
		expect(mine).toMatchObject({ status: 404, json: { code: 'media_unknown' } });
		const theirs = await viewer.send('GET', `/api/media/${media.hash}?owner=somebody`);
		expect(theirs).toMatchObject({ status: 403, json: { code: 'owner_refused' } });
		const [result] = made(await compose(wish({ media: [{ hash: media.hash }] })));
		expect(result).toMatchObject({
			result: 'invalid',
			problems: [{ code: 'media_not_stored' }],
		});
	});

	it('are refused when they are none, too large or empty', async () => {
		const page = await upload(Buffer.from('<svg onload="alert(1)">'));
		expect(page).toMatchObject({ status: 400, json: { code: 'media_not_an_image' } });
		const large = await upload(Buffer.alloc(16 * 1024 * 1024 + 1));
		expect(large).toMatchObject({ status: 413, json: { code: 'media_too_large' } });
		const none = await upload(Buffer.alloc(0));
		expect(none).toMatchObject({ status: 400, json: { code: 'media_missing_bytes' } });
	});
});

describe('changing a post', () => {
	const read = async (id: string, query = '') =>
		await admin.send('GET', `/api/posts/${id}/edit${query}`);

	it('changes text and time of what is not started', async () => {
		const post = await createPost(call, x, { as: 'draft' });
		const { json } = await read(post.id);
		expect(json).toMatchObject({ post: { id: post.id }, closed: null });
		const answer = await admin.send('PUT', `/api/posts/${post.id}/edit`, {
			version: (json as EditView).post.version,
			text: 'Changed',
			media: [],
			when: { as: 'scheduled', wallTime: '2031-01-01T09:00', timeZone: 'Europe/Vienna' },
		});
		expect(answer).toMatchObject({
			status: 200,
			json: {
				post: {
					state: 'scheduled',
					content: { text: 'Changed' },
					scheduledAt: '2031-01-01T08:00:00.000Z',
				},
			},
		});
	});

	it('overwrites nothing that changed meanwhile, and takes no faulty text', async () => {
		const post = await createPost(call, x, { as: 'draft' });
		const change = (version: number, text: string) =>
			admin.send('PUT', `/api/posts/${post.id}/edit`, { version, text, media: [] });
		const long = await change(post.version, 'a'.repeat(281));
		expect(long).toMatchObject({ status: 422, json: { code: 'x_text_too_long', field: 'text' } });
		expect((await change(post.version, 'First')).status).toBe(200);
		const late = await change(post.version, 'Second');
		expect(late).toMatchObject({ status: 409, json: { code: 'version_conflict' } });
	});

	it('finds no post of another owner', async () => {
		const id = await theirPost(`theirs ${randomUUID()}`);
		expect((await read(id)).json).toMatchObject({ code: 'post_unknown' });
		expect((await read(id, '?owner=somebody')).status).toBe(200);
		const other = await viewer.send('GET', `/api/posts/${id}/edit?owner=somebody`);
		expect(other).toMatchObject({ status: 403, json: { code: 'owner_refused' } });
	});

	it('says that a post which has ended stays as it is', async () => {
		const post = await createPost(call, x);
		await call('social_post_cancel', { p_post_id: post.id, p_owner: 'default' });
		expect((await read(post.id)).json).toMatchObject({ closed: { code: 'post_started' } });
		const answer = await admin.send('PUT', `/api/posts/${post.id}/edit`, {
			version: 99,
			text: 'Again',
			media: [],
		});
		expect(answer).toMatchObject({ status: 409, json: { code: 'post_started' } });
	});
});
