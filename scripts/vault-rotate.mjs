/**
 * `npm run vault:rotate`: seals every token anew with another key, while everything runs; see
 * docs/vault.md. Without SUPABASE_URL it is the embedded store of this copy and `.musekit/config.json`.
 */
import { fileURLToPath } from 'node:url';
import { underNode24 } from './setup.mjs';
import { passes } from './setup/check.mjs';
import { configFile, loadConfig } from './start/config.mjs';
import { readPorts } from './start/ports.mjs';

/** Store and keys of this copy, by environment: what stands in arguments shows in the list of processes. */
function ownPlace() {
	const config = loadConfig();
	return {
		SUPABASE_URL: `http://127.0.0.1:${readPorts().gateway}`,
		SUPABASE_SECRET_KEY: config.secretKey,
		MUSEKIT_VAULT_CONFIG: configFile,
	};
}

await underNode24(fileURLToPath(import.meta.url), async (node) => {
	const tsx = 'node_modules/tsx/dist/cli.mjs';
	const where = process.env.SUPABASE_URL
		? process.env.MUSEKIT_VAULT_KEY
			? {}
			: { MUSEKIT_VAULT_CONFIG: configFile }
		: ownPlace();
	const rotated = await passes(
		node,
		[tsx, 'scripts/vault-rotate.ts', ...process.argv.slice(2)],
		where,
	);
	return rotated ? 0 : 1;
});
