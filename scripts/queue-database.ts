/**
 * Prepares the database of the runner's queue on the embedded Postgres: a role that owns nothing else
 * and a database of its own. Running it again changes nothing. Started by `npm start`.
 */
import { withConnection } from '../supabase/embedded/connection';

function setting(name: string): string {
	const value = process.env[name];
	if (!value) throw new Error(`${name} is not set: this script is started by npm start`);
	return value;
}

const NAME = 'musekit_queue';

async function main(): Promise<void> {
	await withConnection({ connectionString: setting('MUSEKIT_OWNER_URL') }, async (owner) => {
		const password = owner.escapeLiteral(setting('MUSEKIT_QUEUE_PASSWORD'));
		const { rows } = await owner.query('select from pg_roles where rolname = $1', [NAME]);
		const verb = rows.length === 0 ? 'create' : 'alter';
		await owner.query(`${verb} role ${NAME} login password ${password}`);
		const known = await owner.query('select from pg_database where datname = $1', [NAME]);
		if (known.rows.length === 0) await owner.query(`create database ${NAME} owner ${NAME}`);
		await owner.query(`revoke all on database ${NAME} from public`);
	});
}

main().catch((error: unknown) => {
	process.stderr.write(`${error instanceof Error ? error.message : 'unknown reason'}\n`);
	process.exitCode = 1;
});
