import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import {
	carrierName,
	checkRunnerConfig,
	ConfigRefused,
	readRunnerConfig,
} from '../../../fallback-runner/src/config';

const GOOD = {
	SUPABASE_URL: 'https://project.supabase.co',
	SUPABASE_SECRET_KEY: 'sb_secret_of-the-tests',
	MUSEKIT_VAULT_KEY: 'ab'.repeat(32),
};

function refusal(value: () => unknown): string {
	try {
		value();
	} catch (error) {
		expect(error).toBeInstanceOf(ConfigRefused);
		return (error as Error).message;
	}
	throw new Error('It was not refused');
}

test('the environment is enough, and the rest has defaults', () => {
	const config = readRunnerConfig(undefined, {
		...GOOD,
		MUSEKIT_RUNNER_PORT: '5000',
		MUSEKIT_STATUS_PAGES: '{"linkedin":"https://status.example/summary.json"}',
	});
	expect(config).toMatchObject({
		storeUrl: GOOD.SUPABASE_URL,
		storeKey: GOOD.SUPABASE_SECRET_KEY,
		port: 5000,
		listen: '127.0.0.1',
		concurrency: 4,
		queueSchema: 'musekit_queue',
		statusPages: { linkedin: 'https://status.example/summary.json' },
	});
	expect(config.redisUrl).toBeUndefined();
	expect(config.tickSecret).toBeUndefined();
	expect(carrierName(config)).toMatch(/^runner:.+-5000$/);
});

test('a file goes before the environment, and our variable before the general one', () => {
	const folder = mkdtempSync(path.join(tmpdir(), 'musekit-config-'));
	const file = path.join(folder, 'runner.json');
	writeFileSync(file, JSON.stringify({ port: 1234, storeUrl: 'http://127.0.0.1:1' }));
	const config = readRunnerConfig(file, {
		...GOOD,
		MUSEKIT_STORE_SECRET_KEY: 'sb_secret_ours',
		MUSEKIT_RUNNER_PORT: '5000',
	});
	expect(config).toMatchObject({
		port: 1234,
		storeUrl: 'http://127.0.0.1:1',
		storeKey: 'sb_secret_ours',
	});
	writeFileSync(file, '[1,');
	expect(refusal(() => readRunnerConfig(file, GOOD))).toContain('cannot be read as JSON');
	rmSync(folder, { recursive: true });
});

test.each([
	['REDIS_URL', 'http://secret-host'],
	['DATABASE_URL', 'mysql://secret-host'],
	['MUSEKIT_TICK_SECRET', 'secret-short'],
	['MUSEKIT_BOARD_SECRET', 'secret-short'],
	['MUSEKIT_N8N_HEALTH_URL', 'secret-nonsense'],
	['MUSEKIT_RUNNER_PORT', 'secret'],
	['MUSEKIT_STATUS_PAGES', 'secret'],
	['MUSEKIT_PURGE_AFTER_DAYS', '3'],
	['SUPABASE_URL', 'secret'],
])('%s wrong: the variable and a remedy are named, never the value', (name, value) => {
	const message = refusal(() => readRunnerConfig(undefined, { ...GOOD, [name]: value }));
	expect(message).toContain(name);
	expect(message).toMatch(/missing or wrong: \S/);
	expect(message).not.toContain('secret-');
	expect(message).not.toMatch(/: secret$/m);
});

test('what is missing is named, all at once', () => {
	const message = refusal(() => readRunnerConfig(undefined, {}));
	for (const name of ['SUPABASE_URL', 'SUPABASE_SECRET_KEY', 'MUSEKIT_VAULT_KEY']) {
		expect(message).toContain(name);
	}
});

test('a field that is not known is refused, for it may be a misspelt one', () => {
	const message = refusal(() =>
		checkRunnerConfig({ storeUrl: 'http://a', storeKey: 'b', vaultKey: 'c', redisURL: 'd' }),
	);
	expect(message).toContain('redisURL is not known');
});
