import { loadVaultKey } from '../../../core/accounts/vault';
import { PLATFORMS } from '../../../core/platforms';
import type { Ports, StorePort } from '../../../core/ports';
import { claimPost, type CarrierOptions } from '../../../core/publishing/carrier';
import { carryPost } from '../../../core/publishing/carry';
import { drain } from '../../../core/publishing/drain';
import { createCryptoPort } from '../../../fallback-runner/src/ports/crypto';
import { createHttpPort } from '../../../fallback-runner/src/ports/http';
import { createStorePort } from '../../../fallback-runner/src/ports/store';
import { createFastClock, fastHttp, fastNow } from '../clock';
import { createN8nHttpPort } from './n8n-http';
import { pointedHttp, pointedStore, type Pass } from './points';
import type { CarryWork, DrainWork, FromWorker, ToWorker, WorkerConfig } from './protocol';

/** Limits of the store port as it ships, fast ms. */
const STORE_LIMIT_MS = 15_000;
const MEDIA_LIMIT_MS = 60_000;
/** What a person would call ended; `needs_review` waits for one. */
const ENDED = new Set(['published', 'failed', 'missed', 'needs_review', 'cancelled']);

/** Two carriers that wait for the same moment shall both be awake when it comes. */
const EARLY_MS = 1_500;
const LONGEST_NAP_MS = 60_000;

const state: { goOn: (() => void) | null; skewMs: number; stopped: boolean; stop(): void } = {
	goOn: null,
	skewMs: 0,
	stopped: false,
	stop: () => undefined,
};
/** The post has ended and nothing is left to be claimed. */
const stopped = new Promise<void>((resolve) => {
	state.stop = resolve;
});

function tell(message: FromWorker): void {
	// A parent that is gone ends this process by `disconnect`.
	process.send?.(message, undefined, undefined, () => undefined);
}

function passer(config: WorkerConfig, work: CarryWork): Pass {
	return async (point, limitMs) => {
		if (work.tell) tell({ say: 'passed', point, limitMs });
		if (point !== work.hold) return;
		const going = new Promise<void>((resolve) => {
			state.goOn = resolve;
		});
		tell({ say: 'held', point });
		await going;
		state.skewMs = config.skewAfterMs;
	};
}

/** The public origin takes the place of the wire's, and has nothing of the wire's path. */
function withoutWire(store: StorePort, prefix: string): StorePort {
	if (prefix === '/') return store;
	return {
		...store,
		signObject: async (path, seconds, base) => {
			const answer = await store.signObject(path, seconds, base);
			return answer.kind === 'ok'
				? { ...answer, value: answer.value.replace(`${prefix}/storage/`, '/storage/') }
				: answer;
		},
	};
}

function portsOf(config: WorkerConfig): Ports {
	const { factor } = config.clock;
	const http = config.kind === 'n8n' ? createN8nHttpPort() : createHttpPort();
	return {
		http: fastHttp(http, config.clock),
		store: withoutWire(
			createStorePort({
				...config.store,
				limitMs: Math.ceil(STORE_LIMIT_MS / factor),
				mediaLimitMs: Math.ceil(MEDIA_LIMIT_MS / factor),
			}),
			new URL(config.store.url).pathname,
		),
		clock: createFastClock(config.clock, () => state.skewMs),
		crypto: createCryptoPort(),
		log: {
			info: () => undefined,
			warn: (event, facts) => tell({ say: 'log', event, facts }),
		},
	};
}

async function carry(ports: Ports, options: CarrierOptions, config: WorkerConfig, work: CarryWork) {
	const pass = passer(config, work);
	const pointed: Ports = {
		...ports,
		http: pointedHttp(ports.http, pass),
		store: pointedStore(ports.store, pass),
	};
	await pass('claim:before');
	for (let claims = 0; ; ) {
		const claim = await claimPost(ports, options, { postId: work.postId });
		if (claim.kind === 'held') {
			claims += 1;
			await pass(`claim#${claims}:after`);
			const { end } = await carryPost(pointed, options, claim.held);
			if (ENDED.has(end)) return tell({ say: 'ended', end });
		} else {
			if (state.stopped) return;
			const seen = await ports.store.rpc<{ state: string; nextAt: string | null }>(
				'social_post_get',
				{ p_contract: 1, p_post_id: work.postId, p_owner: 'default' },
			);
			if (seen.kind === 'ok' && ENDED.has(seen.value.state)) {
				return tell({ say: 'ended', end: seen.value.state });
			}
			const nextAt = seen.kind === 'ok' ? Date.parse(seen.value.nextAt ?? '') : NaN;
			// Nobody can claim what waits: asking all the time only warms the machine.
			const waitMs = Number.isNaN(nextAt) ? 0 : nextAt - fastNow(config.clock) - EARLY_MS;
			const nap = Math.max(work.pollMs, Math.min(waitMs, LONGEST_NAP_MS));
			await Promise.race([ports.clock.sleep(nap), stopped]);
		}
	}
}

/** Rounds one after another, for ever. */
async function drainOn(ports: Ports, options: CarrierOptions, work: DrainWork): Promise<never> {
	const underWay = new Set<Promise<void>>();
	for (;;) {
		const outcome = await drain(ports, {
			...options,
			watchMs: 25_000,
			concurrency: work.concurrency,
			graceMs: work.graceMs,
			intervalMs: 30_000,
			underWay,
		});
		if (outcome.backedOff) await ports.clock.sleep(5_000);
	}
}

async function work(config: WorkerConfig): Promise<void> {
	state.skewMs = config.skewMs;
	const ports = portsOf(config);
	const key = await loadVaultKey(config.vaultKey, ports.crypto);
	if (key.outcome !== 'ok') throw new Error(key.error.message);
	const options: CarrierOptions = {
		carrier: config.carrier,
		kind: config.kind,
		vaultKey: key.key,
		platforms: PLATFORMS,
		stopping: () => false,
		fences: { highest: 0 },
	};
	if (config.work.as === 'drain') await drainOn(ports, options, config.work);
	else await carry(ports, options, config, config.work);
}

process.on('message', (message: ToWorker) => {
	if (message.do === 'go') state.goOn?.();
	else if (message.do === 'stop') {
		state.stopped = true;
		state.stop();
	} else {
		void work(message.config).then(
			() => process.disconnect(),
			(thrown: unknown) => {
				tell({
					say: 'log',
					event: 'worker_failed',
					facts: { reason: thrown instanceof Error ? thrown.message : 'unknown' },
				});
				process.exit(1);
			},
		);
	}
});
process.on('disconnect', () => process.exit(0));
tell({ say: 'ready' });
