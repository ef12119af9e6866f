import { z } from 'zod';
import { PASSWORD_MAX, PASSWORD_MIN } from './passwords';

/** A password that is chosen now; one that is only compared may have any length up to the limit. */
export const newPassword = z
	.string('Enter a password.')
	.min(PASSWORD_MIN, `A password has at least ${PASSWORD_MIN} characters. A sentence is fine.`)
	.max(PASSWORD_MAX, `A password has at most ${PASSWORD_MAX} characters.`);

export const anyPassword = z
	.string('Enter your password.')
	.min(1, 'Enter your password.')
	.max(PASSWORD_MAX, `A password has at most ${PASSWORD_MAX} characters.`);

export const personName = z
	.string('Enter a name.')
	.trim()
	.min(1, 'Enter a name.')
	.max(200, 'A name has at most 200 characters.');

export const role = z.enum(['admin', 'viewer'], 'Choose admin or viewer.');
