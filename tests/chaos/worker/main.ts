import { loadVaultKey } from '../../../core/accounts/vault';
import { PLATFORMS } from '../../../core/platforms';
import type { Ports } from '../../../core/ports';
import { claimPost, type CarrierOptions } from '../../../core/publishing/carrier';
import { carryPost } from '../../../core/publishing/carry';
import { drain } from '../../../core/publishing/drain';
import { createCryptoPort } from '../../../fallback-runner/src/ports/crypto';
import { createHttpPort } from '../../../fallback-runner/src/ports/http';
import { createStorePort } from '../../../fallback-runner/src/ports/store';
import { createFastClock, fastHttp } from '../clock';
import { createN8nHttpPort } from './n8n-http';
import { pointedHttp, pointedStore, type Pass } from './points';
import type { CarryWork, DrainWork, FromWorker, ToWorker, WorkerConfig } from './protocol';

/** Limits of the store port as it ships, fast ms. */
const STORE_LIMIT_MS = 15_000;
const MEDIA_LIMIT_MS = 60_000;
/** What a person would call ended; `needs_review` waits for one. */
const ENDED = new Set(['published', 'failed', 'missed', 'needs_review', 'cancelled']);

const state: { goOn: (() => void) | null; skewMs: number } = { goOn: null, skewMs: 0 };

function tell(message: FromWorker): void {
	// A parent that is gone ends this process by `disconnect`.
	process.send?.(message, () => undefined);
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

function portsOf(config: WorkerConfig): Ports {
	const { factor } = config.clock;
	const http = config.kind === 'n8n' ? createN8nHttpPort() : createHttpPort();
	return {
		http: fastHttp(http, config.clock),
		store: createStorePort({
			...config.store,
			limitMs: Math.ceil(STORE_LIMIT_MS / factor),
			mediaLimitMs: Math.ceil(MEDIA_LIMIT_MS / factor),
		}),
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
			const seen = await ports.store.rpc<{ state: string }>('social_post_get', {
				p_contract: 1,
				p_post_id: work.postId,
				p_owner: 'default',
			});
			if (seen.kind === 'ok' && ENDED.has(seen.value.state)) {
				return tell({ say: 'ended', end: seen.value.state });
			}
			await ports.clock.sleep(work.pollMs);
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
	else {
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
