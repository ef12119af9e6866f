import { Busboy } from '@fastify/busboy';
import express from 'express';
import type { Request } from 'express';

/** Largest request the sandbox reads; every image limit of the platforms is below. */
const MAX_BODY = '64mb';

/** Reads the whole body before anything else happens, so that every fault sees a sent request. */
export const readBody = express.raw({ type: () => true, limit: MAX_BODY, inflate: false });

export function rawBody(req: Request): Buffer {
	return Buffer.isBuffer(req.body) ? req.body : Buffer.alloc(0);
}

export function contentType(req: Request): string {
	return (req.headers['content-type'] ?? '').split(';')[0]?.trim().toLowerCase() ?? '';
}

/** The JSON object of the body, or null when it is none or is not labelled as JSON. */
export function jsonBody(req: Request): Record<string, unknown> | null {
	if (contentType(req) !== 'application/json') return null;
	try {
		const value: unknown = JSON.parse(rawBody(req).toString('utf8'));
		return typeof value === 'object' && value !== null && !Array.isArray(value)
			? (value as Record<string, unknown>)
			: null;
	} catch {
		return null;
	}
}

/** Fields of a form body; empty when the body is no form. */
export function formBody(req: Request): URLSearchParams {
	return new URLSearchParams(
		contentType(req) === 'application/x-www-form-urlencoded' ? rawBody(req).toString('utf8') : '',
	);
}

export interface Multipart {
	fields: Record<string, string>;
	files: Record<string, Buffer>;
}

/** Parts of a multipart body, or null when it is not one or is malformed. */
export async function multipartBody(req: Request): Promise<Multipart | null> {
	const type = req.headers['content-type'];
	if (type === undefined || contentType(req) !== 'multipart/form-data') return null;
	const parts: Multipart = { fields: {}, files: {} };
	return await new Promise((resolve) => {
		try {
			const parser = new Busboy({ headers: { ...req.headers, 'content-type': type } });
			parser.on('field', (name: string, value: string) => {
				parts.fields[name] = value;
			});
			parser.on('file', (name: string, stream: NodeJS.ReadableStream) => {
				const chunks: Buffer[] = [];
				stream.on('data', (chunk: Buffer) => chunks.push(chunk));
				stream.on('end', () => {
					parts.files[name] = Buffer.concat(chunks);
				});
			});
			parser.on('finish', () => resolve(parts));
			parser.on('error', () => resolve(null));
			parser.end(rawBody(req));
		} catch {
			resolve(null);
		}
	});
}

/** One named part of the route. */
export function routeParam(req: Request, name: string): string {
	const value = (req.params as Record<string, string | string[] | undefined>)[name];
	return Array.isArray(value) ? value.join('/') : (value ?? '');
}

/** One query parameter, the first when repeated. */
export function queryParam(req: Request, name: string): string | undefined {
	const value = req.query[name];
	if (typeof value === 'string') return value;
	return Array.isArray(value) && typeof value[0] === 'string' ? value[0] : undefined;
}
