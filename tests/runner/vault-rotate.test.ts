import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { refreshAhead } from '../../core/accounts/tokens';
import { keyIdOf, loadVaultKey, openToken, type VaultKey } from '../../core/accounts/vault';
import { PLATFORMS } from '../../core/platforms';
import { carrierRound } from '../store/publishing';
import { World, type TestAccount } from './world';

jest.setTimeout(300_000);

const ROOT = path.resolve(__dirname, '../..');

let world: World;
let config: string;

beforeEach(async () => {
	world = await World.start('postgres');
	config = path.join(world.store.folder, 'keys.json');
	writeFileSync(config, JSON.stringify({ other: 'stays', vaultKey: world.vaultKeyText }));
});
afterEach(async () => await world.stop());

interface Rotated {
	code: number | null;
	text: string;
}

/** The script as a process; killed when told so, by what it has printed. */
async function rotate(
	given: {
		killAt?: RegExp;
		env?: Record<string, string>;
		args?: string[];
	} = {},
): Promise<Rotated> {
	const child = spawn(
		process.execPath,
		['--import', 'tsx', 'scripts/vault-rotate.ts', ...(given.args ?? [])],
		{
			cwd: ROOT,
			stdio: ['ignore', 'pipe', 'pipe'],
			env: {
				PATH: process.env.PATH,
				MUSEKIT_TEST_RUN: process.env.MUSEKIT_TEST_RUN,
				SUPABASE_URL: world.store.url,
				SUPABASE_SECRET_KEY: world.store.serviceKey,
				MUSEKIT_VAULT_CONFIG: config,
				...given.env,
			},
		},
	);
	let text = '';
	child.stdout.on('data', (chunk: Buffer) => {
		text += chunk.toString();
		if (given.killAt?.test(text)) child.kill('SIGKILL');
	});
	child.stderr.on('data', (chunk: Buffer) => (text += chunk.toString()));
	const code = new Promise<number | null>((resolve) => child.once('exit', resolve));
	return { code: await code, text };
}

function keys(): { vaultKey: string; vaultKeysOld?: string[]; other?: string } {
	return JSON.parse(readFileSync(config, 'utf8')) as { vaultKey: string; vaultKeysOld?: string[] };
}

async function ring(...texts: string[]): Promise<VaultKey> {
	const loaded = await loadVaultKey(texts.join(' '), world.ports.crypto);
	if (loaded.outcome !== 'ok') throw new Error(loaded.error.message);
	return loaded.key;
}

async function stored(): Promise<{ id: string; token: string }[]> {
	const { rows } = await world.database.query<{ id: string; token: string }>(
		'select id, token from musekit_social.accounts order by id',
	);
	return rows;
}

async function everythingOpensWith(key: VaultKey): Promise<void> {
	for (const { id, token } of await stored()) {
		const row = { accountId: id, owner: 'default' };
		const opened = await openToken(world.ports.crypto, key, row, token);
		expect(opened.outcome).toBe('ok');
		if (opened.outcome !== 'ok') continue;
		const known = world.sandbox.state.tokens.get(opened.secret.refreshToken ?? '');
		expect(known?.status).toBe('live');
	}
}

/** Refreshes accounts over and over, as carriers that hold these keys do; counts the refreshes. */
function keepRefreshing(key: VaultKey, accounts: TestAccount[]) {
	const state = { stop: false, refreshed: 0, wrong: [] as string[] };
	const ended = Promise.all(
		accounts.map(async (account) => {
			while (!state.stop) {
				const carried = await world.call('social_account_open', { p_account_id: account.id });
				const token = await refreshAhead(world.ports, carried, {
					vaultKey: key,
					definition: PLATFORMS[account.platform],
				});
				if (token?.outcome === 'ok') state.refreshed += 1;
				else if (token?.outcome !== 'vault_key_mismatch') state.wrong.push(JSON.stringify(token));
				await pause(150);
			}
		}),
	);
	return {
		stop: async () => {
			state.stop = true;
			await ended;
			return state;
		},
	};
}

