import type { Request, Response } from 'express';
import type { z } from 'zod';
import { sendProblem } from './problem';

/** Answers the checked body of a request, or null after it sent a 400 that names the field. */
export function bodyOf<T>(request: Request, response: Response, schema: z.ZodType<T>): T | null {
	const parsed = schema.safeParse(request.body ?? {});
	if (parsed.success) return parsed.data;
	const [issue] = parsed.error.issues;
	const field = issue.path.join('.');
	sendProblem(response, 400, {
		code: 'input_invalid',
		message: issue.message,
		remedy: 'Correct it and try again. Nothing was changed.',
		...(field === '' ? {} : { field }),
	});
	return null;
}
