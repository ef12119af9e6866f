import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ConnectedAccount } from './system/accounts';
import { outputOf, type Workflow } from './system/n8n-client';
import { sha256 } from './system/sandbox-client';
import { makeImage, openSystem, webhookPath, type System } from './system/system';
import { accountById, chain, socialPost, splitItems, webhook } from './system/workflows';

/** What n8n does to an execution must not reach the posts. */
const OWNER = 'stop';

let system: System;
let carrier: Workflow;

beforeAll(async () => {
	system = await openSystem();
	carrier = await system.install(
		chain('Carrier', [
			webhook('e2e-carrier'),
			socialPost(
				{ operation: 'publishDue', options: { watchForSeconds: 6 } },
				system.access.credentialId,
			),
		]),
	);
});

/** Files that n8n keeps for an execution: its binary data. */
async function filesOf(workflowId: string, executionId: string): Promise<string[]> {
	const folder = path.join(
		system.access.n8n.userFolder,
		'.n8n/storage/workflows',
		workflowId,
		'executions',
		executionId,
		'binary_data',
	);
	return await readdir(folder).catch(() => []);
}

test('the image of a scheduled post outlives the execution and its binary data', async () => {
	const account = await system.connect({
		platform: 'instagram',
		handle: 'stop-image',
		owner: OWNER,
	});
	const workflow = await system.install(
		chain('Schedule an image', [
			webhook('e2e-schedule-image'),
			socialPost(
				{
					operation: 'schedule',
					account: accountById(account.id),
					text: '={{ $json.body.text }}',
					publishAt: '={{ $json.body.at }}',
					images: { binary: [{ field: 'image', altText: 'One colour' }] },
					options: { owner: OWNER },
				},
				system.access.credentialId,
			),
		]),
	);
	const image = await makeImage(77);
	const form = new FormData();
	form.set('text', 'The picture came from a deleted execution');
	form.set('at', new Date(Date.now() + 4000).toISOString());
	form.set('image', new Blob([new Uint8Array(image)], { type: 'image/jpeg' }), 'picture.jpg');
	await system.n8n.callWebhook(webhookPath(workflow), { body: form });
	const scheduled = await system.n8n.finished(await system.n8n.newExecution(workflow.id));
	expect(outputOf(scheduled, 'Social Post').map(({ json }) => json.state)).toEqual(['scheduled']);

	expect(await filesOf(workflow.id, scheduled.id)).not.toEqual([]);
	await system.n8n.deleteExecutions([scheduled.id]);
	while ((await filesOf(workflow.id, scheduled.id)).length > 0) await sleep(100);
	await expect(system.n8n.execution(scheduled.id)).rejects.toThrow('404');

	const carried = await system.run(carrier, {});
	expect(carried.status).toBe('success');
	const entries = await system.sandbox.ledger(account);
	expect(entries.map((entry) => entry.media.map((media) => media.sha256))).toEqual([
		[sha256(image)],
	]);
});

test('Stop during a publish: the post ends published, the others are free again', async () => {
	const accounts: ConnectedAccount[] = [];
	for (let index = 0; index < 12; index++) {
		accounts.push(await system.connect({ platform: 'x', handle: `stop-${index}`, owner: OWNER }));
	}
	const schedule = await system.install(
		chain('Schedule many', [
			webhook('e2e-schedule-many'),
			splitItems(),
			socialPost(
				{
					operation: 'schedule',
					account: accountById('={{ $json.account }}'),
					text: '={{ $json.text }}',
					publishAt: '={{ $now.minus(1, "second").toISO() }}',
					options: { owner: OWNER },
				},
				system.access.credentialId,
			),
		]),
	);
	const items = accounts.map(({ id }, index) => ({ account: id, text: `Stopped ${index}` }));
	await system.run(schedule, { items });
	for (const { handle } of accounts) {
		await system.sandbox.fault({
			kind: 'latency',
			platform: 'x',
			account: handle,
			step: 'tweet.create',
			ms: 5000,
		});
	}
	const known = (await system.n8n.executions(carrier.id)).map(({ id }) => id);
	const answered = system.n8n.callWebhook(webhookPath(carrier), {}).catch(() => null);
	const id = await system.n8n.newExecution(carrier.id, known);
	const states = async () =>
		(await Promise.all(accounts.map((account) => system.store.posts(account)))).map(
			([post]) => post.state,
		);
	while (!(await states()).includes('publishing')) await sleep(50);
	// Long enough for the requests to be on their way, shorter than their latency.
	await sleep(1500);
	const atStop = await states();
	await system.n8n.stopExecution(id);
	await answered;
	while ((await states()).includes('publishing')) await sleep(100);

	const after = await states();
	for (const [index, state] of after.entries()) {
		expect(state).toBe(atStop[index] === 'publishing' ? 'published' : 'scheduled');
	}
	expect(after).toContain('published');
	expect(after).toContain('scheduled');

	await system.run(carrier, {});
	for (const [index, account] of accounts.entries()) {
		const entries = await system.sandbox.ledger(account);
		expect(entries.map((entry) => entry.text)).toEqual([`Stopped ${index}`]);
		const [post] = await system.store.posts(account);
		expect(post).toMatchObject({
			state: 'published',
			remoteId: entries[0].id,
			url: entries[0].url,
		});
	}
});
