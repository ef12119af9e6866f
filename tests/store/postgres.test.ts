import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import {
	chmodSync,
	cpSync,
	existsSync,
	mkdirSync,
	mkdtempSync,
	readdirSync,
	readFileSync,
	statSync,
	symlinkSync,
	writeFileSync,
} from 'node:fs';
import { rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { Client } from 'pg';
import { withConnection } from '../../supabase/embedded/connection';
import { isAlive, InstanceBusy, takeLock } from '../../supabase/embedded/instance-lock';
import {
	dataFolderOf,
	removePostgres,
	removeRootState,
	runningPid,
	setAsideRootState,
	startPostgres,
	stopPostgres,
} from '../../supabase/embedded/postgres';
import { generateStoreSecrets, startStore } from '../../supabase/embedded/start-store';
import { freePort } from './free-port';
import { startTestStore, supabase, writeConfig } from './with-store';

const REPO = path.resolve(__dirname, '../..');
const isRoot = process.getuid?.() === 0;
const until = async (what: () => Promise<boolean> | boolean) => {
	while (!(await what())) await new Promise((resolve) => setTimeout(resolve, 50));
};
const folders: string[] = [];
const temporary = () => {
	const folder = mkdtempSync(path.join(tmpdir(), 'musekit-pg-'));
	folders.push(folder);
	return folder;
};
afterAll(async () => {
	for (const folder of folders) await rm(folder, { recursive: true, force: true });
});

describe('the database of the embedded store', () => {
	test('listens on 127.0.0.1 only, without socket, with passwords, durable', async () => {
		const store = await startTestStore();
		try {
			const client = await store.connect();
			const settings = Object.fromEntries(
				(
					await client.query(
						`select name, setting from pg_settings where name in ('listen_addresses', 'unix_socket_directories', 'fsync', 'synchronous_commit', 'full_page_writes', 'password_encryption', 'TimeZone')`,
					)
				).rows.map((row) => [row.name, row.setting]),
			);
			expect(settings).toEqual({
				listen_addresses: '127.0.0.1',
				unix_socket_directories: '',
				fsync: 'on',
				synchronous_commit: 'on',
				full_page_writes: 'on',
				password_encryption: 'scram-sha-256',
				TimeZone: 'UTC',
			});
			const hba = readFileSync(path.join(store.postgres.dataFolder, 'pg_hba.conf'), 'utf8');
			const methods = hba
				.split('\n')
				.filter((line) => /^(local|host)/.test(line))
				.map((line) => line.split(/\s+/).at(-1));
			expect(new Set(methods)).toEqual(new Set(['scram-sha-256']));
			for (const password of ['', 'postgres', 'template-of-throw-away-stores']) {
				const wrong = new URL(store.databaseUrl);
				wrong.password = password;
				await expect(
					new Client({ connectionString: wrong.toString() }).connect(),
				).rejects.toThrow();
			}
			expect(statSync(store.postgres.dataFolder).mode & 0o777).toBe(0o700);
		} finally {
			await store.remove();
		}
	});

	test('killed in the middle of writes it comes back by itself and has what it confirmed', async () => {
		const store = await startTestStore();
		try {
			const client = store.client();
			let confirmed = 0;
			let running = true;
			const refusals = new Set<number>();
			const writer = (async () => {
				while (running) {
					const { error, status } = await client.rpc('social_heartbeat', {
						p_contract: 1,
						p_carrier: `c${confirmed}`,
						p_kind: 'runner',
						p_interval_ms: 1000,
					});
					if (!error) confirmed += 1;
					else {
						refusals.add(status);
						await new Promise((resolve) => setTimeout(resolve, 20));
					}
				}
			})();
			await until(() => confirmed > 20);
			const first = store.postgres.pid();
			process.kill(first, 'SIGKILL');
			await until(() => !isAlive(first));
			await until(async () => (await fetch(`${store.url}/health`)).status === 200);
			const before = confirmed;
			await until(() => confirmed > before + 5);
			running = false;
			await writer;
			expect(store.postgres.pid()).not.toBe(first);
			for (const status of refusals) expect([503, 500]).toContain(status);
			const { data } = await client.rpc('social_overview', { p_contract: 1 });
			const carriers = new Set(
				(data as { heartbeats: { carrier: string }[] }).heartbeats.map((h) => h.carrier),
			);
			for (let n = 0; n < confirmed; n += 1) expect(carriers.has(`c${n}`)).toBe(true);
		} finally {
			await store.remove();
		}
	}, 90_000);

	test('while it is away: 503 with PostgREST JSON', async () => {
		const store = await startTestStore();
		try {
			await store.postgres.stop();
			const { error, status } = await store.client().rpc('social_ping', { p_contract: 1 });
			expect([status, error?.code]).toEqual([503, expect.stringMatching(/^PGRST00[01]$/)]);
			expect((await fetch(`${store.url}/health`)).status).toBe(503);
		} finally {
			await store.remove();
		}
	});

	test('a connection that dies under work is an error of the work, not the end of the process', async () => {
		const store = await startTestStore();
		try {
			const work = withConnection({ connectionString: store.databaseUrl }, async (client) => {
				const gone = new Promise((resolve) => client.once('end', resolve));
				await store.postgres.stop();
				await gone;
				await client.query('select 1');
			});
			await expect(work).rejects.toThrow(/Connection terminated|not queryable/);
		} finally {
			await store.remove();
		}
	});

	test('a second start of the same instance is refused by name; a stale pid file is not in the way', async () => {
		const place = { repo: REPO, folder: temporary(), name: `pg-${Date.now()}` };
		const options = { ...place, port: await freePort(), password: 'a-generated-password-of-24' };
		const first = await startPostgres(options);
		await expect(startPostgres({ ...options, port: await freePort() })).rejects.toThrow(
			InstanceBusy,
		);
		await expect(removePostgres(place)).rejects.toThrow(/already running.*Stop it first/);
		// What a power cut leaves behind: no process, but its file.
		const pidFile = path.join(first.dataFolder, 'postmaster.pid');
		const left = readFileSync(pidFile);
		await first.stop();
		writeFileSync(pidFile, left);
		const second = await startPostgres(options);
		expect(runningPid(second.dataFolder)).toBe(second.pid());
		await second.stop();
		expect(runningPid(second.dataFolder)).toBeNull();
		await removePostgres(place);
		expect(existsSync(first.dataFolder)).toBe(false);
	});

	test('a taken port is named with its remedy', async () => {
		const server = createServer();
		const port = await freePort();
		await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
		const place = { repo: REPO, folder: temporary(), name: `pg-${Date.now()}` };
		await expect(
			startPostgres({
				...place,
				port,
				portVariable: 'MUSEKIT_POSTGRES_PORT',
				password: 'a-generated-password-of-24',
			}),
		).rejects.toThrow(new RegExp(`Port ${port} .* taken .*MUSEKIT_POSTGRES_PORT`));
		server.close();
		await removePostgres(place);
	});

	test('who takes the same port at the same moment is refused, and never changes the other database', async () => {
		// All find the port free and copy their data, and with it the same first password; one is fastest.
		for (let round = 0; round < 3; round++) {
			const ports = { gateway: 0, postgres: await freePort() };
			const started = await Promise.allSettled([1, 2, 3].map(() => startTestStore({ ports })));
			const [first, ...others] = started.flatMap((one) =>
				one.status === 'fulfilled' ? [one.value] : [],
			);
			try {
				expect(others).toEqual([]);
				const refusals = started.flatMap((one) =>
					one.status === 'rejected' ? [String(one.reason)] : [],
				);
				const taken = expect.stringMatching(
					new RegExp(`Port ${ports.postgres} .* taken .*MUSEKIT_POSTGRES_PORT`),
				);
				expect(refusals).toEqual([taken, taken]);
				const client = await first.connect();
				const { rows } = await client.query('show data_directory');
				expect(rows).toEqual([{ data_directory: first.postgres.dataFolder }]);
			} finally {
				for (const store of [first, ...others]) await store?.remove();
			}
		}
	}, 90_000);

	test('an initdb cut short leaves nothing that a later start would take for data', async () => {
		const place = { repo: REPO, folder: temporary(), name: `pg-${Date.now()}` };
		const data = dataFolderOf(place);
		mkdirSync(`${data}.new/base`, { recursive: true });
		const postgres = await startPostgres({
			...place,
			port: await freePort(),
			password: 'a-generated-password-of-24',
		});
		expect(existsSync(`${data}.new`)).toBe(false);
		await postgres.stop();
		await removePostgres(place);
	});

	test('config with another password than the data: a sentence, and nothing left running', async () => {
		const store = await startTestStore();
		const config = { ...store.config, ...generateStoreSecrets() };
		try {
			await store.stop();
			await expect(startStore(config)).rejects.toThrow(/another password than config\.json/);
			expect(runningPid(store.postgres.dataFolder)).toBeNull();
		} finally {
			await store.remove();
		}
	});
});

describe('ports of the tests', () => {
	test('none is given twice', async () => {
		// With so many of 8,500 some would meet by chance.
		const given = await Promise.all(Array.from({ length: 400 }, () => freePort()));
		expect(new Set(given).size).toBe(400);
	});
});

describe('locks', () => {
	test('one holder at a time, a dead holder is no obstacle', async () => {
		const folder = temporary();
		const file = path.join(folder, 'lock');
		const dead = spawn(process.execPath, ['-e', '']);
		await new Promise((resolve) => dead.once('exit', resolve));
		// Who meets whom is chance: one round rarely finds two who both take a dead lock away.
		for (let round = 0; round < 200; round++) {
			writeFileSync(file, `${dead.pid} 1 x\n`);
			const taken = await Promise.allSettled(Array.from({ length: 10 }, () => takeLock(file)));
			const winners = taken.filter((result) => result.status === 'fulfilled');
			expect(winners).toHaveLength(1);
			await winners[0].value();
			expect(readdirSync(folder)).toEqual([]);
		}
	});
});

describe('the process that npm start spawns', () => {
	const start = (config: string, stdin: 'pipe' | 'ignore' = 'pipe') => {
		const child = spawn(
			process.execPath,
			['--import', 'tsx', path.join(REPO, 'supabase/embedded/main.ts'), config],
			{
				cwd: REPO,
				stdio: [stdin, 'pipe', 'pipe'],
				env: { PATH: process.env.PATH, HOME: process.env.HOME },
			},
		);
		const lines: Record<string, unknown>[] = [];
		createInterface({ input: child.stdout! }).on('line', (line) => lines.push(JSON.parse(line)));
		return { child, lines };
	};
	const ended = (child: ChildProcess) =>
		new Promise<number | null>((resolve) =>
			child.exitCode === null && child.signalCode === null
				? child.once('exit', resolve)
				: resolve(child.exitCode),
		);
	const newConfig = async () => ({
		repo: REPO,
		folder: temporary(),
		name: `main-${process.pid}-${folders.length}`,
		ports: { gateway: await freePort(), postgres: await freePort() },
		...generateStoreSecrets(),
	});
	const clean = (config: { folder: string; name: string }) =>
		removePostgres({ repo: REPO, folder: path.join(config.folder, 'postgres'), name: config.name });

	test('ready line without secrets; SIGTERM stops all; data stay; a closed stdin and SIGKILL stop the database too', async () => {
		const config = await newConfig();
		const file = writeConfig(config);
		const first = start(file);
		await until(() => first.lines.some((line) => line.ready) || first.child.exitCode !== null);
		const ready = first.lines.find((line) => line.ready)!;
		expect(ready).toMatchObject({
			url: `http://127.0.0.1:${config.ports.gateway}`,
			pid: first.child.pid,
		});
		const said = JSON.stringify(first.lines);
		for (const secret of [
			config.keys!.service,
			config.keys!.anon,
			config.jwtSecret!,
			...Object.values(config.passwords!),
		]) {
			expect(said.includes(secret)).toBe(false);
		}
		const client = supabase(String(ready.url), config.keys!.service);
		await client.rpc('social_settings_set', {
			p_contract: 1,
			p_key: 'module',
			p_value: { enabled: false },
		});
		first.child.kill('SIGTERM');
		expect(await ended(first.child)).toBe(0);
		expect(isAlive(Number(ready.postgresPid))).toBe(false);

		const second = start(file);
		await until(() => second.lines.some((line) => line.ready));
		expect(second.lines.find((line) => line.ready)).toMatchObject({ applied: [] });
		const { data } = await supabase(String(ready.url), config.keys!.service).rpc('social_ping', {
			p_contract: 1,
		});
		expect(data).toMatchObject({ moduleEnabled: false });
		second.child.stdin!.end();
		expect(await ended(second.child)).toBe(0);

		const third = start(file, 'ignore');
		await until(() => third.lines.some((line) => line.ready));
		const pid = Number(third.lines.find((line) => line.ready)!.postgresPid);
		third.child.kill('SIGKILL');
		await ended(third.child);
		await until(() => !isAlive(pid));
		await clean(config);
	}, 120_000);

	test('a broken configuration is one JSON line with the field and no value', async () => {
		const config = await newConfig();
		config.keys = { service: 'my-own-weak-key', anon: config.keys!.anon };
		const { child, lines } = start(writeConfig(config));
		expect(await ended(child)).toBe(1);
		expect(lines).toHaveLength(1);
		expect(lines[0].error).toContain('keys.service');
		expect(JSON.stringify(lines)).not.toContain('my-own-weak-key');
	}, 60_000);
});

(isRoot ? describe : describe.skip)('started by root (skipped for other users)', () => {
	test('databases of an earlier clone at the path are set aside whole, and those in use are not', async () => {
		const repo = temporary();
		const options = { repo, folder: repo, name: 'store', port: await freePort() };
		try {
			expect(await setAsideRootState(repo)).toBeNull();
			const earlier = await startPostgres({ ...options, password: 'the-password-of-before' });
			await expect(setAsideRootState(repo)).rejects.toThrow(/already running.*Stop it first/);
			await earlier.stop();
			await expect(startPostgres({ ...options, password: 'the-password-of-now' })).rejects.toThrow(
				/another password/,
			);

			const aside = await setAsideRootState(repo);
			expect(aside).toContain(path.dirname(earlier.dataFolder));
			expect(readdirSync(aside!)).toEqual(['store']);
			const later = await startPostgres({ ...options, password: 'the-password-of-now' });
			await later.stop();
			// What was set aside can be started again.
			const again = await startPostgres({
				...options,
				name: path.relative(path.dirname(earlier.dataFolder), path.join(aside!, 'store')),
				password: 'the-password-of-before',
			});
			await again.stop();
		} finally {
			await removeRootState(repo);
		}
		expect(existsSync(path.dirname(dataFolderOf(options)))).toBe(false);
	}, 60_000);

	test('from a clone of mode 700, as a user without rights that is not "postgres"', async () => {
		const outer = temporary();
		const clone = path.join(outer, 'clone');
		mkdirSync(clone);
		for (const part of ['supabase', 'core']) {
			cpSync(path.join(REPO, part), path.join(clone, part), {
				recursive: true,
				filter: (source) => !source.includes('node_modules'),
			});
		}
		for (const file of ['package.json', 'tsconfig.json'])
			cpSync(path.join(REPO, file), path.join(clone, file));
		symlinkSync(path.join(REPO, 'node_modules'), path.join(clone, 'node_modules'));
		const local = path.join(REPO, 'supabase/embedded/node_modules');
		if (existsSync(local)) symlinkSync(local, path.join(clone, 'supabase/embedded/node_modules'));
		chmodSync(clone, 0o700);
		chmodSync(outer, 0o700);
		const config = {
			repo: clone,
			folder: path.join(clone, '.musekit'),
			ports: { gateway: await freePort(), postgres: await freePort() },
			...generateStoreSecrets(),
		};
		mkdirSync(config.folder);
		const child = spawn(
			process.execPath,
			['--import', 'tsx', path.join(clone, 'supabase/embedded/main.ts'), writeConfig(config)],
			{
				cwd: clone,
				stdio: ['pipe', 'pipe', 'inherit'],
				env: { PATH: process.env.PATH, HOME: process.env.HOME },
			},
		);
		const lines: Record<string, unknown>[] = [];
		createInterface({ input: child.stdout }).on('line', (line) => lines.push(JSON.parse(line)));
		await until(() => lines.some((line) => line.ready || line.error));
		const ready = lines.find((line) => line.ready);
		expect(lines.find((line) => line.error)).toBeUndefined();
		try {
			const status = readFileSync(`/proc/${ready!.postgresPid}/status`, 'utf8');
			const uids = /^Uid:\s+(\d+)\s+(\d+)/m.exec(status)!;
			const name = execFileSync('getent', ['passwd', uids[1]], { encoding: 'utf8' }).split(':')[0];
			expect(uids[1]).not.toBe('0');
			expect(uids[2]).toBe(uids[1]);
			expect(['musekit-social', 'nobody']).toContain(name);
			expect(ready!.user).toBe(name);
			// No supplementary groups and no capabilities came along.
			expect(/^Groups:[ \t]*(\d*)/m.exec(status)![1]).toBe('');
			expect(/^CapEff:\s+(\w+)/m.exec(status)![1]).toBe('0000000000000000');
			expect(String(ready!.data)).toMatch(/^\/var\/lib\/musekit-social\/[0-9a-f]{16}\/store$/);
			const answer = await supabase(String(ready!.url), config.keys!.service).rpc('social_ping', {
				p_contract: 1,
			});
			expect(answer.data).toMatchObject({ contract: 1 });
		} finally {
			child.kill('SIGTERM');
			await new Promise((resolve) => child.once('exit', resolve));
			await stopPostgres(dataFolderOf({ ...config, name: 'store' }));
			await removeRootState(clone);
		}
		expect(existsSync(path.dirname(String(ready!.data)))).toBe(false);
	}, 120_000);
});
