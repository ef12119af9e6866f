import { Agent, request } from 'node:http';
import type { SeededAccount } from '../../sandbox/src/accounts';
import { sandboxUnderTest } from './fixtures';
import type { SandboxUnderTest } from './fixtures';

let sandbox: SandboxUnderTest;
let ada: SeededAccount;
let number = 0;

beforeAll(async () => {
	sandbox = await sandboxUnderTest();
});
afterAll(async () => await sandbox.stop());
beforeEach(async () => {
	await sandbox.reset();
	ada = await sandbox.seed({ platform: 'x', handle: 'ada' });
});

interface Seen {
	/** Null: the connection broke before a complete answer. */
	status: number | null;
	headers: Record<string, unknown>;
	text: string;
	chunks: number;
}

/** One post over one fresh connection, without any client's own retry. */
async function post(token = ada.accessToken): Promise<Seen> {
	number += 1;
	const body = JSON.stringify({ text: `post ${number}` });
	return await new Promise((resolve) => {
		const lost = (): void => resolve({ status: null, headers: {}, text: '', chunks: 0 });
		const sent = request(
			`${sandbox.url}/x/2/tweets`,
			{
				method: 'POST',
				agent: new Agent(),
				headers: {
					authorization: `Bearer ${token}`,
					'content-type': 'application/json',
					'content-length': Buffer.byteLength(body),
				},
			},
			(response) => {
				let text = '';
				let chunks = 0;
				response.on('data', (chunk: Buffer) => {
					text += chunk.toString('utf8');
					chunks += 1;
				});
				response.on('end', () =>
					resolve({ status: response.statusCode ?? null, headers: response.headers, text, chunks }),
				);
				response.on('error', lost);
			},
		);
		sent.on('error', lost);
		sent.end(body);
	});
}

const live = async (): Promise<number> => (await sandbox.ledger()).length;
const CREATE = { platform: 'x', step: 'tweet.create' } as const;

test.each([
	['drop_after_commit', undefined, 1],
	['drop_before_commit', undefined, 0],
	['reset', 'before', 0],
	['reset', 'after', 1],
] as const)('%s (%s): no answer, %i live', async (kind, when, entries) => {
	await sandbox.fault({ ...CREATE, kind, when });
	expect((await post()).status).toBeNull();
	expect(await live()).toBe(entries);
	const [seen] = await sandbox.seenRequests('step=tweet.create');
	expect(seen).toMatchObject({ status: null, fault: kind, account: 'ada' });
	expect((await post()).status).toBe(201);
});

test.each([
	[500, undefined, 0],
	[503, 'after', 1],
	[429, 'before', 0],
	[502, 'after', 1],
] as const)('status %i %s commit', async (status, when, entries) => {
	await sandbox.fault({ ...CREATE, kind: 'status', status, when });
	const seen = await post();
	expect(seen.status).toBe(status);
	expect(seen.headers['content-type']).toContain('application/problem+json');
	expect(JSON.parse(seen.text)).toMatchObject({ status });
	if (status === 429) expect(seen.headers['x-rate-limit-reset']).toMatch(/^\d+$/);
	expect(await live()).toBe(entries);
});

test('latency before and after the work', async () => {
	await sandbox.fault({ ...CREATE, kind: 'latency', ms: 300, when: 'after' });
	const running = post();
	await new Promise((resolve) => setTimeout(resolve, 100));
	expect(await live()).toBe(1);
	expect((await running).status).toBe(201);
	await sandbox.fault({ ...CREATE, kind: 'latency', ms: 300 });
	const second = post();
	await new Promise((resolve) => setTimeout(resolve, 100));
	expect(await live()).toBe(1);
	expect((await second).status).toBe(201);
	expect(await live()).toBe(2);
});

