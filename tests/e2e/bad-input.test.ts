import { randomBytes, randomUUID } from 'node:crypto';
import type { ConnectedAccount } from './system/accounts';
import { errorOf, outputOf, type Execution, type Workflow } from './system/n8n-client';
import { openSystem, type System } from './system/system';
import { accountById, chain, socialPost, splitItems, webhook } from './system/workflows';

const OWNER = 'bad-input';

let system: System;
let x: ConnectedAccount;
let linkedin: ConnectedAccount;
let instagram: ConnectedAccount;
let publish: Workflow;
let schedule: Workflow;

const parameters = (operation: string) => ({
	operation,
	account: accountById('={{ $json.account }}'),
	text: '={{ $json.text }}',
	options: { owner: OWNER },
});

beforeAll(async () => {
	system = await openSystem();
	x = await system.connect({ platform: 'x', handle: 'bad-x', owner: OWNER });
	linkedin = await system.connect({ platform: 'linkedin', handle: 'bad-linkedin', owner: OWNER });
	instagram = await system.connect({
		platform: 'instagram',
		handle: 'bad-instagram',
		owner: OWNER,
	});
	const { credentialId } = system.access;
	publish = await system.install(
		chain('Publish badly', [
			webhook('e2e-bad-publish'),
			splitItems(),
			socialPost(parameters('publish'), credentialId),
		]),
	);
	const times = { publishAt: '={{ $json.at }}', timeZone: '={{ $json.zone ?? "" }}' };
	schedule = await system.install(
		chain('Schedule badly', [
			webhook('e2e-bad-schedule'),
			splitItems(),
			socialPost({ ...parameters('schedule'), ...times }, credentialId),
		]),
	);
});

afterEach(async () => {
	for (const account of [x, linkedin, instagram]) {
		expect(await system.store.posts(account)).toEqual([]);
		expect(await system.sandbox.ledger(account)).toEqual([]);
	}
});

/** Message and description that the person sees at the node. */
function refusal(execution: Execution): { message: string; description: string } {
	expect(execution.status).toBe('error');
	const { message, description } = errorOf(execution);
	return { message, description: description ?? '' };
}

const one = async (workflow: Workflow, item: Record<string, unknown>) =>
	refusal(await system.run(workflow, { items: [item] }));

test('text too long for X', async () => {
	const said = await one(publish, { account: x.id, text: 'a'.repeat(281) });
	expect(said.message).toMatch(/281.*280|280.*281/);
	expect(said.description).not.toBe('');
});

test('text too long for LinkedIn', async () => {
	const said = await one(publish, { account: linkedin.id, text: 'a'.repeat(3001) });
	expect(said.message).toMatch(/3,?001.*3,?000|3,?000.*3,?001/);
	expect(said.description).not.toBe('');
});

test('Instagram without an image', async () => {
	const said = await one(publish, { account: instagram.id, text: 'No picture' });
	expect(said.message).toMatch(/Instagram needs a picture and the post has none/);
	expect(said.description).not.toBe('');
});

test('no account chosen', async () => {
	const said = await one(publish, { account: '', text: 'For nobody' });
	expect(said.message).toMatch(/account/i);
	expect(said.description).not.toBe('');
});

test('an account that does not exist', async () => {
	const said = await one(publish, { account: randomUUID(), text: 'For a stranger' });
	expect(said.message).toMatch(/account/i);
	expect(said.description).not.toBe('');
});

test('an account of another owner', async () => {
	const other = await system.connect({
		platform: 'x',
		handle: 'bad-other',
		owner: 'somebody-else',
	});
	const said = await one(publish, { account: other.id, text: 'For another owner' });
	expect(said.message).toMatch(/account/i);
	expect(await system.store.posts(other)).toEqual([]);
});

test('a time zone that nobody knows', async () => {
	const item = {
		account: x.id,
		text: 'Somewhere',
		at: '2031-01-01T09:00:00',
		zone: 'Mars/Olympus',
	};
	const said = await one(schedule, item);
	expect(said.message).toBe('The time zone "Mars/Olympus" is not known.');
	expect(said.description).toMatch(/Europe\/Berlin/);
});

test('a time further in the past than the lateness limit', async () => {
	const at = new Date(Date.now() - 48 * 3_600_000).toISOString();
	const said = await one(schedule, { account: x.id, text: 'Long ago', at });
	expect(said.message).toMatch(/lies further back than the maximum lateness/);
	expect(said.description).not.toBe('');
});

test('a time that is no time', async () => {
	const said = await one(schedule, { account: x.id, text: 'Soon', at: 'tomorrow-ish' });
	expect(said.message).toContain('tomorrow-ish');
});

