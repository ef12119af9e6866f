/**
 * `npm run migrate`: brings the schema of a database to the newest migration. Arguments go to
 * `supabase/embedded/migrate.ts` (a Postgres URL; also SUPABASE_DB_URL or DATABASE_URL). Without any it is the
 * embedded store of this copy.
 */
import { fileURLToPath } from 'node:url';
import { underNode24 } from './setup.mjs';
import { passes } from './setup/check.mjs';
import { loadConfig } from './start/config.mjs';
import { readPorts } from './start/ports.mjs';

/** Owner's connection of the embedded store, which has to be running. */
function embeddedUrl() {
	const password = encodeURIComponent(loadConfig().postgresPassword);
	return `postgres://postgres:${password}@127.0.0.1:${readPorts().postgres}/postgres`;
}

await underNode24(fileURLToPath(import.meta.url), async (node) => {
	const tsx = 'node_modules/tsx/dist/cli.mjs';
	const given = process.argv.slice(2);
	const named = given.length > 0 || process.env.SUPABASE_DB_URL || process.env.DATABASE_URL;
	// By environment, for a password in the arguments shows in the list of processes.
	const where = named ? {} : { SUPABASE_DB_URL: embeddedUrl() };
	const migrated = await passes(node, [tsx, 'supabase/embedded/migrate.ts', ...given], where);
	return migrated ? 0 : 1;
});
