import { encodeBase64 } from '../../content/base64';
import type { HttpRequest } from '../../ports';
import type { TokenSecret } from '../platform';

/**
 * A form for X's OAuth 2.0 endpoints. A confidential client proves itself by HTTP Basic, a public one
 * by its id in the body (docs.x.com, OAuth 2.0).
 */
export function clientForm(
	url: string,
	fields: Record<string, string>,
	secret: TokenSecret,
	limitMs: number,
): HttpRequest {
	const form = new URLSearchParams(fields);
	const headers: Record<string, string> = {
		'content-type': 'application/x-www-form-urlencoded',
		accept: 'application/json',
	};
	if (secret.clientSecret) {
		const pair = `${encodeURIComponent(secret.clientId ?? '')}:${encodeURIComponent(secret.clientSecret)}`;
		headers.authorization = `Basic ${encodeBase64(new TextEncoder().encode(pair))}`;
	} else {
		form.set('client_id', secret.clientId ?? '');
	}
	return { method: 'POST', url, headers, body: form.toString(), limitMs };
}
