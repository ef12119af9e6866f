import type { NextFunction, Request, RequestHandler, Response } from 'express';
import { z } from 'zod';
import { sendProblem } from '../problem';
import { Refused } from './context';

/** A route whose refusals and malformed input become `ApiProblem` answers; what else fails goes on. */
export function handled(
	route: (request: Request, response: Response) => Promise<void>,
): RequestHandler {
	return async (request: Request, response: Response, next: NextFunction) => {
		try {
			await route(request, response);
		} catch (error) {
			if (error instanceof Refused) sendProblem(response, error.status, error.problem);
			else if (error instanceof z.ZodError) sendProblem(response, 400, inputProblem(error));
			else next(error);
		}
	};
}

function inputProblem(error: z.ZodError) {
	const [issue] = error.issues;
	const field = issue.path.join('.');
	return {
		code: 'input_invalid',
		message: `${field === '' ? 'The request' : field}: ${issue.message}. Nothing was changed.`,
		remedy: 'Correct it and send it again.',
		...(field === '' ? {} : { field }),
	};
}
