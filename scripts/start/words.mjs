import path from 'node:path';
import { root } from '../setup/places.mjs';
import { configFile } from './config.mjs';
import { portVariable } from './ports.mjs';

const shortPath = (place) => path.relative(process.cwd(), place) || place;

/** A table of equally wide columns. */
export function table(rows) {
	const widths = rows[0].map((_, column) => Math.max(...rows.map((row) => row[column].length)));
	return rows
		.map((row) =>
			`  ${row.map((cell, column) => cell.padEnd(widths[column])).join('  ')}`.trimEnd(),
		)
		.join('\n');
}

/** What `npm start` says when everything runs. */
export function summary({ at, store, withN8n, listen, config, setupUrl }) {
	const rows = [
		['Part', 'Address', 'Note'],
		[
			'Store',
			at.store,
			store.embedded ? 'embedded Postgres behind a gateway' : 'your Supabase project',
		],
		['Sandbox', at.sandbox, 'stand-ins of X, LinkedIn and Instagram, with a timeline per account'],
		['Panel', at.panel, 'accounts, posts, people'],
		['Runner', at.runner, 'publishes what is due while n8n is down (/health, /metrics, /queues)'],
	];
	if (withN8n) rows.push(['n8n', at.n8n, 'pack, credential and both templates are in place']);
	const lines = ['', table(rows), ''];
	if (setupUrl) {
		lines.push("  Make the panel's first admin (once, within 24 hours):", `    ${setupUrl}`, '');
	}
	if (withN8n) {
		lines.push(
			'  Sign in to n8n (it listens on this machine only):',
			`    e-mail    ${config.n8n.ownerEmail}`,
			`    password  ${config.n8n.ownerPassword}`,
			'',
		);
	} else {
		lines.push(ownN8n({ at, store }), '');
	}
	lines.push(
		`  Keys and passwords: ${shortPath(configFile)} (readable by you only). Logs: ${shortPath(path.join(root, '.musekit', 'logs'))}`,
		listen === '127.0.0.1'
			? '  Everything listens on 127.0.0.1 only.'
			: `  Gateway and panel listen on ${listen}. Browsers keep the panel's sign-in only over https or on this machine: put a TLS proxy in front and set MUSEKIT_PANEL_URL.`,
		'  Ctrl-C stops everything; the data stay. "npm run reset" deletes them.',
		'',
	);
	return lines.join('\n');
}

/** How people connect an n8n that they run themselves. */
function ownN8n({ at, store }) {
	const gateway = new URL(at.store);
	const key = store.embedded
		? `secretKey in ${shortPath(configFile)}`
		: 'the secret key of your Supabase project';
	return [
		'  Connect your own n8n: install n8n-nodes-musekit-social there and make a credential "MuseKit Social API":',
		`    Project URL  ${at.store}`,
		`    Secret Key   ${key}`,
		`    Vault Key    vaultKey in ${shortPath(configFile)}`,
		...(store.embedded
			? [
					`    n8n in a container: use http://host.docker.internal:${gateway.port} as Project URL, start here with`,
					'      npm start -- --without-n8n --listen 0.0.0.0 (or the address of the Docker bridge), and on Linux start',
					'      the container with --add-host=host.docker.internal:host-gateway.',
					"    n8n with SSRF protection on: add that host to n8n's allow-list (N8N_SSRF_ALLOWED_HOSTNAMES).",
				]
			: []),
		'    n8n 3: set N8N_UNVERIFIED_PACKAGES_ENABLED=true, or it does not load packs that n8n has not verified.',
	].join('\n');
}

export const usage = `npm start [-- options]

  --without-n8n        leave n8n out and print how to connect your own
  --listen <address>   open gateway and panel beyond this machine (default 127.0.0.1)
  --help               this text

  Ports: ${['postgres', 'gateway', 'sandbox', 'panel', 'runner', 'n8n', 'n8nBroker', 'n8nPostgres'].map(portVariable).join(', ')}
  A Supabase project instead of the embedded store: SUPABASE_URL and SUPABASE_SECRET_KEY
  Cache: MUSEKIT_CACHE
`;
