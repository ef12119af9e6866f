import type { ConnectedAccount } from './system/accounts';
import { GatewayProxy } from './system/gateway-proxy';
import { outputOf, type Execution } from './system/n8n-client';
import { openSystem, type System } from './system/system';
import { accountById, chain, node, socialPost, splitItems, webhook } from './system/workflows';

/** n8n's own ways of running a node again. Each must find the post that is there. */
const OWNER = 'twice';
const TOO_LONG = 'x'.repeat(281);

let system: System;
let handles = 0;

beforeAll(async () => {
	system = await openSystem();
});

const freshAccount = async () =>
	await system.connect({ platform: 'x', handle: `twice-${(handles += 1)}`, owner: OWNER });

const publish = (settings: Record<string, unknown> = {}, credentialId = '', extra = {}) =>
	socialPost(
		{
			operation: 'publish',
			account: accountById('={{ $json.account }}'),
			text: '={{ $json.text }}',
			options: { owner: OWNER, ...extra },
		},
		credentialId || system.access.credentialId,
		settings,
	);

const states = (execution: Execution) =>
	outputOf(execution, 'Social Post').map(({ json }) => json.state);

async function expectOnePost(account: ConnectedAccount, text: string) {
	const entries = await system.sandbox.ledger(account);
	expect(entries.map((entry) => entry.text)).toEqual([text]);
	const posts = await system.store.posts(account);
	expect(posts.map((post) => [post.state, post.remoteId])).toEqual([['published', entries[0].id]]);
}

/** The store makes the post, n8n does not get the answer, and then hears a "no". */
async function proxyLosingFirstCreate() {
	const proxy = await GatewayProxy.start(system.access.store.url);
	const { secretKey } = system.access.store;
	const data = { url: proxy.url, secretKey, vaultKey: system.access.vaultKey, companionUrl: '' };
	const credentialId = await system.n8n.createCredential('Behind a proxy', data);
	const details = JSON.stringify({ sentence: 'The store refused this for a test.' });
	proxy.set(
		{ rpc: ['social_create'], action: 'lose_answer', times: 1 },
		{
			rpc: ['social_create'],
			action: 'answer',
			status: 403,
			body: { code: 'PT403', message: 'off', details, hint: 'Try again.' },
			times: 1,
		},
	);
	return { proxy, credentialId };
}

test('Retry On Fail: the first try fails after the store made the post', async () => {
	const account = await freshAccount();
	const { proxy, credentialId } = await proxyLosingFirstCreate();
	const retrying = { retryOnFail: true, maxTries: 3, waitBetweenTries: 500 };
	const draft = chain('Retry On Fail', [
		webhook('e2e-retry-on-fail'),
		splitItems(),
		// The first try's claim is lost with its answer: its lease has to run out first.
		publish(retrying, credentialId, { waitForSeconds: 90 }),
	]);
	const execution = await system.run(await system.install(draft), {
		items: [{ account: account.id, text: 'Made by the first try' }],
	});
	await proxy.stop();
	expect(proxy.calls.filter((name) => name === 'social_create')).toHaveLength(3);
	expect(states(execution)).toEqual(['published']);
	await expectOnePost(account, 'Made by the first try');
});

test('Retry On Fail: a bad item makes the node run three times, the good one is posted once', async () => {
	const [good, bad] = [await freshAccount(), await freshAccount()];
	const workflow = await system.install(
		chain('Retry a bad item', [
			webhook('e2e-retry-bad-item'),
			splitItems(),
			publish({ retryOnFail: true, maxTries: 3, waitBetweenTries: 200 }),
		]),
	);
	const execution = await system.run(workflow, {
		items: [
			{ account: good.id, text: 'Good item' },
			{ account: bad.id, text: TOO_LONG },
		],
	});
	expect(execution.status).toBe('error');
	await expectOnePost(good, 'Good item');
	expect(await system.store.posts(bad)).toEqual([]);
});

