import { readFileSync } from 'node:fs';

/** Where the running system is and what opens it. Holds secrets of a throw-away instance. */
export interface SystemAccess {
	n8n: { url: string; email: string; password: string; userFolder: string; logFile: string };
	/** Credential and templates as `npm start` imports them. */
	credentialId: string;
	templates: { publishDue: string; publishToAll: string };
	store: { url: string; secretKey: string; publishableKey: string; databaseUrl: string };
	vaultKey: string;
	sandboxUrl: string;
}

/** Names the file (mode 600) that holds a `SystemAccess`. */
export const ACCESS_VARIABLE = 'MUSEKIT_E2E_ACCESS';

/** The system that the slice's set-up started. */
export function systemAccess(): SystemAccess {
	const file = process.env[ACCESS_VARIABLE];
	if (!file) {
		throw new Error('No system is running: start these tests with "npm run test:e2e"');
	}
	return JSON.parse(readFileSync(file, 'utf8')) as SystemAccess;
}
