import { randomBytes } from 'node:crypto';
import { GatewayProxy } from './system/gateway-proxy';
import { openSystem, type System } from './system/system';

/** n8n's own "Test" of the credential: every entry has a sentence of its own. */
let system: System;
let good: Record<string, unknown>;

beforeAll(async () => {
	system = await openSystem();
	const { store, vaultKey } = system.access;
	good = { url: store.url, secretKey: store.secretKey, vaultKey, companionUrl: '' };
});

const tested = async (change: Record<string, unknown>) =>
	await system.n8n.testCredential({ ...good, ...change });

test('the right entries pass', async () => {
	expect(await tested({})).toMatchObject({ status: 'OK' });
});

test('a slash behind the URL passes', async () => {
	expect(await tested({ url: `${system.access.store.url}/` })).toMatchObject({ status: 'OK' });
});

test('an address where nothing answers', async () => {
	const said = await tested({ url: 'http://127.0.0.1:9' });
	expect(said.status).toBe('Error');
	expect(said.message).not.toBe('');
});

test('an address where something else answers', async () => {
	const said = await tested({ url: system.access.sandboxUrl });
	expect(said).toMatchObject({ status: 'Error' });
	expect(said.message).toMatch(/^The Project URL answers, but/);
});

test('a wrong secret key', async () => {
	const said = await tested({ secretKey: `sb_secret_${randomBytes(32).toString('base64url')}` });
	expect(said).toMatchObject({ status: 'Error' });
	expect(said.message).toMatch(/^The secret key was not accepted/);
});

test('the publishable key', async () => {
	const said = await tested({ secretKey: system.access.store.publishableKey });
	expect(said).toMatchObject({ status: 'Error' });
	expect(said.message).toMatch(/secret key/);
});

test('another vault key', async () => {
	const said = await tested({ vaultKey: randomBytes(32).toString('hex') });
	expect(said).toMatchObject({ status: 'Error' });
	expect(said.message).toMatch(/^The vault key is not the one/);
});

test('a store of another contract version', async () => {
	const proxy = await GatewayProxy.start(system.access.store.url);
	proxy.set({
		rpc: ['social_ping'],
		action: 'answer',
		status: 200,
		body: { code: 'contract_mismatch', message: 'This store serves contract 3 to 4.' },
	});
	const said = await tested({ url: proxy.url });
	await proxy.stop();
	expect(said).toMatchObject({ status: 'Error' });
	expect(said.message).toMatch(/^The store speaks another contract version/);
});
