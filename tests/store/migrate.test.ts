import { execFile } from 'node:child_process';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { copyFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { Client } from 'pg';
import { listMigrations, migrate } from '../../supabase/embedded/migrate';
import { splitStatements } from '../../supabase/embedded/sql-statements';
import { startTestStore, type TestStore } from './with-store';

const run = promisify(execFile);

describe('splitting SQL as the Supabase CLI does', () => {
	test.each<[string, string, string[]]>([
		['plain', 'select 1; select 2;\n', ['select 1', 'select 2']],
		['quotes', `select ';', "a;b", 'it''s;';x`, [`select ';', "a;b", 'it''s;'`, 'x']],
		['dollars', 'do $$ a; b; $$; do $x$ $$;$x$;c', ['do $$ a; b; $$', 'do $x$ $$;$x$', 'c']],
		['parameters are no tags', 'select $1; select $2', ['select $1', 'select $2']],
		[
			'comments stay',
			'-- a;b\nselect 1; /* ; /* ; */ ; */ select 2',
			['-- a;b\nselect 1', '/* ; /* ; */ ; */ select 2'],
		],
		[
			'atomic bodies',
			'create function f() returns int begin atomic select 1; select 2; end; select 3',
			['create function f() returns int begin atomic select 1; select 2; end', 'select 3'],
		],
		['empty pieces', ' ;; \n;select 1', ['select 1']],
	])('%s', (_name, sql, statements) => {
		expect(splitStatements(sql)).toEqual(statements);
	});
});

describe('migrations', () => {
	let store: TestStore;
	let folder: string;
	let databases = 0;
	const url = (database: string, user?: string, password?: string) => {
		const parsed = new URL(store.databaseUrl);
		parsed.pathname = `/${database}`;
		if (user) [parsed.username, parsed.password] = [user, password ?? ''];
		return parsed.toString();
	};
	const query = async (database: string, sql: string) => {
		const client = new Client({ connectionString: url(database) });
		await client.connect();
		try {
			return (await client.query(sql)).rows;
		} finally {
			await client.end();
		}
	};
	const emptyDatabase = async () => {
		const name = `db${(databases += 1)}`;
		await query('postgres', `create database ${name}`);
		return name;
	};
	const file = (name: string, sql: string) => writeFileSync(path.join(folder, name), sql);

	beforeAll(async () => {
		store = await startTestStore();
	}, 120_000);
	afterAll(() => store.remove());
	beforeEach(() => {
		folder = mkdtempSync(path.join(tmpdir(), 'musekit-migrations-'));
	});
	afterEach(() => rm(folder, { recursive: true, force: true }));

	test('the store itself is recorded as the CLI records it, and again there is nothing to do', async () => {
		const rows = await query(
			'postgres',
			'select version, name, statements from supabase_migrations.schema_migrations order by version',
		);
		const files = await listMigrations();
		expect(rows.map((row) => `${row.version}_${row.name}.sql`)).toEqual(
			files.map((f) => path.basename(f.file)),
		);
		for (const row of rows) expect(row.statements.length).toBeGreaterThan(0);
		const columns = await query(
			'postgres',
			`select column_name, data_type, is_nullable from information_schema.columns where table_schema = 'supabase_migrations' order by ordinal_position`,
		);
		expect(columns).toEqual([
			{ column_name: 'version', data_type: 'text', is_nullable: 'NO' },
			{ column_name: 'statements', data_type: 'ARRAY', is_nullable: 'YES' },
			{ column_name: 'name', data_type: 'text', is_nullable: 'YES' },
		]);
		expect(await migrate(store.databaseUrl)).toEqual({
			applied: [],
			present: rows.map((row) => row.version),
		});
	});

	test('eight at once apply each file once', async () => {
		const database = await emptyDatabase();
		file(
			'20260101000000_a.sql',
			'create table a (n int); insert into a values (1); select pg_sleep(0.1);',
		);
		file('20260102000000_b.sql', 'insert into a values (2);');
		file('notes.sql', 'this is no migration');
		const answers = await Promise.all(
			Array.from({ length: 8 }, () => migrate(url(database), folder)),
		);
		expect(answers.flatMap((answer) => answer.applied).sort()).toEqual([
			'20260101000000_a.sql',
			'20260102000000_b.sql',
		]);
		expect(await query(database, 'select n from a order by n')).toEqual([{ n: 1 }, { n: 2 }]);
	});

	test('a file that fails leaves nothing of itself and names its statement', async () => {
		const database = await emptyDatabase();
		file('20260101000000_a.sql', 'create table a (n int);');
		file('20260102000000_b.sql', 'create table b (n int);\nselect * from missing;');
		await expect(migrate(url(database), folder)).rejects.toThrow(
			/20260102000000_b\.sql failed: .*missing.*statement 2/s,
		);
		expect(
			await query(database, `select version from supabase_migrations.schema_migrations`),
		).toEqual([{ version: '20260101000000' }]);
		expect(await query(database, `select to_regclass('b') as b`)).toEqual([{ b: null }]);
		file('20260102000000_b.sql', 'create table b (n int);');
		expect((await migrate(url(database), folder)).applied).toEqual(['20260102000000_b.sql']);
	});

	test('older files and unknown remote versions are refused', async () => {
		const database = await emptyDatabase();
		file('20260103000000_c.sql', 'select 1;');
		await migrate(url(database), folder);
		file('20260101000000_a.sql', 'select 1;');
		await expect(migrate(url(database), folder)).rejects.toThrow(
			/older than the newest one.*20260101000000_a\.sql/s,
		);
		await rm(path.join(folder, '20260101000000_a.sql'));
		await rm(path.join(folder, '20260103000000_c.sql'));
		await expect(migrate(url(database), folder)).rejects.toThrow(/does not know: 20260103000000/);
	});

	test('ours apply without superuser rights and on the old default grants, and still nobody gets in', async () => {
		const database = await emptyDatabase();
		await query(
			'postgres',
			`create role like_supabase login createrole bypassrls password 'like-supabase'; alter database ${database} owner to like_supabase`,
		);
		await query(
			database,
			`
			alter schema public owner to like_supabase;
			alter default privileges for role like_supabase in schema public grant all on tables to anon, authenticated, service_role;
			alter default privileges for role like_supabase in schema public grant all on functions to anon, authenticated, service_role;
			alter default privileges for role like_supabase in schema public grant all on sequences to anon, authenticated, service_role`,
		);
		const files = await listMigrations();
		const grants = files.findIndex(({ name }) => name === 'grants');
		// Every file after the grants closes what it has made, whatever the next one does.
		for (const [at, migration] of files.entries()) {
			await copyFile(migration.file, path.join(folder, path.basename(migration.file)));
			if (at < grants) continue;
			await migrate(url(database, 'like_supabase', 'like-supabase'), folder);
			const open = await query(
				database,
				`select p.proname, r.role from pg_proc p, (values ('public'), ('anon'), ('authenticated')) r(role)
				where (p.pronamespace = 'musekit_social'::regnamespace or p.proname like 'social\\_%')
					and has_function_privilege(r.role, p.oid, 'execute')`,
			);
			expect([migration.name, open]).toEqual([migration.name, []]);
			const shut = await query(
				database,
				`select p.proname from pg_proc p where p.proname like 'social\\_%'
					and not has_function_privilege('service_role', p.oid, 'execute')`,
			);
			expect([migration.name, shut]).toEqual([migration.name, []]);
			const reachable = await query(
				database,
				`select c.relname from pg_class c, (values ('anon'), ('authenticated'), ('service_role')) r(role)
				where c.relnamespace = 'musekit_social'::regnamespace and c.relkind = 'r'
					and (has_table_privilege(r.role, c.oid, 'select') or not c.relrowsecurity)`,
			);
			expect([migration.name, reachable]).toEqual([migration.name, []]);
		}
		expect(await migrate(url(database, 'like_supabase', 'like-supabase'))).toMatchObject({
			applied: [],
		});
	}, 60_000);

	test('the command: says what it did, reads the environment, hides the password', async () => {
		const database = await emptyDatabase();
		const script = path.resolve(__dirname, '../../supabase/embedded/migrate.ts');
		const call = (args: string[], env: Record<string, string> = {}) =>
			run(process.execPath, ['--import', 'tsx', script, ...args], {
				cwd: path.resolve(__dirname, '../..'),
				env: { PATH: process.env.PATH, HOME: process.env.HOME, ...env },
			}).then(
				({ stdout, stderr }) => ({ code: 0, text: stdout + stderr }),
				(error: { code: number; stdout: string; stderr: string }) => ({
					code: error.code,
					text: error.stdout + error.stderr,
				}),
			);
		expect(await call([])).toMatchObject({
			code: 2,
			text: expect.stringContaining('Which database?'),
		});
		const first = await call([url(database)]);
		expect(first).toMatchObject({
			code: 0,
			text: expect.stringContaining('applied 20261122000100_schema.sql'),
		});
		expect(await call([], { DATABASE_URL: url(database) })).toMatchObject({
			code: 0,
			text: expect.stringContaining('Nothing to do'),
		});
		const wrong = await call([url(database, 'postgres', 'wrong-password-here')]);
		expect(wrong.code).toBe(1);
		expect(wrong.text).not.toContain('wrong-password-here');
	}, 60_000);
});
