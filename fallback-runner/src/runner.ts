import type { Logger } from 'pino';
import { loadVaultKey, type VaultKey } from '../../core/accounts/vault';
import { PLATFORMS } from '../../core/platforms';
import type { Ports } from '../../core/ports';
import type { CarryEnd } from '../../core/publishing/carrier';
import { createStore } from '../../core/store/client';
import { carrierName, ConfigRefused, type RunnerConfig } from './config';
import { DrainLoop } from './drain-loop';
import { readHealth, type Health } from './health';
import { createApp, listen, type RunningServer } from './http/server';
import { JOBS, type JobHandlers } from './jobs/catalog';
import { maintain, mediaRemover } from './jobs/maintenance';
import { LagWatch } from './lag-watch';
import { Metrics } from './metrics';
import { N8nWatch } from './n8n-watch';
import { createClockPort } from './ports/clock';
import { createCryptoPort } from './ports/crypto';
import { createHttpPort } from './ports/http';
import { createLogPort } from './ports/log';
import { createStorePort } from './ports/store';
import { postgresDriver, redisDriver, type QueueDriver } from './queue/drivers';
import { Wakeups } from './queue/wakeups';

export interface RunningRunner {
	url: string;
	port: number;
	carrier: string;
	loop: DrainLoop;
	wakeups: Wakeups;
	health(): Promise<Health>;
	/**
	 * Claims nothing more, finishes or hands back what is under way within `stopMs`, lets go of the
	 * queue. True when nothing was left unfinished.
	 */
	stop(): Promise<boolean>;
}

/** Real ports of a runner that write to this log. */
export function runnerPorts(config: RunnerConfig, logger: Logger): Ports {
	return {
		http: createHttpPort(),
		store: createStorePort({ url: config.storeUrl, key: config.storeKey }),
		clock: createClockPort(),
		crypto: createCryptoPort(),
		log: createLogPort(logger),
	};
}

/**
 * What drains in this process, without queue, timer or server around it.
 * @throws ConfigRefused when the vault key cannot be used
 */
export async function createDrainLoop(
	config: RunnerConfig,
	ports: Ports,
	parts: { carrier: string; n8n: N8nWatch; onEnd?: (end: CarryEnd, times: number) => void },
): Promise<DrainLoop> {
	const vaultKey = await vaultKeyOf(config, ports);
	return new DrainLoop(ports, {
		carrier: { carrier: parts.carrier, vaultKey, platforms: PLATFORMS },
		concurrency: config.concurrency,
		immediateConcurrency: JOBS['immediate-post'].concurrency,
		watchMs: config.watchMs,
		// A wake-up lasts until the one after the next, so a single lost one leaves no gap.
		sessionMs: config.batchEveryMs * 2,
		graceMs: () => (parts.n8n.knownDown ? 0 : undefined),
		onCarried: (end) => parts.onEnd?.(end, 1),
	});
}

/** @throws ConfigRefused when the vault key cannot be used */
async function vaultKeyOf(config: RunnerConfig, ports: Ports): Promise<VaultKey> {
	const key = await loadVaultKey(config.vaultKey, ports.crypto);
	if (key.outcome !== 'ok') throw new ConfigRefused(`${key.error.message} ${key.error.remedy}`);
	return key.key;
}

function driverOf(config: RunnerConfig): (() => QueueDriver) | null {
	const { redisUrl, databaseUrl } = config;
	if (redisUrl !== undefined) return () => redisDriver(redisUrl);
	if (databaseUrl !== undefined) return () => postgresDriver(databaseUrl, config.queueSchema);
	return null;
}

/**
 * Asks the store whether this runner fits it; a store that does not answer is no reason not to
 * start.
 * @throws ConfigRefused when it certainly does not fit
 */
async function checkStore(ports: Ports, config: RunnerConfig): Promise<void> {
	const key = await loadVaultKey(config.vaultKey, ports.crypto);
	const store = createStore(ports.store);
	const ping = await store.call(
		'social_ping',
		key.outcome === 'ok' ? { p_vault_fingerprint: key.key.fingerprint } : {},
	);
	if (ping.kind === 'unreachable') {
		ports.log.warn('store_unreachable', { reason: ping.reason });
	} else if (ping.kind === 'refused' && ping.refusal.status < 500) {
		const { message, hint } = ping.refusal;
		throw new ConfigRefused(`The store refuses this runner: ${message} ${hint ?? ''}`.trim());
	} else if (ping.kind === 'ok' && ping.value.code === 'vault_key_mismatch') {
		throw new ConfigRefused(
			`MUSEKIT_VAULT_KEY (vaultKey in the file) is another one than the store's: ${ping.value.message}`,
		);
	}
}

