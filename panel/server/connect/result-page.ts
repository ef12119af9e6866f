import type { Response } from 'express';
import type { ApiProblem } from '../../shared/api';
import { sendMessage } from '../message-page';

/** The page a consent ends on when nothing was connected; `back` leads where it began. */
export function sendConsentProblem(
	response: Response,
	status: number,
	problem: ApiProblem,
	back: { href: string; label: string } | null,
): void {
	const lines = [problem.message, problem.remedy];
	sendMessage(response, status, { title: 'Not connected', lines, link: back });
}

/** What a client sees who came by a link and is done. */
export function sendConnected(response: Response, names: string[]): void {
	const lines = [
		`${names.join(', ')} is connected. You can close this page.`,
		'You can take the access back at any time in the account’s settings at the platform.',
	];
	sendMessage(response, 200, { title: 'Connected', lines, link: null });
}
