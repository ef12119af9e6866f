/**
 * Makes room for the databases of a new clone where root's starts of an earlier one, at the same path,
 * have left theirs. Prints where those are now. Started by `npm start`.
 */
import path from 'node:path';
import { setAsideRootState } from '../supabase/embedded/postgres';

async function main(): Promise<void> {
	const aside = await setAsideRootState(path.join(__dirname, '..'));
	if (aside === null) return;
	process.stdout.write(
		`The databases of an earlier clone at this path were set aside in ${aside}. ` +
			'Delete that folder when nobody needs them.\n',
	);
}

main().catch((error: unknown) => {
	process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
	process.exit(1);
});
