import type { ConnectedAccount } from './system/accounts';
import { outputOf, type Execution } from './system/n8n-client';
import { sha256 } from './system/sandbox-client';
import { makeImage, openSystem, type System } from './system/system';

// LinkedIn's little text and X's HTML escaping must not show in what people read.
const TEXT = 'Version 2 (beta) is out & ready: <b>fast</b> {and} small #release';
const ALT = 'A square of one colour';

let system: System;
let accounts: ConnectedAccount[];

beforeAll(async () => {
	system = await openSystem();
	// The three demo accounts, connected as `npm start` does it.
	const page = await system.store.call('social_account_list', { p_owner: 'default', p_limit: 100 });
	accounts = page.items;
	expect(accounts.map(({ platform }) => platform).sort()).toEqual(['instagram', 'linkedin', 'x']);
	await system.n8n.activate(system.access.templates.publishToAll);
});

afterAll(async () => {
	await system.n8n.deactivate(system.access.templates.publishToAll);
});

async function send(text: string, image: Buffer) {
	const { publishToAll } = system.access.templates;
	const known = (await system.n8n.executions(publishToAll)).map(({ id }) => id);
	const form = new FormData();
	form.set('text', text);
	form.set('altText', ALT);
	form.set('image', new Blob([new Uint8Array(image)], { type: 'image/jpeg' }), 'picture.jpg');
	const answer = await system.n8n.callWebhook('publish-to-all-networks', { body: form });
	const id = await system.n8n.newExecution(publishToAll, known);
	return { answer, execution: await system.n8n.finished(id) };
}

const published = (execution: Execution) =>
	outputOf(execution, 'Publish Everywhere').map(({ json }) => json);

test('the template publishes text and image once on every network and answers with the URLs', async () => {
	const image = await makeImage(1);
	const { answer, execution } = await send(TEXT, image);
	expect({ execution: execution.status, answer: answer.status }).toEqual({
		execution: 'success',
		answer: 200,
	});
	const items = published(execution);
	expect(answer.body).toEqual(items);
	expect(items.map(({ platform }) => platform).sort()).toEqual(['instagram', 'linkedin', 'x']);
	for (const account of accounts) {
		const entries = await system.sandbox.ledger(account);
		expect(entries).toHaveLength(1);
		const [entry] = entries;
		expect(entry.text).toBe(TEXT);
		expect(entry.media.map((media) => media.sha256)).toEqual([sha256(image)]);
		expect(entry.media[0].altText).toBe(ALT);
		const item = items.find(({ platform }) => platform === account.platform);
		expect(item).toMatchObject({
			state: 'published',
			account: `@${account.handle}`,
			url: entry.url,
		});
		const posts = await system.store.posts(account);
		expect(posts).toHaveLength(1);
		expect(posts[0]).toMatchObject({
			id: item?.id,
			state: 'published',
			remoteId: entry.id,
			url: entry.url,
		});
	}
});

test('the same request sent twice returns the same posts and publishes nothing more', async () => {
	const image = await makeImage(2);
	const text = 'A caller repeats this because the answer was lost';
	const [first, second] = [await send(text, image), await send(text, image)];
	const ids = (execution: Execution) => published(execution).map(({ id }) => id);
	expect(ids(second.execution)).toEqual(ids(first.execution));
	expect(ids(first.execution)).toHaveLength(3);
	for (const account of accounts) {
		const entries = await system.sandbox.ledger(account);
		expect(entries.filter((entry) => entry.text === text)).toHaveLength(1);
	}
});

test('the same request sent twice at the same moment is one post per network', async () => {
	const image = await makeImage(3);
	const text = 'Two of these arrive together';
	await Promise.all([send(text, image), send(text, image)]);
	for (const account of accounts) {
		const entries = await system.sandbox.ledger(account);
		expect(entries.filter((entry) => entry.text === text)).toHaveLength(1);
		const posts = await system.store.posts(account);
		expect(posts.filter((post) => post.content.text === text)).toHaveLength(1);
	}
});

test('a text that one network refuses goes out on the others, and its item says why', async () => {
	const image = await makeImage(4);
	const text = `Longer than a post on X may be. ${'word '.repeat(80)}`.trim();
	const { execution } = await send(text, image);
	const items = published(execution);
	const of = (platform: string) => items.find((item) => item.platform === platform);
	expect(of('linkedin')).toMatchObject({ state: 'published' });
	expect(of('instagram')).toMatchObject({ state: 'published' });
	expect(of('x')).toMatchObject({
		id: null,
		state: 'invalid',
		account: '@musekit_demo',
		url: null,
	});
	expect(of('x')?.reason).toMatch(/280/);
	for (const account of accounts) {
		const entries = await system.sandbox.ledger(account);
		const wanted = account.platform === 'x' ? 0 : 1;
		expect(entries.filter((entry) => entry.text === text)).toHaveLength(wanted);
	}
});
