import type { IDataObject } from 'n8n-workflow';

import type { StoreArgs } from '../../../core/store/client';
import type { RiskView } from '../../../core/store/contract';
import type { Session } from '../transport/ports';

/** The most that one call of the store tells. */
const MOST = 1000;

/**
 * Warnings ahead that hold now, for an owner, an account or a post. They come along with what was
 * asked for: none when the store does not tell them.
 */
export async function readWarnings(
	session: Session,
	about: StoreArgs<'social_risks'>,
): Promise<RiskView[]> {
	const answer = await session.store.call('social_risks', { p_limit: MOST, ...about });
	return answer.kind === 'ok' ? answer.value.items : [];
}

/** Warnings ahead as the field `warnings` of item data; no field where there are none. */
export function warningsField(risks: RiskView[]): IDataObject {
	if (risks.length === 0) return {};
	return {
		warnings: risks.map(({ code, message, remedy, at, postId }) => ({
			code,
			message,
			remedy,
			at,
			...(postId === null ? {} : { postId }),
		})),
	};
}
