import { instanceFolder, SetupError } from '../setup/places.mjs';
import {
	writePanelConfig,
	writeRunnerConfig,
	writeSandboxConfig,
	writeStoreConfig,
} from './config.mjs';
import { portVariable } from './ports.mjs';
import { answering, Part } from './parts.mjs';

const LOCAL = '127.0.0.1';

/** Where the store is and with which key: a Supabase project given by environment, or our own. */
export function chooseStore(config, ports) {
	const { SUPABASE_URL: url, SUPABASE_SECRET_KEY: key } = process.env;
	if (!url) {
		return { embedded: true, url: `http://${LOCAL}:${ports.gateway}`, key: config.secretKey };
	}
	if (!key) {
		throw new SetupError(
			'SUPABASE_URL is set, SUPABASE_SECRET_KEY is not. Set it to a secret key of that project (sb_secret_…), or unset SUPABASE_URL to run the embedded store.',
		);
	}
	return { embedded: false, url: url.replace(/\/+$/, ''), key };
}

/** The addresses that people use, by part. */
export function addressesOf(ports, store) {
	return {
		store: store.url,
		sandbox: `http://${LOCAL}:${ports.sandbox}`,
		panel: `http://${LOCAL}:${ports.panel}`,
		runner: `http://${LOCAL}:${ports.runner}`,
		n8n: `http://${LOCAL}:${ports.n8n}`,
	};
}

/** Ports that have to be free, with the address each is taken on. */
export function neededPorts({ embedded, withN8n }) {
	return [
		...(embedded ? ['postgres', 'gateway'] : []),
		'sandbox',
		'panel',
		'runner',
		...(withN8n ? ['n8n', 'n8nBroker', 'n8nPostgres'] : []),
	];
}

/** How each part is started and known to be ready. Stopped in the reverse order of this list. */
export function definitions({ node, config, ports, store, listen, withN8n, n8n, panel }) {
	const at = addressesOf(ports, store);
	const storeAccess = { MUSEKIT_STORE_URL: store.url, MUSEKIT_STORE_SECRET_KEY: store.key };
	return {
		store: () => ({
			part: new Part({
				name: 'store',
				node,
				script: 'supabase/embedded/main.ts',
				args: [writeStoreConfig(config, { ports, listen })],
				stopMs: 25_000,
			}),
			ready: answering(`${at.store}/rest/v1/`),
			limitMs: 120_000,
		}),
		sandbox: () => ({
			part: new Part({
				name: 'sandbox',
				node,
				script: 'sandbox/src/main.ts',
				args: [writeSandboxConfig({ ports })],
			}),
			ready: answering(`${at.sandbox}/_ledger`),
			limitMs: 60_000,
		}),
		panel: () => ({
			part: new Part({
				name: 'panel',
				node,
				script: 'panel/server/main.ts',
				args: [
					writePanelConfig(config, {
						ports,
						store,
						listen,
						webFolder: panel.webFolder,
						sandboxUrl: at.sandbox,
						withN8n,
					}),
				],
				onMessage: (message) => panel.hear(message),
			}),
			ready: answering(`${at.panel}/healthz`),
			limitMs: 60_000,
		}),
		runner: () => ({
			part: new Part({
				name: 'runner',
				node,
				script: 'fallback-runner/src/main.ts',
				args: [writeRunnerConfig(config, { ports, store, withN8n })],
				// It finishes or hands back what is under way within 20 s.
				stopMs: 25_000,
			}),
			ready: answering(`${at.runner}/health`),
			limitMs: 60_000,
		}),
		n8n: () => ({
			part: new Part({
				name: 'n8n',
				node,
				script: 'scripts/n8n/main.ts',
				env: {
					...storeAccess,
					MUSEKIT_INSTANCE: instanceFolder,
					MUSEKIT_PANEL_URL: at.panel,
					MUSEKIT_N8N: n8n.folder,
					MUSEKIT_PACK: n8n.tarball,
					[portVariable('n8n')]: String(ports.n8n),
					[portVariable('n8nBroker')]: String(ports.n8nBroker),
					[portVariable('n8nPostgres')]: String(ports.n8nPostgres),
				},
				stopMs: 40_000,
			}),
			ready: answering(`${at.n8n}/healthz/readiness`, ({ status }) => status === 200),
			limitMs: 600_000,
		}),
	};
}
