import { createServer } from 'node:net';
import { SetupError } from '../setup/places.mjs';

/**
 * Every port with the variable that moves it. All lie below those that systems give to outgoing
 * connections (from 32768 on Linux, 49152 elsewhere), which would take one now and then.
 */
const PORTS = {
	postgres: ['MUSEKIT_POSTGRES_PORT', 14400, "the store's database"],
	gateway: ['MUSEKIT_GATEWAY_PORT', 14401, "the store's gateway"],
	sandbox: ['MUSEKIT_SANDBOX_PORT', 14402, 'the sandbox'],
	panel: ['MUSEKIT_PANEL_PORT', 14403, 'the panel'],
	runner: ['MUSEKIT_RUNNER_PORT', 14404, 'the fallback runner'],
	n8n: ['MUSEKIT_N8N_PORT', 5678, 'n8n'],
	n8nBroker: ['MUSEKIT_N8N_BROKER_PORT', 5679, "n8n's task broker"],
	n8nPostgres: ['MUSEKIT_N8N_POSTGRES_PORT', 14409, "n8n's database"],
};

/** Port numbers by part, from the environment or the defaults. */
export function readPorts(environment = process.env) {
	const ports = {};
	const owners = new Map();
	for (const [part, [variable, standard]] of Object.entries(PORTS)) {
		const text = environment[variable] ?? String(standard);
		const port = Number(text);
		if (!/^\d+$/.test(text) || port < 1 || port > 65535) {
			throw new SetupError(`${variable}=${text} is not a port number (1 to 65535).`);
		}
		if (owners.has(port)) {
			throw new SetupError(
				`${variable} and ${owners.get(port)} are both ${port}. Give each part its own port.`,
			);
		}
		owners.set(port, variable);
		ports[part] = port;
	}
	return ports;
}

/** The variable that moves the port of a part. */
export function portVariable(part) {
	return PORTS[part][0];
}

function canListen(port, host) {
	return new Promise((resolve) => {
		const probe = createServer();
		probe.once('error', () => resolve(false));
		probe.listen({ port, host, exclusive: true }, () => probe.close(() => resolve(true)));
	});
}

/** Refuses with one sentence per taken port: what it is for and how to choose another. */
export async function checkPorts(ports, parts, host) {
	const taken = [];
	for (const part of parts) {
		const [variable, , what] = PORTS[part];
		if (await canListen(ports[part], host(part))) continue;
		taken.push(
			`Port ${ports[part]} for ${what} is taken by another program: stop it, or choose another port with ${variable}=<port> npm start.`,
		);
	}
	if (taken.length > 0) throw new SetupError(taken.join('\n'));
}
