import type { Response } from 'express';
import type { Account } from '../records';
import type { SandboxState } from '../state';
import { tooManyRequests } from './errors';

const POSTS_PER_MEMBER = 150;
const POSTS_PER_APP = 100_000;

/** Posts per UTC day (field numbers). LinkedIn sends no rate headers. False after a 429 was sent. */
export function dailyLimit(
	state: SandboxState,
	res: Response,
	member: Account,
	clientId: string,
): boolean {
	if (!state.settings.rateLimits.enabled) return true;
	const { overrides } = state.settings.rateLimits;
	const day = new Date(state.now()).toISOString().slice(0, 10);
	const counters: [string, number][] = [
		[`member:${member.id}`, overrides['linkedin:post.create']?.limit ?? POSTS_PER_MEMBER],
		[`app:${clientId}`, overrides['linkedin:app.post.create']?.limit ?? POSTS_PER_APP],
	];
	const kept = counters.map(([name, limit]) => {
		const key = `linkedin:${day}:${name}`;
		const counter = state.counters.get(key) ?? { startedAt: state.now(), count: 0 };
		state.counters.set(key, counter);
		return { counter, limit };
	});
	if (kept.some(({ counter, limit }) => counter.count >= limit)) {
		tooManyRequests(res);
		return false;
	}
	for (const { counter } of kept) counter.count += 1;
	return true;
}
