import { updateDisplayOptions } from 'n8n-workflow';
import type { IDataObject, INodeProperties } from 'n8n-workflow';

import { createPosts, type NamedEntry } from '../../../../core/publishing/create';
import { joinErrors, operationError } from '../../input/problem';
import { storeProblem } from '../../input/store-problem';
import {
	accountFields,
	imagesField,
	option,
	optionsField,
	textField,
} from '../common.descriptions';
import { readCreateRequest } from '../create-posts';
import type { ItemOperation } from '../node.type';
import { paired, plainProblem } from '../output';

const properties: INodeProperties[] = [
	...accountFields,
	textField,
	imagesField,
	optionsField([option.owner]),
];

export const description = updateDisplayOptions(
	{ show: { resource: ['post'], operation: ['validate'] } },
	properties,
);

/** One item per account saying whether the post could be made; nothing is stored. */
export const execute: ItemOperation = async (context, itemIndex, session) => {
	const request = await readCreateRequest(context, itemIndex, session, { as: 'scheduled' });
	const checked = await createPosts(session.ports, session.carrier.platforms, {
		...request,
		dedupe: false,
		dryRun: true,
	});
	if (checked.kind !== 'ok') throw operationError(context, storeProblem(checked), itemIndex, '');
	return checked.entries.map((entry) =>
		paired(verdict(entry, request.entries[entry.ordinal]?.accountId ?? null), itemIndex),
	);
};

/** The eight fields of every output, with the verdict behind them. */
function verdict(entry: NamedEntry, accountId: string | null): IDataObject {
	const errors = entry.errors ?? [];
	const valid = entry.result !== 'invalid' && errors.length === 0;
	const problem = joinErrors(errors);
	return {
		id: null,
		state: valid ? 'valid' : 'invalid',
		platform: entry.account?.platform ?? null,
		account: entry.account === undefined ? accountId : `@${entry.account.handle}`,
		url: null,
		scheduledAt: null,
		publishedAt: null,
		attempts: 0,
		valid,
		...(valid ? {} : { reason: problem.message, remedy: problem.remedy }),
		problems: errors.map(plainProblem),
		warnings: (entry.warnings ?? []).map(plainProblem),
	};
}
