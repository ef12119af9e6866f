import { accessTokenFor } from '../../../core/accounts/tokens';
import { loadVaultKey, type VaultKey } from '../../../core/accounts/vault';
import { PLATFORMS } from '../../../core/platforms';
import type { Ports } from '../../../core/ports';
import { createStore, retrying } from '../../../core/store/client';
import type { CarriedAccount } from '../../../core/store/contract';
import { createPorts } from '../../../fallback-runner/src/ports';
import type { FromWorker, Point, ToWorker, WorkerConfig } from './protocol';

/** Fifty processes on two cores are slow; what takes longer than this does not come at all. */
const PATIENCE_MS = 180_000;
const NOT_YET = new Set(['later', 'unreachable']);

const never = new Promise<never>(() => undefined);

function say(message: FromWorker): void {
	process.send?.(message);
}

/** The real ports, with a stop at one point: the parent kills this process there. */
function stoppable(ports: Ports, stopAt: Point | null): Ports {
	if (stopAt === null) return ports;
	const stop = async (point: Point): Promise<void> => {
		if (point !== stopAt) return;
		say({ say: 'at', point });
		await never;
	};
	return {
		...ports,
		http: {
			send: async (request) => {
				await stop('before_call');
				// The bytes go out in this turn of the loop or the next; the answer comes much later.
				if (stopAt === 'during_call') setTimeout(() => say({ say: 'at', point: stopAt }), 50);
				const answer = await ports.http.send(request);
				await stop('after_answer');
				return answer;
			},
		},
		store: {
			...ports.store,
			rpc: async <T>(name: string, args: Record<string, unknown>) => {
				const saving = name === 'social_token_save';
				const answer = ports.store.rpc<T>(name, args);
				if (saving && stopAt === 'during_save') say({ say: 'at', point: stopAt });
				const heard = await answer;
				if (saving) await stop('after_save');
				return heard;
			},
		},
	};
}

class Worker {
	private account: CarriedAccount | null = null;

	private constructor(
		private readonly ports: Ports,
		private readonly vaultKey: VaultKey,
	) {}

	static async start(config: WorkerConfig): Promise<Worker> {
		const ports = createPorts({ store: config.store, log: { level: 'silent' } });
		const loaded = await loadVaultKey(config.vaultKey, ports.crypto);
		if (loaded.outcome !== 'ok') throw new Error(loaded.error.message);
		return new Worker(ports, loaded.key);
	}

	async open(accountId: string): Promise<void> {
		const { clock } = this.ports;
		const answer = await retrying(
			async () =>
				await createStore(this.ports.store).call('social_account_open', {
					p_account_id: accountId,
				}),
			{ clock, untilMs: clock.monotonic() + PATIENCE_MS },
		);
		if (answer.kind !== 'ok') throw new Error(JSON.stringify(answer));
		this.account = answer.value;
	}

	async refresh(stopAt: Point | null): Promise<FromWorker> {
		if (this.account === null) throw new Error('No account was opened');
		const { clock } = this.ports;
		const options = {
			vaultKey: this.vaultKey,
			definition: PLATFORMS[this.account.platform],
			waitBudgetMs: PATIENCE_MS,
		};
		const ports = stoppable(this.ports, stopAt);
		const until = clock.monotonic() + PATIENCE_MS;
		let token = await accessTokenFor(ports, this.account, options);
		// A carrier comes back later, too.
		while (NOT_YET.has(token.outcome) && clock.monotonic() < until) {
			await clock.sleep(1_000);
			token = await accessTokenFor(ports, this.account, options);
		}
		if (token.outcome !== 'ok') {
			const reason = 'error' in token ? token.error.message : token.reason;
			return { say: 'done', outcome: token.outcome, reason, works: false };
		}
		const answer = await this.ports.http.send({
			method: 'GET',
			url: `${token.account.baseUrl}/2/users/me`,
			headers: { authorization: `Bearer ${token.accessToken}` },
			limitMs: 20_000,
		});
		const works = answer.kind === 'response' && answer.status === 200;
		return { say: 'done', outcome: 'ok', reason: null, works };
	}
}

let worker: Worker | null = null;

process.on('disconnect', () => process.exit(0));
process.on('message', (message: ToWorker) => {
	void (async () => {
		switch (message.do) {
			case 'start':
				worker = await Worker.start(message.config);
				return say({ say: 'ready' });
			case 'open':
				await worker?.open(message.accountId);
				return say({ say: 'opened' });
			case 'refresh': {
				const done = await worker?.refresh(message.stopAt);
				if (done !== undefined) say(done);
			}
		}
	})();
});