/**
 * Starts a runner in this process.
 * @throws ConfigRefused, or the server's error when the port is taken; nothing is left running then
 */
export async function startRunner(config: RunnerConfig, logger: Logger): Promise<RunningRunner> {
	const plain = runnerPorts(config, logger);
	await checkStore(plain, config);
	const carrier = carrierName(config);
	// `parts` is filled below; nobody reads metrics before.
	const n8n: N8nWatch = new N8nWatch(plain, {
		...(config.n8nHealthUrl === undefined ? {} : { url: config.n8nHealthUrl }),
		everyMs: config.n8nProbeMs,
		onChange: () => loop.wake(),
	});
	const lag = new LagWatch(plain, createStore(plain.store), {
		carrier,
		everyMs: config.lookEveryMs,
		overloadLagMs: config.overloadLagMs,
	});
	const metrics: Metrics = new Metrics({
		look: async () => await lag.read(1_000),
		queueCounts: async () => await wakeups.counts(),
		running: () => wakeups.running,
		mode: () => wakeups.state.mode,
		probe: () => n8n.probe,
		backingOff: () => loop.status().backingOff,
	});
	const ports: Ports = { ...plain, store: metrics.counting(plain.store) };
	const loop: DrainLoop = await createDrainLoop(config, ports, {
		carrier,
		n8n,
		onEnd: (end, times) => metrics.noteCarried(end, times),
	});
	const wakeups: Wakeups = new Wakeups(ports.log, {
		driver: driverOf(config),
		prefix: config.queuePrefix,
		every: { 'scheduled-batch': config.batchEveryMs, maintenance: config.maintenanceEveryMs },
		maxQueued: config.maxQueued,
		handlers: handlersOf(config, ports, { loop, vaultKey: await vaultKeyOf(config, ports) }),
		onJob: (kind, result, ms) => metrics.noteJob(kind, result, ms),
	});
	const health = async (): Promise<Health> =>
		readHealth({
			carrier,
			look: await lag.read(1_000),
			loop: loop.status(),
			queue: wakeups.state,
			probe: n8n.probe,
			overloadLagMs: config.overloadLagMs,
		});
	const { tickSecret, boardSecret } = config;
	const server = await listen(
		createApp({ health, metrics, loop, wakeups, tickSecret, boardSecret, log: ports.log }),
		config,
	);
	await n8n.start();
	await lag.start();
	await wakeups.start();
	const stop = stopper(config, { server, n8n, lag, wakeups, loop });
	return { url: server.url, port: server.port, carrier, loop, wakeups, health, stop };
}

function handlersOf(
	config: RunnerConfig,
	ports: Ports,
	{ loop, vaultKey }: { loop: DrainLoop; vaultKey: VaultKey },
): JobHandlers {
	const options = {
		purgeAfterMs:
			config.purgeAfterDays === undefined ? null : config.purgeAfterDays * 24 * 60 * 60_000,
		orphanMediaMs: config.orphanMediaHours * 60 * 60_000,
		statusPages: config.statusPages,
		removeObjects: mediaRemover({ url: config.storeUrl, key: config.storeKey }),
		entries: { vaultKey, platforms: PLATFORMS },
	};
	return {
		'immediate-post': async ({ postId }) => {
			const end = await loop.publish(postId);
			// The next attempt, or the drain, has it.
			if (end === 'not_claimed') loop.wake();
		},
		'scheduled-batch': async () => {
			loop.wake();
			await Promise.resolve();
		},
		maintenance: async ({ tasks }) => await maintain(ports, options, tasks),
	};
}

interface Stoppable {
	server: RunningServer;
	n8n: N8nWatch;
	lag: LagWatch;
	wakeups: Wakeups;
	loop: DrainLoop;
}

/** First no more claims, then what is under way, then the doors. */
function stopper(config: RunnerConfig, parts: Stoppable): () => Promise<boolean> {
	let stopping: Promise<boolean> | null = null;
	return async () => {
		stopping ??= (async () => {
			parts.n8n.stop();
			parts.lag.stop();
			const finished = await parts.loop.stop(config.stopMs);
			await parts.wakeups.stop(1_000);
			await parts.server.stop();
			return finished;
		})();
		return await stopping;
	};
}
