import type { CarrierView } from '../../core/store/contract';
import type { LoopStatus } from './drain-loop';
import type { Look } from './lag-watch';
import type { ProbeState } from './n8n-watch';
import type { WakeMode } from './queue/wakeups';

export interface Health {
	/** `down`: nothing can be published. `degraded`: it works, and somebody should look. */
	status: 'ok' | 'degraded' | 'down';
	carrier: string;
	/** What somebody should look at, in sentences. */
	alerts: string[];
	queue: { mode: WakeMode; backend: 'redis' | 'postgres' | null };
	store: { reachable: boolean; reason: string | null };
	drain: LoopStatus;
	n8n: {
		probe: ProbeState;
		heartbeat: 'fresh' | 'stale' | 'none' | 'unknown';
		lastAt: string | null;
	};
	lagMs: number | null;
	due: number | null;
	oldestDueAt: string | null;
	inFlight: number | null;
	carrying: number | null;
	outages: CarrierView['outages'];
}

export interface HealthSources {
	carrier: string;
	look: Look;
	loop: LoopStatus;
	queue: Health['queue'];
	probe: ProbeState;
	overloadLagMs: number;
}

/** One answer for people and probes, without anything secret. */
export function readHealth(sources: HealthSources): Health {
	const { look, loop, queue, probe } = sources;
	const { view } = look;
	const alerts: string[] = [];
	if (view === null)
		alerts.push(`The store cannot be asked: ${look.trouble ?? 'no reason given'}.`);
	if (loop.stopping) alerts.push('The runner is stopping and claims nothing.');
	if (loop.trouble !== null) alerts.push(`Nothing can be claimed: ${loop.trouble}.`);
	else if (loop.backingOff) {
		alerts.push('Posts could not be sent from this machine: check its way to the internet.');
	}
	if (look.overloaded) {
		alerts.push(
			`Due posts wait longer than ${sources.overloadLagMs / 1000} s: raise the concurrency or start another runner.`,
		);
	}
	if (queue.mode === 'lost') {
		alerts.push('The queue does not answer. A timer does its work; check Redis or its database.');
	}
	for (const outage of view?.outages ?? []) {
		alerts.push(`${outage.platform} (${outage.mode}) is paused: ${outage.reason}.`);
	}
	return {
		status: view === null || loop.stopping ? 'down' : alerts.length > 0 ? 'degraded' : 'ok',
		carrier: sources.carrier,
		alerts,
		queue,
		store: { reachable: view !== null, reason: look.trouble },
		drain: loop,
		n8n: { probe, heartbeat: heartbeatOf(view), lastAt: view?.n8n?.lastAt ?? null },
		lagMs: view?.lagMs ?? null,
		due: view?.due ?? null,
		oldestDueAt: view?.oldestDueAt ?? null,
		inFlight: view?.inFlight ?? null,
		carrying: view?.carrying ?? null,
		outages: view?.outages ?? [],
	};
}

function heartbeatOf(view: CarrierView | null): Health['n8n']['heartbeat'] {
	if (view === null) return 'unknown';
	if (view.n8n === null) return 'none';
	return view.n8n.fresh ? 'fresh' : 'stale';
}
