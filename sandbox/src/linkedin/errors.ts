import type { Response } from 'express';
import type { StatusAnswer } from '../x/errors';

const JSON_TYPE = 'application/json';

/** Sends LinkedIn's error body; `status` is repeated inside as LinkedIn does. */
export function linkedinError(res: Response, status: number, body: Record<string, unknown>): void {
	res
		.status(status)
		.set('content-type', JSON_TYPE)
		.end(JSON.stringify({ ...body, status }));
}

/** 401 by the state of the token. Codes 6560x are from field code. */
export const TOKEN_ERRORS = {
	missing: {
		serviceErrorCode: 65604,
		code: 'EMPTY_ACCESS_TOKEN',
		message: 'Empty oauth2 access token',
	},
	invalid: {
		serviceErrorCode: 65600,
		code: 'INVALID_ACCESS_TOKEN',
		message: 'Invalid access token',
	},
	revoked: {
		serviceErrorCode: 65601,
		code: 'REVOKED_ACCESS_TOKEN',
		message: 'The token used in the request has been revoked by the user',
	},
	expired: {
		serviceErrorCode: 65602,
		code: 'EXPIRED_ACCESS_TOKEN',
		message: 'The token used in the request has expired',
	},
} as const;

export function accessDenied(res: Response, what: string): void {
	linkedinError(res, 403, {
		serviceErrorCode: 100,
		code: 'ACCESS_DENIED',
		message: `Not enough permissions to access: ${what}`,
	});
}

/** 422 of the schema check. */
export function schemaError(res: Response, field: string, problem: string): void {
	linkedinError(res, 422, { message: `ERROR :: ${field} :: ${problem}\n` });
}

/** 400 and 422 of the content check. */
export function contentError(
	res: Response,
	status: 400 | 422,
	message: string,
	code: string,
	description: string,
): void {
	linkedinError(res, status, {
		errorDetailType: 'com.linkedin.common.error.BadRequest',
		message: `com.linkedin.content.common.exception.BadRequestResponseException: ${message}`,
		errorDetails: { inputErrors: [{ description, input: {}, code }] },
	});
}

/** Verbatim 2023-12, the same in reports of 2026. */
export function duplicatePost(res: Response, urn: string): void {
	contentError(
		res,
		422,
		`Content is a duplicate of ${urn}`,
		'DUPLICATE_POST',
		'Duplicate post is detected',
	);
}

export function tooManyRequests(res: Response): void {
	linkedinError(res, 429, TOO_MANY);
}

const TOO_MANY = {
	serviceErrorCode: 101,
	code: 'TOO_MANY_REQUESTS',
	message:
		'Resource level throttle APPLICATION_AND_MEMBER DAY limit for calls to this resource is reached.',
};

/** The body LinkedIn sends with a status nobody asked for. */
export function linkedinStatusBody(status: number, special: string | null): StatusAnswer {
	const bodies: Record<number, Record<string, unknown>> = {
		401: special === 'unauthorized' ? TOKEN_ERRORS.invalid : TOKEN_ERRORS.revoked,
		409: { message: 'Conflict occurred, please retry', code: 'CONFLICT' },
		429: TOO_MANY,
		500: { message: 'Internal Server Error' },
	};
	const body = bodies[status] ?? { message: 'The service is not available, please try again' };
	return { status, contentType: JSON_TYPE, headers: {}, body: { ...body, status } };
}
