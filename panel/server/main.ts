/**
 * The panel as a process: `tsx panel/server/main.ts [config.json]`, without a file by environment (see
 * `config.ts`). While nobody is registered it makes a one-time set-up address,
 * which goes to its starter by the IPC channel, or to stdout where there is none. Ends in order on
 * SIGTERM.
 */
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import pino, { type Logger } from 'pino';
import { createStore } from '../../core/store/client';
import { createPorts } from '../../fallback-runner/src/ports';
import { createPanel } from './app';
import { type PanelConfig, PanelConfigRefused, readPanelConfig } from './config';
import { openSetup } from './sign-in/setup-token';

/** A page asks a few short questions; people rather see "does not answer" than wait. */
const STORE_LIMIT_MS = 6_000;
const SETUP_RETRY_MS = 2_000;

function versionOf(): string {
	const file = path.join(__dirname, '../package.json');
	return (JSON.parse(readFileSync(file, 'utf8')) as { version: string }).version;
}

/** Tells the address that makes the first admin, as soon as the store can say whether one is needed. */
async function announceSetup(config: PanelConfig, publicUrl: string, log: Logger): Promise<void> {
	const { store } = createPorts({
		store: { url: config.storeUrl, key: config.storeKey, limitMs: STORE_LIMIT_MS },
		log: { name: 'panel', level: 'silent' },
	});
	for (;;) {
		try {
			const address = await openSetup(createStore(store), publicUrl);
			if (process.send) process.send({ setupUrl: address });
			else if (address !== null) process.stdout.write(`Make the first admin: ${address}\n`);
			return;
		} catch (error) {
			log.warn({ reason: (error as Error).message }, 'no set-up address yet');
			await sleep(SETUP_RETRY_MS, undefined, { ref: false });
		}
	}
}

function main(): void {
	const log = pino({ name: 'panel' });
	let config: PanelConfig;
	try {
		config = readPanelConfig(process.argv[2]);
	} catch (error) {
		if (!(error instanceof PanelConfigRefused)) throw error;
		log.fatal(`The panel cannot start. ${error.message}`);
		process.exitCode = 2;
		return;
	}
	const publicUrl = config.publicUrl ?? `http://127.0.0.1:${config.port}`;
	const ports = createPorts({
		store: { url: config.storeUrl, key: config.storeKey, limitMs: STORE_LIMIT_MS },
		log: { name: 'panel' },
	});
	const app = createPanel({
		store: ports.store,
		ports,
		vaultKey: config.vaultKey,
		publicUrl,
		hosts: config.hosts.split(',').filter(Boolean),
		version: versionOf(),
		around: {
			storeUrl: config.storeUrl,
			...(config.n8nHealthUrl ? { n8nHealthUrl: config.n8nHealthUrl } : {}),
			...(config.runnerUrl ? { runnerUrl: config.runnerUrl } : {}),
			...(config.redisUrl ? { redisUrl: config.redisUrl } : {}),
			...(config.queueDatabaseUrl ? { queueDatabaseUrl: config.queueDatabaseUrl } : {}),
		},
		...(config.sandboxUrl ? { sandboxUrl: config.sandboxUrl } : {}),
		...(config.webFolder ? { webFolder: config.webFolder } : {}),
		...(config.supabasePublishableKey
			? {
					supabase: {
						url: config.storeUrl,
						publishableKey: config.supabasePublishableKey,
						secretKey: config.storeKey,
					},
				}
			: {}),
		onError: (error) => log.error({ err: error }, 'a request failed'),
	});
	const server = createServer({ requestTimeout: 30_000, headersTimeout: 10_000 }, app);
	server.on('error', (error: NodeJS.ErrnoException) => {
		log.fatal(
			error.code === 'EADDRINUSE'
				? `Port ${config.port} is taken: choose another one with MUSEKIT_PANEL_PORT.`
				: `The panel cannot listen: ${error.message}`,
		);
		process.exit(1);
	});
	server.listen(config.port, config.listen, () => {
		log.info({ address: server.address() }, 'the panel listens');
		if (!config.supabasePublishableKey) void announceSetup(config, publicUrl, log);
	});
	for (const signal of ['SIGTERM', 'SIGINT'] as const) {
		process.once(signal, () => {
			server.close(() => process.exit(0));
			server.closeIdleConnections();
			setTimeout(() => process.exit(0), 3000).unref();
		});
	}
}

main();
