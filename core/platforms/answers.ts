import type { HttpResponse } from '../ports';

/** A JSON object as it came over the wire: nothing about its fields is known. */
export type Json = Record<string, unknown>;

/** Longest piece of a platform's own words that people are shown. */
const EXCERPT = 300;

/** Names of system codes; n8n replaces any message that contains one. */
const SYSTEM_CODES =
	/\b(?:ECONNREFUSED|ECONNRESET|ENOTFOUND|ETIMEDOUT|ERRADDRINUSE|EADDRNOTAVAIL|ECONNABORTED|EHOSTUNREACH|EAI_AGAIN|ENOENT|EISDIR|ENOTDIR|EACCES|EEXIST|EPERM|GETADDRINFO)\b/gi;

const SECRETS: [RegExp, string][] = [
	[/\b(bearer|basic|oauth)\s+[\w.~+/=|:-]{12,}/gi, '$1 [hidden]'],
	[
		/\b(access_token|refresh_token|client_secret|id_token|token|code|signature|appsecret_proof)(["']?\s*[=:]\s*["']?)[^\s"'&,;}]+/gi,
		'$1$2[hidden]',
	],
	[/(https?:\/\/[^\s"'<>?]+)\?[^\s"'<>]*/gi, '$1?[hidden]'],
	// A run this long without a space is a token, not a word; ids of the platforms are shorter.
	[/[\w~+/=-]{60,}/g, '[hidden]'],
];

function isJson(value: unknown): value is Json {
	return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The body as a JSON object; null when it is anything else. */
export function jsonOf(answer: Pick<HttpResponse, 'text'>): Json | null {
	try {
		const value: unknown = JSON.parse(answer.text);
		return isJson(value) ? value : null;
	} catch {
		return null;
	}
}

/** The object at a path of field names; an empty one when there is none. */
export function objectAt(value: unknown, ...path: string[]): Json {
	let current = value;
	for (const name of path) current = isJson(current) ? current[name] : undefined;
	return isJson(current) ? current : {};
}

/** The list of objects in a field; null when the field is no list of objects. */
export function objectsAt(value: Json, name: string): Json[] | null {
	const list = value[name];
	return Array.isArray(list) && list.every(isJson) ? list : null;
}

/** A non-empty text field, else undefined. */
export function textAt(value: Json, name: string): string | undefined {
	const field = value[name];
	return typeof field === 'string' && field !== '' ? field : undefined;
}

/** A finite number field, else undefined. */
export function numberAt(value: Json, name: string): number | undefined {
	const field = value[name];
	return typeof field === 'number' && Number.isFinite(field) ? field : undefined;
}

/** Was the request carried out, by its status alone? */
export function isSuccess(answer: Pick<HttpResponse, 'status'>): boolean {
	return answer.status >= 200 && answer.status < 300;
}

/** A platform's own words, short, on one line, without secrets and system codes. */
export function excerpt(text: string): string {
	let short = text
		.replace(/\s+/g, ' ')
		.trim()
		.slice(0, 4 * EXCERPT);
	for (const [pattern, hidden] of SECRETS) short = short.replace(pattern, hidden);
	short = short.replace(SYSTEM_CODES, 'network trouble');
	return short.length > EXCERPT ? `${short.slice(0, EXCERPT - 1)}…` : short;
}
