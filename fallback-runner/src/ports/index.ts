import type { Ports } from '../../../core/ports';
import { createClockPort } from './clock';
import { createCryptoPort } from './crypto';
import { createHttpPort, type HttpOptions } from './http';
import { createLogger, createLogPort } from './log';
import { createStorePort, type StoreOptions } from './store';

export interface PortsConfig {
	store: StoreOptions;
	http?: HttpOptions;
	/** Name and level of the log; JSON lines on stdout. */
	log?: { name?: string; level?: string };
}

/** Real ports for a process of the companion: undici, supabase-js, node:crypto, pino. */
export function createPorts(config: PortsConfig): Ports {
	return {
		http: createHttpPort(config.http),
		store: createStorePort(config.store),
		clock: createClockPort(),
		crypto: createCryptoPort(),
		log: createLogPort(createLogger(config.log?.name ?? 'musekit-social', config.log?.level)),
	};
}
