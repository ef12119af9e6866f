import { randomBytes } from 'node:crypto';
import type { Response } from 'express';
import type { StatusAnswer } from '../x/errors';

const JSON_TYPE = 'application/json; charset=UTF-8';

export interface GraphError {
	status: number;
	code: number;
	subcode?: number;
	message: string;
	type?: string;
	transient?: boolean;
	title?: string;
	userMessage?: string;
}

/** Meta's page "Instagram Platform, Error Codes", 2026-06-02, and Graph API error handling. */
export const GRAPH_ERRORS = {
	cannotParseToken: {
		status: 400,
		code: 190,
		message: 'Invalid OAuth access token - Cannot parse access token',
	},
	noToken: {
		status: 400,
		code: 2500,
		message: 'An active access token must be used to query information about the current user.',
	},
	notAuthorizedApp: {
		status: 401,
		code: 190,
		subcode: 458,
		message: 'Error validating access token: The user has not authorized application.',
	},
	checkpoint: {
		status: 400,
		code: 25,
		subcode: 2207050,
		message: 'The Instagram account is restricted.',
		title: 'Instagram account is restricted',
		userMessage: 'The Instagram professional account is inactive, checkpointed, or restricted.',
	},
	permission: {
		status: 403,
		code: 10,
		message: '(#10) Application does not have permission for this action',
	},
	imageTooLarge: {
		status: 400,
		code: 36000,
		subcode: 2207004,
		message: 'The image size is too large.',
		title: 'Image size too large',
		userMessage: 'The image is too large to download. It should be less than 8 MiB.',
	},
	imageFormat: {
		status: 400,
		code: 36001,
		subcode: 2207005,
		message: 'The image format is not supported.',
		title: 'Image format not supported',
		userMessage: 'The image format is not supported. The supported format is JPEG.',
	},
	aspectRatio: {
		status: 400,
		code: 36003,
		subcode: 2207009,
		message: 'The aspect ratio is not supported.',
		title: 'Invalid aspect ratio',
		userMessage:
			"The submitted image's aspect ratio must be within 4:5 and 1.91:1. Submit an image with a valid aspect ratio.",
	},
	captionTooLong: {
		status: 400,
		code: 36004,
		subcode: 2207010,
		message: 'The caption is too long.',
		title: 'Caption is too long',
		userMessage: 'The caption is too long. Up to 2200 characters, 30 hashtags and 20 mentions.',
	},
	carousel: {
		status: 400,
		code: -1,
		subcode: 2207028,
		message: 'The carousel cannot be created.',
		title: 'Carousel validation failed',
		userMessage: 'A carousel needs between 2 and 10 photos or videos.',
	},
	mediaType: {
		status: 400,
		code: 100,
		subcode: 2207023,
		message: 'Unknown media type.',
		title: 'Unknown media type',
		userMessage: 'The media type entered is not one of the expected media types.',
	},
	notReady: {
		status: 400,
		code: 9007,
		subcode: 2207027,
		message: 'Media ID is not available',
		title: 'The media is not ready for publishing',
		userMessage: 'The media is not ready for publishing, please wait for a moment',
	},
	mediaNotFound: {
		status: 400,
		code: 24,
		subcode: 2207006,
		message: 'The requested resource does not exist',
		title: 'Media not found',
		userMessage: 'The media with this ID cannot be found.',
	},
	mediaExpired: {
		status: 400,
		code: -2,
		subcode: 2207020,
		message: 'The media has expired.',
		title: 'Media expired',
		userMessage: 'The media you are trying to access has expired. Please try to upload again.',
	},
	createFailed: {
		status: 400,
		code: -1,
		subcode: 2207032,
		message: 'Create media fail, please try to re-create media',
		title: 'Media creation failed',
		userMessage: 'Create media fail, please try to re-create media',
	},
	dailyCap: {
		status: 400,
		code: 9,
		subcode: 2207042,
		message: 'Application request limit reached',
		title: 'Publishing limit reached',
		userMessage:
			'You reached maximum number of posts that is allowed to be published by Content Publishing API.',
	},
	throttled: { status: 400, code: 4, message: '(#4) Application request limit reached' },
} as const satisfies Record<string, GraphError>;

export function missingParameter(name: string): GraphError {
	return { status: 400, code: 100, message: `(#100) The parameter ${name} is required` };
}

export function invalidParameter(problem: string): GraphError {
	return { status: 400, code: 100, message: `(#100) ${problem}` };
}

/** Media that Meta could not fetch (field: gitroomhq/postiz-app #1900). */
export function fetchFailed(uri: string): GraphError {
	return {
		status: 400,
		code: 9004,
		subcode: 2207052,
		message: 'Only photo or video can be accepted as media type.',
		title: "Media download has failed. The media URI doesn't meet our requirements.",
		userMessage: `The media could not be fetched from this URI: ${uri}. Please check the limitations in the document.`,
	};
}

export function unknownObject(method: string, id: string): GraphError {
	return {
		status: 400,
		code: 100,
		subcode: 33,
		type: 'GraphMethodException',
		message: `Unsupported ${method.toLowerCase()} request. Object with ID '${id}' does not exist, cannot be loaded due to missing permissions, or does not support this operation. Please read the Graph API documentation at https://developers.facebook.com/docs/graph-api`,
	};
}

export function sessionExpired(expiredAt: number, nowMs: number): GraphError {
	const at = (time: number): string => new Date(time).toUTCString();
	return {
		status: 401,
		code: 190,
		subcode: 463,
		message: `Error validating access token: Session has expired on ${at(expiredAt)}. The current time is ${at(nowMs)}.`,
	};
}

export function graphErrorBody(error: GraphError): Record<string, unknown> {
	return {
		error: {
			message: error.message,
			type: error.type ?? 'OAuthException',
			code: error.code,
			...(error.subcode === undefined ? {} : { error_subcode: error.subcode }),
			is_transient: error.transient ?? false,
			...(error.title === undefined
				? {}
				: { error_user_title: error.title, error_user_msg: error.userMessage }),
			fbtrace_id: `A${randomBytes(16).toString('base64url')}`,
		},
	};
}

export function graphError(res: Response, error: GraphError): void {
	if (error.code === 190) {
		res.set('www-authenticate', 'OAuth "Facebook Platform" "invalid_token"');
	}
	res
		.status(error.status)
		.set('content-type', JSON_TYPE)
		.end(JSON.stringify(graphErrorBody(error)));
}

/** Sends a Graph answer. */
export function graphAnswer(res: Response, body: unknown): void {
	res.status(200).set('content-type', JSON_TYPE).end(JSON.stringify(body));
}

/** The body Meta sends with a status nobody asked for; throttling arrives as 400 there. */
export function instagramStatusBody(status: number, special: string | null): StatusAnswer {
	const answer = (error: GraphError): StatusAnswer => ({
		status: error.status,
		contentType: JSON_TYPE,
		headers: {},
		body: graphErrorBody(error),
	});
	if (status === 401 || special === 'unauthorized') {
		return answer({
			status: 401,
			code: 190,
			subcode: 467,
			message: 'Error validating access token: Invalid access token.',
		});
	}
	if (status === 429) return answer(GRAPH_ERRORS.throttled);
	return answer({
		status,
		code: 2,
		transient: true,
		message: 'An unexpected error has occurred. Please retry your request later.',
	});
}
