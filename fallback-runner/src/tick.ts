import type { DrainLoop, TickAnswer } from './drain-loop';
import { bearerOf, isSecret } from './http/secrets';

export interface TickDoor {
	/** Bearer that the cron service sends; without one every tick is refused. */
	secret: string | undefined;
	/** Time that the caller's platform allows for the whole request. */
	limitMs: number;
}

export interface TickReply {
	status: number;
	body: Record<string, unknown>;
}

/** The rest of the time is for the request that is on its way and for the answer. */
const SHARE = 0.7;

/** Refuses a tick that may not come in; null lets it pass. */
export function refuseTick(door: TickDoor, authorization: string | null | undefined) {
	if (door.secret === undefined || door.secret.length < 16) {
		return {
			status: 503,
			body: {
				code: 'tick_off',
				message: 'Ticks are refused, because no secret is set. Nothing was done.',
				hint: 'Set MUSEKIT_TICK_SECRET (or CRON_SECRET) to 16 or more random characters.',
			},
		} satisfies TickReply;
	}
	if (isSecret(bearerOf(authorization), door.secret)) return null;
	return {
		status: 401,
		body: {
			code: 'unauthorized',
			message: 'The secret is missing or wrong. Nothing was done.',
			hint: 'Send it as "Authorization: Bearer <secret>".',
		},
	} satisfies TickReply;
}

/**
 * One tick of a cron service: everything that is due, within about 70 % of the time allowed. Running
 * it twice, or at the same time as other carriers, is safe. 503 only when trying again helps.
 */
export async function tick(
	loop: Pick<DrainLoop, 'tick'>,
	door: TickDoor,
	authorization: string | null | undefined,
): Promise<TickReply> {
	const refusal = refuseTick(door, authorization);
	if (refusal !== null) return refusal;
	const answer: TickAnswer = await loop.tick(Math.floor(door.limitMs * SHARE));
	return {
		status: answer.trouble !== null && answer.claimed === 0 ? 503 : 200,
		body: { ...answer },
	};
}
