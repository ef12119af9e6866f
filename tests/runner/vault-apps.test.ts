import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import type { Express } from 'express';
import { keyIdOf, loadVaultKey, openToken, type VaultKey } from '../../core/accounts/vault';
import { createStore, type Store } from '../../core/store/client';
import { createPorts } from '../../fallback-runner/src/ports';
import { createPanel } from '../../panel/server/app';
import { openSetup } from '../../panel/server/sign-in/setup-token';
import type { AppCheckAnswer, StartConnectAnswer } from '../../panel/shared/api';
import { Browser } from '../connect/browser';
import { decide } from '../sandbox/consent';
import { sandboxUnderTest, type SandboxUnderTest } from '../sandbox/fixtures';
import { startTestStore, type TestStore } from '../store/with-store';

jest.setTimeout(240_000);

const ROOT = path.resolve(__dirname, '../..');
const APPS = ['x', 'linkedin', 'instagram'];
/** Sign-ins that people have begun and not ended. */
const BEGUN = 12;

let store: TestStore;
let sandbox: SandboxUnderTest;
let server: Server;
let origin: string;
let panel: Express;
let calls: Store;
const ports = () =>
	createPorts({ store: { url: store.url, key: store.serviceKey }, log: { level: 'silent' } });

beforeAll(async () => {
	[store, sandbox] = await Promise.all([startTestStore(), sandboxUnderTest()]);
	calls = createStore(ports().store);
	server = createServer((request, response) => void panel(request, response));
	await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
	origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(async () => {
	server.closeAllConnections();
	await new Promise((resolve) => server.close(resolve));
	await sandbox.stop();
	await store.remove();
});

/** The panel under its old address, started again with these keys. */
function restartPanel(vaultKey: string): void {
	panel = createPanel({
		store: ports().store,
		ports: ports(),
		vaultKey,
		publicUrl: origin,
		sandboxUrl: sandbox.url,
		onError: (error) => {
			throw error;
		},
	});
}

async function ring(text: string): Promise<VaultKey> {
	const loaded = await loadVaultKey(text, ports().crypto);
	if (loaded.outcome !== 'ok') throw new Error(loaded.error.message);
	return loaded.key;
}

async function status() {
	const answer = await calls.call('social_vault_status', {});
	if (answer.kind !== 'ok') throw new Error(JSON.stringify(answer));
	return answer.value;
}

/** `npm run vault:rotate`, one envelope at a time; killed after so many of them. */
async function rotate(config: string, next: string, killAfter?: number): Promise<number | null> {
	const script = ['--import', 'tsx', 'scripts/vault-rotate.ts', '--now', '--page=1'];
	const child = spawn(process.execPath, script, {
		cwd: ROOT,
		stdio: ['ignore', 'pipe', 'inherit'],
		env: {
			PATH: process.env.PATH,
			MUSEKIT_TEST_RUN: process.env.MUSEKIT_TEST_RUN,
			SUPABASE_URL: store.url,
			SUPABASE_SECRET_KEY: store.serviceKey,
			MUSEKIT_VAULT_CONFIG: config,
			MUSEKIT_VAULT_KEY_NEXT: next,
		},
	});
	let said = '';
	child.stdout.on('data', (chunk: Buffer) => {
		said += chunk.toString();
		const pages = said.match(/sealed anew\n/g)?.length ?? 0;
		if (killAfter !== undefined && pages >= killAfter) child.kill('SIGKILL');
	});
	return await new Promise<number | null>((resolve) => child.once('exit', resolve));
}

async function begin(admin: Browser, connector = 'x'): Promise<string> {
	const wanted = { connector, mode: 'sandbox', owner: 'default' };
	const answer = await admin.post('/api/connect', wanted);
	if (answer.status !== 200) throw new Error(answer.text);
	return answer.json<StartConnectAnswer>().redirectTo;
}

/** Decides on the consent page and comes back to the panel; where it leads then. */
async function finish(admin: Browser, page: string, handle: string): Promise<string | null> {
	const back = await decide(page, { handle });
	return (await admin.get(`${back.pathname}${back.search}`)).location;
}

/** The panel asks each platform with the saved app: it is opened, and the platform knows it. */
async function appsWork(admin: Browser): Promise<void> {
	for (const connector of APPS) {
		const answer = await admin.post(`/api/connectors/${connector}/check?mode=sandbox`);
		expect(answer.json<AppCheckAnswer>()).toEqual({ ok: true, findings: [] });
	}
}

test('developer apps and sign-ins under way open through a rotation that is killed half-way, and after it', async () => {
	const old = randomBytes(32).toString('hex');
	const next = randomBytes(32).toString('hex');
	const [oldKey, nextKey] = [await ring(old), await ring(next)];
	const config = path.join(store.folder, 'keys.json');
	writeFileSync(config, JSON.stringify({ vaultKey: old }));
	await calls.call('social_vault_init', { p_vault_fingerprint: oldKey.fingerprint });
	restartPanel(old);
	const admin = new Browser(origin);
	const token = /token=(.+)$/.exec((await openSetup(calls, origin)) ?? '')?.[1];
	await admin.post('/api/setup', { token, name: 'ada', password: 'a calm sentence for tests' });
	await admin.learnCsrf();
	for (const connector of APPS) {
		const saved = await admin.send(`/api/connectors/${connector}/app?mode=sandbox`, {
			method: 'PUT',
			body: {
				clientId: `sandbox-${connector}-app`,
				clientSecret: `sandbox-${connector}-app-secret`,
			},
		});
		expect(saved.status).toBe(200);
	}
	expect(await finish(admin, await begin(admin), 'before')).toMatch(/^\/accounts\?connected=/);
	const begun: string[] = [];
	while (begun.length < BEGUN) begun.push(await begin(admin));
	expect((await status()).envelopes).toEqual({ [oldKey.keyId]: APPS.length + 1 + BEGUN });

	// Panels get both keys before anything is sealed anew.
	restartPanel(`${next} ${old}`);
	expect(await rotate(config, next, 2)).toBeNull();
	for (const killAfter of [1, 3]) {
		const { envelopes } = await status();
		expect(Object.keys(envelopes).sort()).toEqual([oldKey.keyId, nextKey.keyId].sort());
		await appsWork(admin);
		const page = begun.shift() ?? '';
		expect(await finish(admin, page, `amid${killAfter}`)).toMatch(/^\/accounts\?connected=/);
		expect(await rotate(config, next, killAfter)).toBeNull();
	}
	expect(await rotate(config, next)).toBe(0);

	restartPanel(next);
	const after = await status();
	expect(after).toMatchObject({ fingerprint: nextKey.fingerprint, nextFingerprint: null });
	expect(Object.keys(after.envelopes)).toEqual([nextKey.keyId]);
	await appsWork(admin);
	for (const [at, page] of begun.entries()) {
		expect(await finish(admin, page, `after${at}`)).toMatch(/^\/accounts\?connected=/);
	}
	// A panel that nobody told of the new key seals nothing that no other part could open.
	restartPanel(old);
	const app = { clientId: 'sandbox-x-app', clientSecret: 'sandbox-x-app-secret' };
	for (const answer of [
		await admin.send('/api/connectors/x/app?mode=sandbox', { method: 'PUT', body: app }),
		await admin.post('/api/connectors/x/check?mode=sandbox'),
		await admin.post('/api/connect', { connector: 'x', mode: 'sandbox', owner: 'default' }),
	]) {
		expect(answer.status).toBe(409);
		expect(answer.json()).toMatchObject({ code: 'vault_key_mismatch' });
	}
	expect(Object.keys((await status()).envelopes)).toEqual([nextKey.keyId]);
	restartPanel(next);
	await appsWork(admin);

	const list = await calls.call('social_account_list', { p_owner: 'default', p_limit: 100 });
	if (list.kind !== 'ok') throw new Error(JSON.stringify(list));
	expect(list.value.items).toHaveLength(1 + BEGUN);
	for (const { id, owner } of list.value.items) {
		const account = await calls.call('social_account_open', { p_account_id: id });
		if (account.kind !== 'ok') throw new Error(JSON.stringify(account));
		expect(keyIdOf(account.value.token)).toBe(nextKey.keyId);
		const row = { accountId: id, owner };
		const opened = await openToken(ports().crypto, nextKey, row, account.value.token);
		if (opened.outcome !== 'ok') throw new Error(opened.error.message);
		// The secret of the app that connected it came along.
		expect(opened.secret).toMatchObject({ clientSecret: 'sandbox-x-app-secret' });
		expect(sandbox.state.tokens.get(opened.secret.accessToken)).toMatchObject({ status: 'live' });
	}
});
