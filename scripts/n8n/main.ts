/**
 * The part "n8n" of `npm start`: its own Postgres, the pack, the credential and the templates, then
 * n8n itself. Told by environment where everything is; keys come from `.musekit/config.json`.
 */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { type RunningPostgres, startPostgres } from '../../supabase/embedded/postgres';
import {
	importCredentials,
	importWorkflows,
	type N8nOptions,
	placePack,
	publishWorkflow,
	type RunningN8n,
	startN8n,
	templatesIn,
} from './instance';

/** Runs every 30 s from the first start on; the other template waits for the person. */
const PUBLISHED = 'publish-due-posts.json';

const repo = path.join(__dirname, '..', '..');

function setting(name: string): string {
	const value = process.env[name];
	if (!value) throw new Error(`${name} is not set: this part is started by npm start`);
	return value;
}

interface InstanceConfig {
	vaultKey: string;
	/** While keys are rotated. */
	vaultKeysOld?: string[];
	n8n: {
		databasePassword: string;
		encryptionKey: string;
		ownerEmail: string;
		ownerPassword: string;
	};
}

/** Imports what changed since the last start: the note holds one hash per credential and template. */
async function importChanged(options: N8nOptions, config: InstanceConfig): Promise<void> {
	const noteFile = path.join(options.userFolder, 'imported.json');
	const note = JSON.parse(await readFile(noteFile, 'utf8').catch(() => '{}')) as Record<
		string,
		string
	>;
	const once = async (name: string, content: string, work: () => Promise<void>) => {
		const hash = createHash('sha256').update(content).digest('hex');
		if (note[name] === hash) return;
		await work();
		note[name] = hash;
		await writeFile(noteFile, JSON.stringify(note));
		process.stdout.write(`imported ${name}\n`);
	};
	const credential = {
		id: 'musekit-social-api',
		name: 'MuseKit Social',
		type: 'museKitSocialApi',
		data: {
			url: setting('MUSEKIT_STORE_URL'),
			secretKey: setting('MUSEKIT_STORE_SECRET_KEY'),
			vaultKey: [config.vaultKey, ...(config.vaultKeysOld ?? [])].join(' '),
			companionUrl: setting('MUSEKIT_PANEL_URL'),
		},
	};
	await once('credential', JSON.stringify(credential), () =>
		importCredentials(options, [credential]),
	);
	for (const { file, id } of await templatesIn(path.join(repo, 'workflows'))) {
		const name = path.basename(file);
		await once(name, await readFile(file, 'utf8'), async () => {
			await importWorkflows(options, [file]);
			if (name === PUBLISHED) await publishWorkflow(options, id);
		});
	}
}

async function main(): Promise<void> {
	const instance = setting('MUSEKIT_INSTANCE');
	const config = JSON.parse(
		readFileSync(path.join(instance, 'config.json'), 'utf8'),
	) as InstanceConfig;
	const running: { postgres?: RunningPostgres; n8n?: RunningN8n } = {};
	let stopping = false;
	const stop = async (code: number) => {
		if (stopping) return;
		stopping = true;
		await running.n8n?.stop();
		await running.postgres?.stop();
		process.exit(code);
	};
	for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => void stop(0));
	const options: N8nOptions = {
		n8nFolder: setting('MUSEKIT_N8N'),
		packTarball: setting('MUSEKIT_PACK'),
		userFolder: path.join(instance, 'n8n'),
		listen: '127.0.0.1',
		port: Number(setting('MUSEKIT_N8N_PORT')),
		brokerPort: Number(setting('MUSEKIT_N8N_BROKER_PORT')),
		database: {
			port: Number(setting('MUSEKIT_N8N_POSTGRES_PORT')),
			password: config.n8n.databasePassword,
		},
		encryptionKey: config.n8n.encryptionKey,
		owner: { email: config.n8n.ownerEmail, password: config.n8n.ownerPassword },
		logFile: path.join(instance, 'logs', 'n8n-server.log'),
	};
	try {
		await rm(options.logFile, { force: true });
		running.postgres = await startPostgres({
			repo,
			folder: path.join(instance, 'postgres'),
			name: 'n8n',
			port: options.database.port,
			portVariable: 'MUSEKIT_N8N_POSTGRES_PORT',
			password: config.n8n.databasePassword,
			logFile: path.join(instance, 'logs', 'n8n-postgres.log'),
			notice: (text) => process.stdout.write(`${text}\n`),
		});
		await placePack(options);
		await importChanged(options, config);
		running.n8n = await startN8n(options);
		process.stdout.write(`n8n is ready at ${running.n8n.url}\n`);
		const how = await running.n8n.ended;
		if (stopping) return;
		process.stderr.write(`n8n ended: ${how}. See ${options.logFile}\n`);
		await stop(1);
	} catch (error) {
		process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
		await stop(1);
	}
}

void main();
