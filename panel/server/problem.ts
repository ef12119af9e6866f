import type { Response } from 'express';
import type { RpcAnswer } from '../../core/ports';
import type { ApiProblem } from '../shared/api';

/** Answers a request of the pages with a problem in people's words. */
export function sendProblem(response: Response, status: number, problem: ApiProblem): void {
	response.status(status).set('Cache-Control', 'no-store').json(problem);
}

type NoValue = Exclude<RpcAnswer<unknown>, { kind: 'ok' }>;

/** Answers a request of the pages with what kept the store from bringing a value. */
export function sendStoreProblem(response: Response, answer: NoValue): void {
	const { status, problem } = storeProblem(answer);
	sendProblem(response, status, problem);
}

/** The status and words for a store call that brought no value. Never holds a secret. */
export function storeProblem(answer: NoValue): {
	status: number;
	problem: ApiProblem;
} {
	if (answer.kind === 'unreachable') {
		return {
			status: 503,
			problem: {
				code: 'store_unreachable',
				message: `The store does not answer: ${answer.reason}. Nothing is lost.`,
				remedy: 'Start it (npm start), or look into .musekit/logs/store.log.',
			},
		};
	}
	const { status, code, message, hint } = answer.refusal;
	// The store refuses us, not the person: a 401 of the gateway must not look like "signed out".
	const ours = status === 401 || status === 403;
	return {
		status: ours ? 502 : status >= 400 && status < 600 ? status : 502,
		problem: {
			code,
			message,
			remedy: hint ?? 'Check the address and the secret key that the panel was started with.',
		},
	};
}
