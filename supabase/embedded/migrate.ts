import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import type { Client, ClientConfig } from 'pg';
import { withConnection } from './connection';
import { splitStatements } from './sql-statements';

/** Migrations of this project, in the layout of the Supabase CLI. */
export const MIGRATIONS_FOLDER = path.resolve(__dirname, '../migrations');

/** Any constant: two migrations of one database must not run at once. */
const LOCK_KEY = 7_340_210_501;
const LOCK_LIMIT = '60s';

export interface MigrationFile {
	/** 14 digits. */
	version: string;
	/** Rest of the file name without `.sql`. */
	name: string;
	file: string;
}

export interface MigrateAnswer {
	/** File names applied now, in order. */
	applied: string[];
	/** Versions that were there before. */
	present: string[];
}

/** Migrations cannot be applied; the message says why and what to do. */
export class MigrationRefused extends Error {}

/** Files `<14 digits>_<name>.sql` of a folder in order; others are no migrations (as for the CLI). */
export async function listMigrations(folder = MIGRATIONS_FOLDER): Promise<MigrationFile[]> {
	const files = (await readdir(folder)).sort();
	return files.flatMap((file) => {
		const parts = /^(\d{14})_(.*)\.sql$/.exec(file);
		return parts ? [{ version: parts[1], name: parts[2], file: path.join(folder, file) }] : [];
	});
}

/**
 * Which files are still to be applied.
 * @throws MigrationRefused when the database has versions that the folder lacks, or a file is older
 * than the newest version of the database (the CLI's rules for `db push`).
 */
export function pendingMigrations(local: MigrationFile[], remote: string[]): MigrationFile[] {
	const known = new Set(local.map((migration) => migration.version));
	const unknown = remote.filter((version) => !known.has(version));
	if (unknown.length > 0) {
		throw new MigrationRefused(
			`The database has migrations that this version does not know: ${unknown.join(', ')}. ` +
				'It was migrated by a newer version, or is another project: update this program, or check the address.',
		);
	}
	const newest = remote.reduce((max, version) => (version > max ? version : max), '');
	const done = new Set(remote);
	const pending = local.filter((migration) => !done.has(migration.version));
	const late = pending.filter((migration) => migration.version < newest);
	if (late.length > 0) {
		throw new MigrationRefused(
			`These migrations are older than the newest one of the database (${newest}) and were never applied: ` +
				`${late.map((migration) => path.basename(migration.file)).join(', ')}. ` +
				'Give them a newer version, or apply them by hand.',
		);
	}
	return pending;
}

/** TLS for other machines unless the URL decides; like libpq's `require`, it does not check the name. */
export function connectionOf(url: string): ClientConfig {
	const parsed = new URL(url);
	const local = ['127.0.0.1', 'localhost', '[::1]'].includes(parsed.hostname);
	const config: ClientConfig = { connectionString: url, connectionTimeoutMillis: 15_000 };
	if (!local && !parsed.searchParams.has('sslmode')) config.ssl = { rejectUnauthorized: false };
	return config;
}

async function createHistory(client: Client): Promise<void> {
	// The statements of the Supabase CLI, so that it finds its own table.
	await client.query(`
		begin;
		select pg_advisory_xact_lock(${LOCK_KEY});
		create schema if not exists supabase_migrations;
		create table if not exists supabase_migrations.schema_migrations (version text not null primary key);
		alter table supabase_migrations.schema_migrations add column if not exists statements text[];
		alter table supabase_migrations.schema_migrations add column if not exists name text;
		commit`);
}

async function readHistory(client: Client): Promise<string[]> {
	const answer = await client.query<{ version: string }>(
		'select version from supabase_migrations.schema_migrations order by version',
	);
	return answer.rows.map((row) => row.version);
}

async function applyOne(client: Client, migration: MigrationFile): Promise<boolean> {
	const statements = splitStatements(await readFile(migration.file, 'utf8'));
	await client.query('reset all');
	await client.query(`set lock_timeout = '${LOCK_LIMIT}'`);
	await client.query('begin');
	let at = 0;
	try {
		await client.query('select pg_advisory_xact_lock($1)', [LOCK_KEY]);
		const there = await client.query(
			'select 1 from supabase_migrations.schema_migrations where version = $1',
			[migration.version],
		);
		if (there.rowCount) {
			await client.query('rollback');
			return false;
		}
		for (; at < statements.length; at += 1) await client.query(statements[at]);
		await client.query(
			'insert into supabase_migrations.schema_migrations (version, name, statements) values ($1, $2, $3)',
			[migration.version, migration.name, statements],
		);
		await client.query('commit');
		return true;
	} catch (error) {
		await client.query('rollback').catch(() => undefined);
		const { message, detail, hint, code } = error as {
			message: string;
			detail?: string;
			hint?: string;
			code?: string;
		};
		const where = statements[at] ? ` At statement ${at + 1}: ${statements[at].slice(0, 200)}` : '';
		throw new MigrationRefused(
			[`${path.basename(migration.file)} failed: ${message} (${code ?? 'no code'}).`, detail, hint]
				.filter(Boolean)
				.join(' ') + where,
		);
	}
}

/**
 * Applies `supabase/migrations` to a Postgres database, each file in its own transaction, recorded
 * in `supabase_migrations.schema_migrations` as the Supabase CLI records it. Safe to call again and
 * by several at once.
 * @param url connection string of an owner (on Supabase: direct connection or a pooler).
 * @throws MigrationRefused, or the error of the connection.
 */
export async function migrate(url: string, folder = MIGRATIONS_FOLDER): Promise<MigrateAnswer> {
	const local = await listMigrations(folder);
	return await withConnection(connectionOf(url), async (client) => {
		await createHistory(client);
		const present = await readHistory(client);
		const applied: string[] = [];
		for (const migration of pendingMigrations(local, present)) {
			if (await applyOne(client, migration)) applied.push(path.basename(migration.file));
		}
		if (applied.length > 0) {
			// PostgREST reads its schema again; the embedded gateway looks by itself.
			await client.query(`notify pgrst, 'reload schema'`);
		}
		return { applied, present };
	});
}

async function main(): Promise<void> {
	const url = process.argv[2] ?? process.env.SUPABASE_DB_URL ?? process.env.DATABASE_URL;
	if (!url) {
		process.stderr.write(
			'Which database? Give its address: npx tsx supabase/embedded/migrate.ts <postgres url>, ' +
				'or set SUPABASE_DB_URL or DATABASE_URL.\n',
		);
		process.exitCode = 2;
		return;
	}
	try {
		const { applied, present } = await migrate(url);
		for (const file of applied) process.stdout.write(`applied ${file}\n`);
		process.stdout.write(
			applied.length > 0
				? `${applied.length} applied, ${present.length} were there before.\n`
				: `Nothing to do: all ${present.length} migrations are applied.\n`,
		);
	} catch (error) {
		// The driver's errors name host and port, never the password.
		const { message, code } = error as { message?: string; code?: string };
		process.stderr.write(`${message || code || 'The database does not answer.'}\n`);
		process.exitCode = 1;
	}
}

if (require.main === module) void main();
