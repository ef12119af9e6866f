import { readFileSync } from 'node:fs';
import path from 'node:path';
import type { Probes } from './check-context';

const LIMIT_MS = 3_000;

interface RedisClient {
	connect(): Promise<void>;
	ping(): Promise<string>;
	disconnect(): void;
	on(event: 'error', listener: () => void): void;
}

/** Clients are loaded when they are first asked for: a panel without a queue needs neither. */
async function redis(url: string): Promise<boolean> {
	try {
		const { Redis } = (await import('ioredis')) as unknown as {
			Redis: new (url: string, options: object) => RedisClient;
		};
		const client = new Redis(url, {
			lazyConnect: true,
			connectTimeout: LIMIT_MS,
			commandTimeout: LIMIT_MS,
			maxRetriesPerRequest: 0,
			retryStrategy: () => null,
		});
		client.on('error', () => undefined);
		try {
			await client.connect();
			return (await client.ping()) === 'PONG';
		} finally {
			client.disconnect();
		}
	} catch {
		return false;
	}
}

async function postgres(url: string): Promise<boolean> {
	try {
		const { Client } = await import('pg');
		const client = new Client({
			connectionString: url,
			connectionTimeoutMillis: LIMIT_MS,
			query_timeout: LIMIT_MS,
		});
		client.on('error', () => undefined);
		try {
			await client.connect();
			await client.query('select 1');
			return true;
		} finally {
			await client.end().catch(() => undefined);
		}
	} catch {
		return false;
	}
}

/** Some libraries export no `package.json`, so it is looked for above their entry. */
function library(name: string): string | null {
	try {
		let folder = path.dirname(require.resolve(name));
		while (path.basename(folder) !== name) {
			const above = path.dirname(folder);
			if (above === folder) return null;
			folder = above;
		}
		const text = readFileSync(path.join(folder, 'package.json'), 'utf8');
		return (JSON.parse(text) as { version: string }).version;
	} catch {
		return null;
	}
}

/** The real ones. */
export const PROBES: Probes = { redis, postgres, library };
