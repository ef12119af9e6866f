import type { IDataObject, IExecuteFunctions } from 'n8n-workflow';

import type { ValidateOutcome } from '../../../core/accounts/connect-types';
import { operationError } from '../../SocialPost/input/problem';
import { accountOutput, UNTOUCHED } from './common';

/**
 * What checking an account brought, as item data with `access`: `valid`, `ended` (connect again) or
 * `unknown` (the platform gave no clear answer; nothing was changed). An access that ended is an answer
 * and no error, so that a workflow can branch on it.
 */
export function checkedOutput(
	context: IExecuteFunctions,
	itemIndex: number,
	outcome: ValidateOutcome,
): IDataObject {
	if (outcome.outcome === 'valid') {
		return { ...accountOutput(outcome.account, outcome.warnings), access: 'valid' };
	}
	if (outcome.outcome === 'refused' || outcome.account === null) {
		throw operationError(context, outcome.error, itemIndex, UNTOUCHED);
	}
	return {
		...accountOutput(outcome.account),
		access: outcome.outcome === 'dead' ? 'ended' : 'unknown',
		reason: outcome.error.message,
		remedy: outcome.error.remedy,
	};
}
