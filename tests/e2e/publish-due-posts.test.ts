import { setTimeout as sleep } from 'node:timers/promises';
import type { ConnectedAccount } from './system/accounts';
import { GatewayProxy } from './system/gateway-proxy';
import { outputOf, type Workflow } from './system/n8n-client';
import { openSystem, type System } from './system/system';
import { accountById, chain, socialPost, splitItems, webhook } from './system/workflows';

const OWNER = 'due';
const PLATFORMS = ['x', 'linkedin', 'x'] as const;

let system: System;
let accounts: ConnectedAccount[];
let schedule: Workflow;

beforeAll(async () => {
	system = await openSystem();
	accounts = [];
	for (const [index, platform] of PLATFORMS.entries()) {
		accounts.push(await system.connect({ platform, handle: `due-${index}`, owner: OWNER }));
	}
	schedule = await system.install(
		chain('Schedule', [
			webhook('e2e-schedule'),
			splitItems(),
			socialPost(
				{
					operation: 'schedule',
					account: accountById('={{ $json.account }}'),
					text: '={{ $json.text }}',
					publishAt: '={{ $json.at }}',
					options: { owner: OWNER },
				},
				system.access.credentialId,
			),
		]),
	);
});

/** Schedules one post per account; answers what the node put out. */
async function scheduleOnEach(text: string, inMs: number) {
	const at = new Date(Date.now() + inMs).toISOString();
	const items = accounts.map(({ id }, index) => ({ account: id, text: `${text} ${index}`, at }));
	const execution = await system.run(schedule, { items });
	const output = outputOf(execution, 'Social Post').map(({ json }) => json);
	expect(output).toHaveLength(accounts.length);
	for (const item of output) expect(item).toMatchObject({ state: 'scheduled', scheduledAt: at });
	return output.map(({ id }) => String(id));
}

async function whenPublished(ids: string[]) {
	for (;;) {
		const posts = await Promise.all(ids.map((id) => system.store.post(id, OWNER)));
		if (posts.every(({ state }) => state === 'published')) return posts;
		await sleep(250);
	}
}

async function expectOnceEach(text: string) {
	for (const [index, account] of accounts.entries()) {
		const entries = await system.sandbox.ledger(account);
		expect(entries.filter((entry) => entry.text === `${text} ${index}`)).toHaveLength(1);
	}
}

test('the template publishes posts scheduled 5 s ahead, each once', async () => {
	const { publishDue } = system.access.templates;
	await system.n8n.activate(publishDue);
	try {
		const ids = await scheduleOnEach('Five seconds ahead', 5000);
		for (const post of await whenPublished(ids)) {
			expect(Date.parse(post.publishedAt ?? '')).toBeGreaterThanOrEqual(
				Date.parse(post.scheduledAt ?? ''),
			);
			expect(post.attempts).toBe(1);
		}
	} finally {
		await system.n8n.deactivate(publishDue);
	}
	await expectOnceEach('Five seconds ahead');
});

test('twenty overlapping runs publish each post once and leave no saved execution', async () => {
	const proxy = await GatewayProxy.start(system.access.store.url);
	const { secretKey } = system.access.store;
	const data = { url: proxy.url, secretKey, vaultKey: system.access.vaultKey, companionUrl: '' };
	const credentialId = await system.n8n.createCredential('Counted', data);
	const template = await system.n8n.workflow(system.access.templates.publishDue);
	const copy = await system.install({
		name: 'Publish due posts every second',
		settings: template.settings,
		connections: template.connections,
		nodes: template.nodes.map((node) => {
			if (node.type === 'n8n-nodes-base.scheduleTrigger') {
				const interval = [{ field: 'seconds', secondsInterval: 1 }];
				return { ...node, parameters: { rule: { interval } } };
			}
			if (!node.credentials) return node;
			return {
				...node,
				// Each run watches longer than the interval, so that runs overlap.
				parameters: { ...node.parameters, options: { watchForSeconds: 2, intervalSeconds: 1 } },
				credentials: { museKitSocialApi: { id: credentialId, name: 'Counted' } },
			};
		}),
	});
	const rounds = () => proxy.calls.filter((name) => name === 'social_heartbeat').length;
	try {
		const ids = await scheduleOnEach('While twenty runs come and go', 3000);
		while (rounds() < 20) await sleep(200);
		await whenPublished(ids);
	} finally {
		await system.n8n.deactivate(copy.id);
	}
	await expectOnceEach('While twenty runs come and go');
	const running = async () =>
		(await system.n8n.executions(copy.id)).filter(({ status }) => /new|running/.test(status));
	while ((await running()).length > 0) await sleep(200);
	expect(rounds()).toBeGreaterThanOrEqual(20);
	expect(await system.n8n.executions(copy.id)).toEqual([]);
	await proxy.stop();
});
