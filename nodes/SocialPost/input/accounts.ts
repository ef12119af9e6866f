import type { IExecuteFunctions } from 'n8n-workflow';

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

/** Stands for every connected account of the owner. */
export const ALL_ACCOUNTS = 'all';

/** True for the form of an account or post id. */
export function isId(text: string): boolean {
	return UUID.test(text);
}

/**
 * The account ids of one item, each once, in the order given. Empty when none was chosen. "Several
 * Accounts" takes the picked list, an array from an expression, or a text with commas between ids.
 */
export function readAccountIds(context: IExecuteFunctions, itemIndex: number): string[] {
	if (context.getNodeParameter('accountMode', itemIndex, 'one') === 'one') {
		const id = context.getNodeParameter('account', itemIndex, '', { extractValue: true });
		return clean([id]);
	}
	const given = context.getNodeParameter('accounts', itemIndex, []) as unknown;
	return clean(Array.isArray(given) ? given : String(given ?? '').split(','));
}

function clean(ids: unknown[]): string[] {
	const texts = ids
		.flatMap((id) => (typeof id === 'object' && id !== null && 'id' in id ? [id.id] : [id]))
		.map((id) => (id === null || id === undefined ? '' : String(id).trim()));
	return [...new Set(texts.filter((text) => text !== ''))];
}