test('redirect, HTML instead of JSON, half the JSON, a trickle', async () => {
	await sandbox.fault({ ...CREATE, kind: 'redirect', location: `${sandbox.url}/elsewhere` });
	expect(await post()).toMatchObject({
		status: 307,
		headers: { location: `${sandbox.url}/elsewhere` },
	});
	expect(await live()).toBe(0);
	await sandbox.fault({ ...CREATE, kind: 'content_type', when: 'after' });
	const html = await post();
	expect(html).toMatchObject({ status: 200, text: expect.stringContaining('<html>') });
	expect(await live()).toBe(1);
	await sandbox.fault({ ...CREATE, kind: 'truncate' });
	const half = await post();
	expect(half.status).toBe(201);
	expect(() => JSON.parse(half.text) as unknown).toThrow(SyntaxError);
	expect(await live()).toBe(2);
	await sandbox.fault({ ...CREATE, kind: 'trickle', ms: 2 });
	const trickle = await post();
	expect(JSON.parse(trickle.text)).toHaveProperty('data.id');
	expect(trickle.chunks).toBeGreaterThan(5);
	expect(await live()).toBe(3);
});

test('platform-wide 401, in the words of each platform', async () => {
	await sandbox.fault({ kind: 'unauthorized', count: null });
	expect(JSON.parse((await post()).text)).toMatchObject({ title: 'Unauthorized', status: 401 });
	const member = await sandbox.seed({ platform: 'linkedin', handle: 'ada' });
	const linkedin = await fetch(`${sandbox.url}/linkedin/v2/userinfo`, {
		headers: { authorization: `Bearer ${member.accessToken}` },
	});
	expect(linkedin.status).toBe(401);
	expect(await linkedin.json()).toMatchObject({ serviceErrorCode: 65600 });
	const instagram = await fetch(`${sandbox.url}/instagram/me?access_token=any`);
	expect(await instagram.json()).toMatchObject({ error: { code: 190 } });
	await fetch(`${sandbox.url}/_faults`, { method: 'DELETE' });
	expect((await post()).status).toBe(201);
});

test('credits and spend cap can be scripted for one call', async () => {
	await sandbox.fault({ ...CREATE, kind: 'credits_depleted' }, { ...CREATE, kind: 'spend_cap' });
	expect((await post()).status).toBe(402);
	expect(JSON.parse((await post()).text)).toMatchObject({ title: 'SpendCapReached' });
	expect((await post()).status).toBe(201);
});

test('a custom body, as for what Instagram answers to a post that is live', async () => {
	const body = { error: { message: 'spam', code: 4, error_subcode: 2207051 } };
	await sandbox.fault({ ...CREATE, kind: 'status', status: 400, when: 'after', body });
	expect(JSON.parse((await post()).text)).toEqual(body);
	expect(await live()).toBe(1);
});

test('account, count, skip, path, method and seeded probability decide who is hit', async () => {
	const bob = await sandbox.seed({ platform: 'x', handle: 'bob' });
	const status = { kind: 'status', status: 500 } as const;
	await sandbox.fault({ ...status, account: '@Bob', count: 2, skip: 1 });
	const seen = [];
	for (let at = 0; at < 4; at += 1) seen.push((await post(bob.accessToken)).status);
	expect(seen).toEqual([201, 500, 500, 201]);
	expect((await post()).status).toBe(201);
	await sandbox.fault({ ...status, path: '^/2/tweets$', method: 'get' });
	expect((await post()).status).toBe(201);
	const draw = async (): Promise<(number | null)[]> => {
		await fetch(`${sandbox.url}/_faults`, { method: 'DELETE' });
		await sandbox.fault({ ...CREATE, ...status, count: null, probability: 0.5, seed: 7 });
		const results = [];
		for (let at = 0; at < 12; at += 1) results.push((await post()).status);
		return results;
	};
	const first = await draw();
	expect(new Set(first)).toEqual(new Set([201, 500]));
	expect(await draw()).toEqual(first);
});

test('a malformed fault is refused with the reason', async () => {
	const answer = await fetch(`${sandbox.url}/_faults`, {
		method: 'POST',
		body: JSON.stringify([{ kind: 'explode' }]),
	});
	expect(answer.status).toBe(400);
	expect(await answer.json()).toMatchObject({ message: expect.stringContaining('kind') });
});
