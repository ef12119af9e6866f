import { z } from 'zod';

const mode = z.enum(['live', 'sandbox']);
const owner = z.string().min(1).max(200);
const connector = z.string().min(1).max(40);
const accountId = z.uuid().optional();

export const startRequest = z.object({ connector, mode, owner, accountId });

/** What a form for an app password sends; the password is passed on once and kept nowhere. */
export const appPasswordFields = z.object({
	identifier: z.string().min(1).max(300),
	password: z.string().min(1).max(300),
	server: z.string().max(300).optional(),
});

export const appPasswordRequest = appPasswordFields.extend({ connector, mode, owner, accountId });

export const linkRequest = z.object({
	connector,
	mode,
	owner,
	expiresInHours: z.number().min(0.02).max(720).optional(),
});

export const choice = z.object({ remoteIds: z.array(z.string().min(1).max(500)).min(1).max(50) });

export const appRequest = z.object({
	clientId: z.string().trim().min(1).max(500),
	clientSecret: z.string().min(1).max(1000).optional(),
});

export const modeQuery = z.object({ mode: mode.default('live') });
export const flowParam = z.object({ flow: z.uuid() });
