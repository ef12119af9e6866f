import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdtempSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import IORedis from 'ioredis';
import { freePort } from '../store/free-port';

const SERVER = [process.env.MUSEKIT_REDIS_SERVER, '/usr/bin/redis-server'].find(
	(place) => place !== undefined && existsSync(place),
);

/** Why there is no Redis here; null when there is one. */
export const noRedis =
	SERVER === undefined
		? (process.env.MUSEKIT_NO_REDIS ?? 'no redis-server: npm run test:runner unpacks one').replace(
				/[()[\]]/g,
				' ',
			)
		: null;

/** A real Redis that keeps nothing on disk, so that it comes back empty. */
export class Redis {
	private child: ChildProcess | null = null;

	private constructor(
		readonly port: number,
		private readonly folder: string,
	) {}

	static async start(): Promise<Redis> {
		const redis = new Redis(await freePort(), mkdtempSync(path.join(tmpdir(), 'musekit-redis-')));
		await redis.run();
		return redis;
	}

	get url(): string {
		return `redis://127.0.0.1:${this.port}`;
	}

	/** Starts it (again) and waits until it answers. */
	async run(): Promise<void> {
		this.child = spawn(
			SERVER ?? 'redis-server',
			[
				...['--port', String(this.port), '--bind', '127.0.0.1', '--dir', this.folder],
				...['--save', '', '--appendonly', 'no', '--maxmemory-policy', 'noeviction'],
			],
			{
				stdio: 'ignore',
				env: { ...process.env, LD_LIBRARY_PATH: process.env.MUSEKIT_REDIS_LIBRARIES ?? '' },
			},
		);
		await this.ask(async (client) => await client.ping());
	}

	/** SIGKILL, as a machine that goes away. */
	async kill(): Promise<void> {
		const { child } = this;
		this.child = null;
		if (child === null) return;
		const gone = new Promise((resolve) => child.once('exit', resolve));
		child.kill('SIGKILL');
		await gone;
	}

	async flush(): Promise<void> {
		await this.ask(async (client) => await client.flushall());
	}

	async keys(): Promise<string[]> {
		return await this.ask(async (client) => await client.keys('*'));
	}

	async stop(): Promise<void> {
		await this.kill();
		await rm(this.folder, { recursive: true, force: true });
	}

	private async ask<T>(question: (client: IORedis) => Promise<T>): Promise<T> {
		const client = new IORedis(this.url, { maxRetriesPerRequest: 50, retryStrategy: () => 100 });
		client.on('error', () => undefined);
		try {
			return await question(client);
		} finally {
			client.disconnect();
		}
	}
}
