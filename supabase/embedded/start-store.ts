import { randomBytes } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import path from 'node:path';
import pino, { type Logger } from 'pino';
import { bootstrap } from './bootstrap';
import { startGateway, type RunningGateway } from './gateway';
import { migrate } from './migrate';
import { once } from './once';
import { startPostgres, type RunningPostgres } from './postgres';
import { readStoreConfig, type StoreConfig, type StoreConfigInput } from './store-config';
import { removeOrphans } from './stored-objects';

export interface RunningStore {
	/** Base URL for supabase-js and the n8n credential. */
	url: string;
	serviceKey: string;
	anonKey: string;
	jwtSecret: string;
	/** Owner's connection. Holds a password. */
	databaseUrl: string;
	postgres: RunningPostgres;
	gateway: RunningGateway;
	/** Migrations applied by this start. */
	applied: string[];
	/** Deletes media that no row names; resolves to their number. */
	removeOrphans(olderThanMs?: number): Promise<number>;
	/** Gateway first, then the database. */
	stop(): Promise<void>;
}

export interface StartOptions {
	/** Copied instead of running initdb (tests). */
	template?: { folder: string; password: string };
	/** Sentences for the person at the terminal. */
	notice?: (text: string) => void;
	log?: Logger;
}

/** Keys and passwords for a new instance. */
export function generateStoreSecrets(): Pick<StoreConfigInput, 'keys' | 'passwords' | 'jwtSecret'> {
	const random = (bytes: number) => randomBytes(bytes).toString('base64url');
	return {
		keys: { service: `sb_secret_${random(32)}`, anon: `sb_publishable_${random(32)}` },
		passwords: { postgres: random(32), gateway: random(32) },
		jwtSecret: random(48),
	};
}

function gatewayUrl(postgres: RunningPostgres, password: string): string {
	const url = new URL(postgres.url);
	url.username = 'authenticator';
	url.password = password;
	return url.toString();
}

function logTo(config: StoreConfig): Logger {
	const folder = config.logFolder ?? path.join(config.folder, 'logs');
	mkdirSync(folder, { recursive: true });
	return pino(
		{ level: config.logLevel, base: { part: 'store' } },
		pino.destination({
			dest: path.join(folder, 'store.log'),
			mkdir: true,
			mode: 0o600,
			sync: false,
		}),
	);
}

/**
 * Brings up the whole store in this process: Postgres, roles, migrations, gateway.
 * @throws Error with a sentence for people; nothing is left running then.
 */
export async function startStore(
	input: StoreConfigInput,
	options: StartOptions = {},
): Promise<RunningStore> {
	const config = readStoreConfig(input);
	mkdirSync(config.folder, { recursive: true, mode: 0o700 });
	const log = options.log ?? logTo(config);
	const notice = (text: string) => {
		log.info(text);
		options.notice?.(text);
	};
	const postgres = await startPostgres({
		repo: config.repo,
		folder: path.join(config.folder, 'postgres'),
		name: config.name,
		port: config.ports.postgres,
		portVariable: 'MUSEKIT_POSTGRES_PORT',
		password: config.passwords.postgres,
		memoryMb: config.memoryMb,
		logFile: path.join(
			config.logFolder ?? path.join(config.folder, 'logs'),
			`postgres-${config.name}.log`,
		),
		template: options.template,
		notice,
	});
	try {
		await bootstrap({ url: postgres.url, gatewayPassword: config.passwords.gateway });
		const { applied } = await migrate(postgres.url, config.migrationsFolder);
		const gateway = await startGateway({
			keys: {
				serviceKey: config.keys.service,
				anonKey: config.keys.anon,
				jwtSecret: config.jwtSecret,
			},
			databaseUrl: gatewayUrl(postgres, config.passwords.gateway),
			mediaFolder: config.mediaFolder ?? path.join(config.folder, 'media'),
			bucket: config.bucket,
			host: config.listen,
			port: config.ports.gateway,
			portVariable: 'MUSEKIT_GATEWAY_PORT',
			log,
			limits: config.limits,
		});
		log.info({ port: gateway.port, applied: applied.length }, 'store is up');
		return {
			url: gateway.url,
			serviceKey: config.keys.service,
			anonKey: config.keys.anon,
			jwtSecret: config.jwtSecret,
			databaseUrl: postgres.url,
			postgres,
			gateway,
			applied,
			removeOrphans: (olderThanMs = config.orphanAgeMs) =>
				removeOrphans(gateway.objects, postgres.url, olderThanMs),
			stop: once(async () => {
				await gateway.stop();
				await postgres.stop();
				log.info('store is down');
				log.flush();
			}),
		};
	} catch (error) {
		await postgres.stop();
		throw error;
	}
}
