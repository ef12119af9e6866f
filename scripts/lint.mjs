/** `npm run lint`: n8n's strict rules and our own, formatting, types. */
import { fileURLToPath } from 'node:url';
import { underNode24 } from './setup.mjs';
import { passes, runChecks } from './setup/check.mjs';
import { Tally } from './setup/tally.mjs';

const bin = 'node_modules';

await underNode24(fileURLToPath(import.meta.url), async (node) => {
	const tally = new Tally();
	await runChecks(tally, [
		[
			// The flag makes ESLint use the config nearest to each file, so that the workspaces have
			// their own while the root keeps n8n's, byte for byte, as strict mode demands.
			'n8n-node lint (strict), with the workspaces under their own rules',
			() =>
				passes(node, [`${bin}/@n8n/node-cli/bin/n8n-node.mjs`, 'lint'], {
					ESLINT_FLAGS: 'v10_config_lookup_from_file',
				}),
		],
		['formatting', () => passes(node, [`${bin}/prettier/bin/prettier.cjs`, '--check', '.'])],
		[
			'types of the node pack',
			() => passes(node, [`${bin}/typescript/bin/tsc`, '-p', 'tsconfig.json', '--noEmit']),
		],
		[
			'types of the companion',
			() => passes(node, [`${bin}/typescript/bin/tsc`, '-p', 'tsconfig.companion.json']),
		],
		[
			"types of the panel's pages",
			() => passes(node, [`${bin}/typescript/bin/tsc`, '-p', 'panel/web/tsconfig.json']),
		],
	]);
	return tally.finish();
});
