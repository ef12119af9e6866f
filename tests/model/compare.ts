import type { RpcAnswer } from '../../core/ports';

type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

/** JSON with sorted keys. */
export function canonical(value: unknown): string {
	if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`;
	if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'null';
	return `{${Object.entries(value)
		.filter(([, item]) => item !== undefined)
		.sort(([left], [right]) => (left < right ? -1 : 1))
		.map(([key, item]) => `${JSON.stringify(key)}:${canonical(item)}`)
		.join(',')}}`;
}

/** Lists whose order SQL leaves open. */
const UNORDERED = new Set(['remoteIds']);
/** Which of several equal texts a warning names is left open. */
const EQUAL_TEXT = /around \S+;/;
const SQLSTATE = /^[0-9A-Z]{5}$/;

function settled(value: Json, key = ''): Json {
	if (Array.isArray(value)) {
		const items = value.map((item) => settled(item));
		return UNORDERED.has(key)
			? items.sort((left, right) => (canonical(left) < canonical(right) ? -1 : 1))
			: items;
	}
	if (typeof value !== 'object' || value === null) return value;
	const made = Object.fromEntries(
		Object.entries(value).map(([name, item]) => [name, settled(item, name)]),
	);
	if (made.code === 'equal_text' && typeof made.message === 'string') {
		made.message = made.message.replace(EQUAL_TEXT, 'around …;');
	}
	return made;
}

/** An answer as text: equal exactly when the answers say the same. */
export function said(name: string, answer: RpcAnswer<unknown>): string {
	if (answer.kind === 'unreachable') return `unreachable: ${answer.reason}`;
	if (answer.kind === 'refused') {
		const { code, status } = answer.refusal;
		// Postgres' own refusals: their words are not ours.
		return canonical(SQLSTATE.test(code) ? { code, status } : answer.refusal);
	}
	const value = settled(JSON.parse(JSON.stringify(answer.value)) as Json);
	if (name === 'social_media_known' && Array.isArray(value)) {
		return canonical(value.map(canonical).sort());
	}
	return canonical(value);
}