describe('credential', () => {
	const broken = async (name: string, change: Record<string, unknown>) => {
		const { store, vaultKey } = system.access;
		const data = { url: store.url, secretKey: store.secretKey, vaultKey, companionUrl: '' };
		const credentialId = await system.n8n.createCredential(name, { ...data, ...change });
		const workflow = await system.install(
			chain(name, [
				webhook(`e2e-${name.replaceAll(' ', '-')}`),
				splitItems(),
				socialPost(parameters('publish'), credentialId),
			]),
		);
		return await one(workflow, { account: x.id, text: 'With a broken credential' });
	};

	test('wrong secret key', async () => {
		const secretKey = `sb_secret_${randomBytes(32).toString('base64url')}`;
		const said = await broken('wrong secret key', { secretKey });
		expect(said.message).toMatch(/secret key/);
		expect(said.description).toMatch(/credential/);
	});

	test('publishable key instead of the secret key', async () => {
		const secretKey = system.access.store.publishableKey;
		const said = await broken('publishable key', { secretKey });
		expect(said.message).toMatch(/secret key/);
	});

	test('wrong vault key', async () => {
		const said = await broken('wrong vault key', { vaultKey: randomBytes(32).toString('hex') });
		expect(said.message).toMatch(/vault key/i);
		expect(said.description).not.toBe('');
	});

	test('store that cannot be reached', async () => {
		const said = await broken('unreachable store', { url: 'http://127.0.0.1:9' });
		expect(said.message).toMatch(/store cannot be reached/);
		expect(said.description).toMatch(/npm start|running/);
	});

	test('address without a store', async () => {
		const said = await broken('no store there', { url: system.access.sandboxUrl });
		expect(said.message).toMatch(/no MuseKit Social store/);
	});
});

test('the same idempotency key with another body is refused', async () => {
	const owner = 'bad-key';
	const own = await system.connect({ platform: 'x', handle: 'bad-key', owner });
	const workflow = await system.install(
		chain('One key', [
			webhook('e2e-one-key'),
			splitItems(),
			socialPost(
				{
					...parameters('createDraft'),
					options: { owner, idempotencyKey: 'order-1042' },
				},
				system.access.credentialId,
			),
		]),
	);
	const body = (text: string) => ({ items: [{ account: own.id, text }] });
	const first = await system.run(workflow, body('The first body'));
	const again = await system.run(workflow, body('The first body'));
	const id = (execution: Execution) => outputOf(execution, 'Social Post')[0].json.id;
	expect(id(again)).toBe(id(first));
	const said = refusal(await system.run(workflow, body('Another body')));
	expect(said.message).toMatch(/key/i);
	expect(said.description).not.toBe('');
	const posts = await system.store.posts(own);
	expect(posts.map((post) => post.content.text)).toEqual(['The first body']);
});

test('continue on fail: one bad item becomes an item with its error, the others go out', async () => {
	const owner = 'partial';
	const own = await system.connect({ platform: 'x', handle: 'partial', owner });
	const workflow = await system.install(
		chain('Continue', [
			webhook('e2e-continue'),
			splitItems(),
			socialPost({ ...parameters('publish'), options: { owner } }, system.access.credentialId, {
				onError: 'continueRegularOutput',
			}),
		]),
	);
	const texts = ['Before the bad one', 'b'.repeat(281), 'After the bad one'];
	const execution = await system.run(workflow, {
		items: texts.map((text) => ({ account: own.id, text })),
	});
	expect(execution.status).toBe('success');
	const output = outputOf(execution, 'Social Post');
	expect(output.map(({ json }) => json.state ?? 'error')).toEqual([
		'published',
		'error',
		'published',
	]);
	expect(output[1].json.error).toMatch(/280/);
	expect(output.map(({ pairedItem }) => pairedItem)).toEqual([
		{ item: 0 },
		{ item: 1 },
		{ item: 2 },
	]);
	const entries = await system.sandbox.ledger(own);
	expect(entries.map((entry) => entry.text)).toEqual([texts[0], texts[2]]);
});

test('without continue on fail the good items go out too, and the error says so', async () => {
	const owner = 'partial-stop';
	const own = await system.connect({ platform: 'x', handle: 'partial-stop', owner });
	const workflow = await system.install(
		chain('Stop', [
			webhook('e2e-stop-on-error'),
			splitItems(),
			socialPost({ ...parameters('publish'), options: { owner } }, system.access.credentialId),
		]),
	);
	const texts = ['c'.repeat(281), 'After the bad one, still out'];
	const execution = await system.run(workflow, {
		items: texts.map((text) => ({ account: own.id, text })),
	});
	const said = refusal(execution);
	expect(said.message).toMatch(/280/);
	expect(said.description).toMatch(/1 of 2 items/);
	const entries = await system.sandbox.ledger(own);
	expect(entries.map((entry) => entry.text)).toEqual([texts[1]]);
});
