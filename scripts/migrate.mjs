/**
 * `npm run migrate`: brings the schema of a database to the newest migration. Arguments go to
 * `supabase/embedded/migrate.ts`; without any it is the embedded store of this repository.
 */
import { fileURLToPath } from 'node:url';
import { underNode24 } from './setup.mjs';
import { passes } from './setup/check.mjs';

await underNode24(fileURLToPath(import.meta.url), async (node) => {
	const tsx = 'node_modules/tsx/dist/cli.mjs';
	const migrated = await passes(node, [
		tsx,
		'supabase/embedded/migrate.ts',
		...process.argv.slice(2),
	]);
	return migrated ? 0 : 1;
});
