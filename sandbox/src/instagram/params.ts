import type { Request } from 'express';
import { formBody, jsonBody } from '../body';

/** Parameters of a Graph call: query, form and JSON body together, as Meta takes them. */
export function graphParams(req: Request): Record<string, string> {
	const params: Record<string, string> = {};
	const add = (name: string, value: unknown): void => {
		if (typeof value === 'string') params[name] = value;
		else if (Array.isArray(value)) params[name] = value.map(String).join(',');
		else if (value !== undefined && value !== null) params[name] = JSON.stringify(value);
	};
	for (const [name, value] of Object.entries(req.query)) add(name, value);
	for (const [name, value] of formBody(req)) add(name, value);
	for (const [name, value] of Object.entries(jsonBody(req) ?? {})) add(name, value);
	return params;
}

/** Names in `fields=a,b{c}`; sub-selections are dropped. */
export function askedFields(params: Record<string, string>): string[] {
	return (params.fields ?? '')
		.replace(/\{[^}]*\}/g, '')
		.split(',')
		.map((name) => name.trim())
		.filter((name) => name !== '');
}

/** The asked fields of an object, its id always among them. */
export function pick(object: Record<string, unknown>, fields: string[]): Record<string, unknown> {
	const picked: Record<string, unknown> = {};
	for (const name of fields) {
		if (object[name] !== undefined) picked[name] = object[name];
	}
	return { ...picked, id: object.id };
}