test.each([
	['with the workflow as it was', false],
	['with the workflow as it is now', true],
])('Retry of a failed execution from the list, %s', async (_, loadWorkflow) => {
	const [good, bad] = [await freshAccount(), await freshAccount()];
	const workflow = await system.install(
		chain('Failing run', [webhook(`e2e-manual-retry-${loadWorkflow}`), splitItems(), publish()]),
	);
	const text = `Good item of a failing run (${loadWorkflow})`;
	const failed = await system.run(workflow, {
		items: [
			{ account: good.id, text },
			{ account: bad.id, text: TOO_LONG },
		],
	});
	expect(failed.status).toBe('error');
	await expectOnePost(good, text);
	for (let time = 1; time <= 2; time++) {
		const retried = await system.n8n.retry(failed.id, loadWorkflow);
		expect({ mode: retried.mode, status: retried.status }).toEqual({
			mode: 'retry',
			status: 'error',
		});
	}
	await expectOnePost(good, text);
});

test('Retry of an execution whose create answer was lost finds the post', async () => {
	const account = await freshAccount();
	const { proxy, credentialId } = await proxyLosingFirstCreate();
	const at = new Date(Date.now() + 3_600_000).toISOString();
	const workflow = await system.install(
		chain('Schedule behind a proxy', [
			webhook('e2e-retry-schedule'),
			splitItems(),
			socialPost(
				{
					operation: 'schedule',
					account: accountById('={{ $json.account }}'),
					text: '={{ $json.text }}',
					publishAt: at,
					options: { owner: OWNER },
				},
				credentialId,
			),
		]),
	);
	const failed = await system.run(workflow, {
		items: [{ account: account.id, text: 'Scheduled by the failed run' }],
	});
	expect(failed.status).toBe('error');
	const [made] = await system.store.posts(account);
	const retried = await system.n8n.retry(failed.id);
	await proxy.stop();
	expect(outputOf(retried, 'Social Post').map(({ json }) => json.id)).toEqual([made.id]);
	expect(await system.store.posts(account)).toHaveLength(1);
});

test('the same trigger fired twice makes one post', async () => {
	const account = await freshAccount();
	const workflow = await system.install(
		chain('Fired twice', [webhook('e2e-fired-twice'), splitItems(), publish()]),
	);
	const body = { items: [{ account: account.id, text: 'Fired twice' }] };
	const first = await system.run(workflow, body);
	const second = await system.run(workflow, body);
	const id = (execution: Execution) => outputOf(execution, 'Social Post')[0].json.id;
	expect(id(second)).toBe(id(first));
	await expectOnePost(account, 'Fired twice');
});

test('Allow Repeat makes a second post of the same text', async () => {
	const account = await freshAccount();
	const workflow = await system.install(
		chain('Repeat', [
			webhook('e2e-allow-repeat'),
			splitItems(),
			socialPost(
				{
					operation: 'createDraft',
					account: accountById('={{ $json.account }}'),
					text: '={{ $json.text }}',
					options: { owner: OWNER, allowRepeat: true },
				},
				system.access.credentialId,
			),
		]),
	);
	const body = { items: [{ account: account.id, text: 'Again' }] };
	await system.run(workflow, body);
	await system.run(workflow, body);
	expect(await system.store.posts(account)).toHaveLength(2);
});

test('Loop Over Items: each item is its own post', async () => {
	const account = await freshAccount();
	const draft = chain('Loop', [
		webhook('e2e-loop', { respond: 'onReceived' }),
		splitItems(),
		node('Loop Over Items', 'n8n-nodes-base.splitInBatches', 3, { options: {} }),
		publish(),
	]);
	// Output 1 of Loop Over Items is the loop, output 0 is "done"; Social Post leads back.
	draft.connections['Loop Over Items'] = {
		main: [null, [{ node: 'Social Post', type: 'main', index: 0 }]],
	};
	draft.connections['Social Post'] = {
		main: [[{ node: 'Loop Over Items', type: 'main', index: 0 }]],
	};
	const texts = ['First of the loop', 'Second of the loop', 'Third of the loop'];
	const execution = await system.run(await system.install(draft), {
		items: texts.map((text) => ({ account: account.id, text })),
	});
	expect(execution.status).toBe('success');
	expect(states(execution)).toEqual(['published', 'published', 'published']);
	const entries = await system.sandbox.ledger(account);
	expect(entries.map((entry) => entry.text)).toEqual(texts);
	expect(await system.store.posts(account)).toHaveLength(3);
});