test('rotates under load, killed again and again: every token opens, none is lost', async () => {
	const accounts: TestAccount[] = [];
	for (let made = 0; made < 24; made++) accounts.push(await world.account('x'));
	const next = randomBytes(32).toString('hex');
	const both = await ring(next, world.vaultKeyText);
	const env = { MUSEKIT_VAULT_KEY_NEXT: next };
	const knowing = keepRefreshing(both, accounts.slice(0, 6));
	// A carrier that nobody has told of the new key: it seals with the old one as long as it can.
	const behind = keepRefreshing(world.key, accounts.slice(6, 10));
	const posts = await Promise.all(
		accounts.slice(10, 16).map(async (one) => await world.create(one)),
	);
	const publishing = carrierRound(world.ports, both, {
		carrier: 'runner:both-keys',
		watchMs: 8_000,
	});
	// Each is killed with several pages to go: the four leave more than half of the accounts.
	const kills = [
		/^Rotates/,
		/Both keys are in/,
		/sealed anew\n/,
		/(sealed anew\n[^]*){3}/,
		/(sealed anew\n[^]*){2}/,
	];
	for (const killAt of kills) {
		const { code } = await rotate({ env, args: ['--now', '--page=1'], killAt });
		expect(code).toBeNull();
		const kept = keys();
		expect([kept.vaultKey, ...(kept.vaultKeysOld ?? [])]).toContain(world.vaultKeyText);
		if (kept.vaultKeysOld !== undefined) expect(kept.vaultKey).toBe(next);
		for (const { token } of await stored()) {
			expect([both.keyId, world.key.keyId]).toContain(keyIdOf(token));
		}
	}
	const last = rotate({ args: ['--now', '--page=2'], env });
	await publishing;
	expect((await behind.stop()).wrong).toEqual([]);
	expect(await last).toMatchObject({ code: 0, text: expect.stringMatching(/Done/) });
	const { refreshed, wrong } = await knowing.stop();
	expect(wrong).toEqual([]);
	expect(refreshed).toBeGreaterThan(0);
	expect(keys()).toEqual({ other: 'stays', vaultKey: next });
	await everythingOpensWith(await ring(next));
	for (const post of await world.published(...posts)) expect(world.live(post)).toHaveLength(1);
	expect(
		await world.call('social_ping', { p_vault_fingerprint: world.key.fingerprint }),
	).toMatchObject({ code: 'vault_key_mismatch' });
});

test('the first run prepares and waits for carriers that do not know the new key', async () => {
	await world.account('x');
	await world.call('social_heartbeat', {
		p_carrier: 'n8n:here',
		p_kind: 'n8n',
		p_interval_ms: 60_000,
		p_info: { vaultKeys: [world.key.keyId] },
	});
	const before = await stored();
	const first = await rotate();
	expect(first).toMatchObject({ code: 3, text: expect.stringContaining('n8n:here') });
	expect(await stored()).toEqual(before);
	const { vaultKey, vaultKeysOld } = keys();
	expect(vaultKeysOld).toEqual([world.vaultKeyText]);
	for (const text of [vaultKey, world.vaultKeyText]) {
		const { fingerprint } = await ring(text);
		expect(await world.call('social_ping', { p_vault_fingerprint: fingerprint })).toMatchObject({
			code: 'ok',
		});
	}
	await world.call('social_heartbeat', {
		p_carrier: 'n8n:here',
		p_kind: 'n8n',
		p_interval_ms: 60_000,
		p_info: {
			vaultKeys: (await Promise.all([ring(vaultKey), ring(world.vaultKeyText)])).map(
				(key) => key.keyId,
			),
		},
	});
	expect(await rotate()).toMatchObject({ code: 0 });
	await everythingOpensWith(await ring(vaultKey));
	for (const text of [first.text]) expect(text).not.toContain(vaultKey);
});

test.each([
	['another key', () => randomBytes(32).toString('hex'), /not the one that sealed/],
	['no key', () => '', /holds no vaultKey/],
	['half a key', () => 'abcd', /must be 32 bytes/],
])('%s is refused and touches nothing', async (_name, key, words) => {
	await world.account('x');
	const before = await stored();
	writeFileSync(config, JSON.stringify({ vaultKey: key() }));
	const text = readFileSync(config, 'utf8');
	expect(await rotate()).toMatchObject({ code: 2, text: expect.stringMatching(words) });
	expect(readFileSync(config, 'utf8')).toBe(text);
	expect(await stored()).toEqual(before);
	expect(await world.call('social_vault_status', {})).toMatchObject({
		fingerprint: world.key.fingerprint,
		nextFingerprint: null,
	});
});
