import type { Response } from 'express';

/** An answer that a scripted status fault gives. */
export interface StatusAnswer {
	status: number;
	contentType: string;
	headers: Record<string, string>;
	body: unknown;
}

const PROBLEM = 'application/problem+json; charset=utf-8';
const INVALID = 'https://api.twitter.com/2/problems/invalid-request';

/** Sends an RFC 7807 body as api.x.com does. */
export function problem(res: Response, status: number, body: Record<string, unknown>): void {
	res.status(status).set('content-type', PROBLEM).end(JSON.stringify(body));
}

export function unauthorized(res: Response): void {
	problem(res, 401, UNAUTHORIZED);
}

export function forbidden(res: Response, detail: string): void {
	problem(res, 403, { detail, type: 'about:blank', title: 'Forbidden', status: 403 });
}

/** Seen verbatim 2026-02-12 (akrherz/iembot #163). */
export const DUPLICATE_DETAIL = 'You are not allowed to create a Tweet with duplicate content.';
export const NOT_PERMITTED = 'You are not permitted to perform this action.';

/** 400 with one message per parameter. */
export function invalidRequest(
	res: Response,
	message: string,
	parameters: Record<string, string[]> = {},
): void {
	problem(res, 400, {
		errors: [{ parameters, message }],
		title: 'Invalid Request',
		detail: 'One or more parameters to your request was invalid.',
		type: INVALID,
	});
}

export function notFound(res: Response, resource: string, id: string): void {
	res
		.status(200)
		.set('content-type', 'application/json; charset=utf-8')
		.end(
			JSON.stringify({
				errors: [
					{
						value: id,
						detail: `Could not find ${resource} with id: [${id}].`,
						title: 'Not Found Error',
						resource_type: resource,
						parameter: 'id',
						resource_id: id,
						type: 'https://api.twitter.com/2/problems/resource-not-found',
					},
				],
			}),
		);
}

const UNAUTHORIZED = {
	title: 'Unauthorized',
	type: 'about:blank',
	status: 401,
	detail: 'Unauthorized',
};

export function creditsDepleted(accountId: string): Record<string, unknown> {
	return {
		account_id: accountId,
		title: 'CreditsDepleted',
		detail: `Your enrolled account [${accountId}] does not have any credits to fulfill this request.`,
		type: 'https://api.twitter.com/2/problems/credits',
	};
}

export function spendCapReached(nowMs: number): Record<string, unknown> {
	const now = new Date(nowMs);
	const reset = new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth() + 1, 1));
	return {
		title: 'SpendCapReached',
		detail: 'Your enrolled account has reached its billing cycle spend cap.',
		reset_date: reset.toISOString().slice(0, 10),
		type: 'https://api.twitter.com/2/problems/credits',
	};
}

const TITLES: Record<number, string> = {
	429: 'Too Many Requests',
	500: 'Internal Server Error',
	502: 'Bad Gateway',
	503: 'Service Unavailable',
	504: 'Gateway Timeout',
};

/** The body X sends with a status nobody asked for. */
export function xStatusBody(status: number, special: string | null, nowMs: number): StatusAnswer {
	const headers: Record<string, string> = {};
	if (special === 'credits_depleted') {
		return { status: 402, contentType: PROBLEM, headers, body: creditsDepleted('1') };
	}
	if (special === 'spend_cap') {
		return { status: 403, contentType: PROBLEM, headers, body: spendCapReached(nowMs) };
	}
	if (status === 401) return { status, contentType: PROBLEM, headers, body: UNAUTHORIZED };
	if (status === 429) {
		headers['x-rate-limit-limit'] = '100';
		headers['x-rate-limit-remaining'] = '0';
		headers['x-rate-limit-reset'] = String(Math.ceil(nowMs / 1000) + 900);
	}
	const title = TITLES[status] ?? 'Error';
	return {
		status,
		contentType: PROBLEM,
		headers,
		body: { title, detail: title, type: 'about:blank', status },
	};
}
