/** Stops and deletes the databases of this copy, wherever the user who started them has them. */
import path from 'node:path';
import { removePostgres, removeRootState } from '../supabase/embedded/postgres';

async function main(): Promise<void> {
	const repo = path.join(__dirname, '..');
	const folder = path.join(repo, '.musekit', 'postgres');
	for (const name of ['n8n', 'store']) await removePostgres({ repo, folder, name });
	await removeRootState(repo);
}

main().catch((error: unknown) => {
	process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
	process.exit(1);
});
