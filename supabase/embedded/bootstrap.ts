import { withConnection } from './connection';

export interface BootstrapOptions {
	/** Superuser of the database. */
	url: string;
	/** Password of `authenticator`, the only role the gateway signs in with. */
	gatewayPassword: string;
	/**
	 * Projects made before 2026-10-30 grant everything in `public` to the API roles by default; ours
	 * revokes what it must not give, and the tests prove it on both kinds.
	 */
	legacyGrants?: boolean;
}

/**
 * What a Supabase project has before its first migration: the API roles, the role that PostgREST
 * signs in with, the schema `extensions` with pgcrypto. Safe to call again.
 */
export async function bootstrap(options: BootstrapOptions): Promise<void> {
	const roles: [string, string][] = [
		['anon', 'nologin noinherit'],
		['authenticated', 'nologin noinherit'],
		['service_role', 'nologin noinherit bypassrls'],
		['authenticator', 'login noinherit'],
	];
	await withConnection({ connectionString: options.url }, async (client) => {
		await client.query('begin');
		await client.query('select pg_advisory_xact_lock(7340210502)');
		for (const [role, attributes] of roles) {
			const there = await client.query('select 1 from pg_roles where rolname = $1', [role]);
			if (!there.rowCount) await client.query(`create role ${role} ${attributes}`);
		}
		await client.query(
			`alter role authenticator password ${client.escapeLiteral(options.gatewayPassword)}`,
		);
		await client.query(`
			grant anon, authenticated, service_role to authenticator;
			create schema if not exists extensions;
			create extension if not exists pgcrypto with schema extensions;
			grant usage on schema public, extensions to anon, authenticated, service_role;
			alter role postgres set search_path = "$user", public, extensions`);
		if (options.legacyGrants) {
			const to = 'to anon, authenticated, service_role';
			await client.query(`
				alter default privileges in schema public grant all on tables ${to};
				alter default privileges in schema public grant all on functions ${to};
				alter default privileges in schema public grant all on sequences ${to}`);
		}
		await client.query('commit');
	});
}
