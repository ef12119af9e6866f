import { setTimeout as pause } from 'node:timers/promises';
import type { Ports } from '../../../core/ports';
import { PLATFORMS } from '../../../core/platforms';
import { loadVaultKey } from '../../../core/accounts/vault';
import { DrainLoop } from '../../../fallback-runner/src/drain-loop';
import { createClockPort } from '../../../fallback-runner/src/ports/clock';
import { createCryptoPort } from '../../../fallback-runner/src/ports/crypto';

interface Call {
	name: string;
	args: Record<string, unknown>;
}

/** A store with nothing due that counts how many claims are asked for at the same time. */
function idleStore(answer: () => Promise<'nothing' | 'unreachable'>) {
	const calls: Call[] = [];
	let claiming = 0;
	let most = 0;
	const rpc = async <T>(name: string, args: Record<string, unknown>) => {
		calls.push({ name, args });
		if (name === 'social_heartbeat') return { kind: 'ok' as const, value: {} as T };
		if (name !== 'social_claim') throw new Error(`not foreseen: ${name}`);
		claiming += 1;
		most = Math.max(most, claiming);
		const said = await answer();
		claiming -= 1;
		return said === 'nothing'
			? {
					kind: 'ok' as const,
					value: { claim: null, reason: 'nothing_due', nextDueMs: null } as T,
				}
			: { kind: 'unreachable' as const, reason: 'the store gave no answer' };
	};
	return {
		calls,
		claims: () => calls.filter(({ name }) => name === 'social_claim'),
		most: () => most,
		rpc,
	};
}

async function loopOn(
	store: ReturnType<typeof idleStore>,
	change: Partial<ConstructorParameters<typeof DrainLoop>[1]> = {},
) {
	const said: string[] = [];
	const refuse = () => {
		throw new Error('not foreseen');
	};
	const crypto = createCryptoPort();
	const ports: Ports = {
		http: { send: refuse },
		store: { rpc: store.rpc, putObject: refuse, getObject: refuse, signObject: refuse },
		clock: createClockPort(),
		crypto,
		log: { info: (event) => said.push(event), warn: (event) => said.push(event) },
	};
	const key = await loadVaultKey('ab'.repeat(32), crypto);
	if (key.outcome !== 'ok') throw new Error(key.error.message);
	const loop = new DrainLoop(ports, {
		carrier: { carrier: 'test', vaultKey: key.key, platforms: PLATFORMS },
		concurrency: 2,
		immediateConcurrency: 1,
		watchMs: 50,
		sessionMs: 400,
		graceMs: () => undefined,
		...change,
	});
	return { loop, said };
}

test('many wake-ups and ticks make rounds one after another, never two at once', async () => {
	const store = idleStore(async () => {
		await pause(20);
		return 'nothing';
	});
	const { loop } = await loopOn(store);
	for (let time = 0; time < 20; time++) loop.wake();
	const ticks = await Promise.all([loop.tick(1_000), loop.tick(1_000)]);
	expect(ticks).toMatchObject([
		{ claimed: 0, more: false, busy: false },
		{ claimed: 0, more: false, busy: false },
	]);
	expect(store.most()).toBe(1);
	expect(await loop.stop(1_000)).toBe(true);
	const claims = store.claims().length;
	loop.wake();
	await pause(100);
	expect(store.claims()).toHaveLength(claims);
});

test('a session ends when no further wake-up comes', async () => {
	const store = idleStore(async () => await Promise.resolve('nothing' as const));
	const { loop } = await loopOn(store);
	loop.wake();
	await pause(800);
	const rounds = store.claims().length;
	expect(rounds).toBeGreaterThan(1);
	await pause(300);
	expect(store.claims()).toHaveLength(rounds);
});

test('the grace is read at each claim', async () => {
	const n8n: { graceMs: number | undefined } = { graceMs: undefined };
	const store = idleStore(async () => await Promise.resolve('nothing' as const));
	const { loop } = await loopOn(store, { graceMs: () => n8n.graceMs });
	await loop.tick(1_000);
	n8n.graceMs = 0;
	await loop.tick(1_000);
	const [first, second] = store.claims();
	expect(first.args).not.toHaveProperty('p_grace_ms');
	expect(second.args).toMatchObject({ p_grace_ms: 0 });
});

test('a tick that finds a round under way does not wait for ever', async () => {
	let release: () => void = () => undefined;
	const held = new Promise<void>((resolve) => {
		release = resolve;
	});
	const store = idleStore(async () => {
		await held;
		return 'nothing';
	});
	const { loop } = await loopOn(store);
	loop.wake();
	const answer = await loop.tick(50);
	expect(answer).toMatchObject({ busy: true, more: true, claimed: 0 });
	release();
	expect(await loop.stop(5_000)).toBe(true);
});
