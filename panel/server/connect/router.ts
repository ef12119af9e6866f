import { Router } from 'express';
import type { Ports, StorePort } from '../../../core/ports';

export interface ConnectOptions {
	store: StorePort;
	ports: Ports;
	/** Hex or base64 key that seals the tokens of the accounts; absent where nothing may be connected. */
	vaultKey?: string;
	/** Origin under which browsers reach the panel; redirect URIs begin with it. */
	publicUrl: string;
	/** The sandbox's origin, where there is one. */
	sandboxUrl?: string;
}

/**
 * Routes of connecting. Mounted at the root, after sign-in, roles and CSRF: `response.locals.session`
 * is set below `/api` (see `../session`), JSON bodies are parsed.
 */
export function createConnectRouter(_options: ConnectOptions): Router {
	return Router();
}
