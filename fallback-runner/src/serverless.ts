import { createStore } from '../../core/store/client';
import { carrierName, checkRunnerConfig, readRunnerConfig, type RunnerConfig } from './config';
import { N8nWatch } from './n8n-watch';
import { createLogger } from './ports/log';
import { createDrainLoop, runnerPorts } from './runner';
import { refuseTick, tick, type TickDoor, type TickReply } from './tick';

/** What a platform of functions hands over, and how long it lets a function run. */
export interface ServerlessTick {
	authorization: string | null;
	limitMs: number;
	environment?: NodeJS.ProcessEnv;
}

/**
 * One tick where no process stays up. Configured by the environment like the runner
 * (`SUPABASE_URL`, `SUPABASE_SECRET_KEY`, `MUSEKIT_VAULT_KEY`, `CRON_SECRET`). Never throws: what is
 * wrong is the answer.
 */
export async function serverlessTick(call: ServerlessTick): Promise<TickReply> {
	const environment = call.environment ?? process.env;
	const door: TickDoor = {
		secret: environment.MUSEKIT_TICK_SECRET || environment.CRON_SECRET,
		limitMs: call.limitMs,
	};
	const refusal = refuseTick(door, call.authorization);
	if (refusal !== null) return refusal;
	try {
		const read = readRunnerConfig(undefined, environment);
		// Functions have no queue and no port of their own.
		const config = checkRunnerConfig({
			...read,
			name: read.name ?? 'runner:tick',
			redisUrl: undefined,
			databaseUrl: undefined,
		});
		return await round(config, door, call.authorization);
	} catch (thrown) {
		const message = thrown instanceof Error ? thrown.message : 'unknown reason';
		return { status: 500, body: { code: 'tick_misconfigured', message } };
	}
}

async function round(
	config: RunnerConfig,
	door: TickDoor,
	authorization: string | null,
): Promise<TickReply> {
	const ports = runnerPorts(config, createLogger('tick', config.logLevel));
	const n8n = new N8nWatch(ports, {
		...(config.n8nHealthUrl === undefined ? {} : { url: config.n8nHealthUrl }),
		everyMs: config.n8nProbeMs,
		onChange: () => undefined,
	});
	await n8n.ask();
	if (n8n.failing) await n8n.ask();
	const loop = await createDrainLoop(config, ports, { carrier: carrierName(config), n8n });
	const reply = await tick(loop, door, authorization);
	if (reply.status !== 200) return reply;
	const view = await createStore(ports.store).call('social_carrier_view', {});
	const due = view.kind === 'ok' ? view.value.due : null;
	return { status: 200, body: { ...reply.body, due } };
}
