/** `npm run typecheck`: the node pack as it is shipped, then everything. */
import { fileURLToPath } from 'node:url';
import { underNode24 } from './setup.mjs';
import { passes, runChecks } from './setup/check.mjs';
import { Tally } from './setup/tally.mjs';

const tsc = 'node_modules/typescript/bin/tsc';

await underNode24(fileURLToPath(import.meta.url), async (node) => {
	const tally = new Tally();
	await runChecks(tally, [
		['types of the node pack', () => passes(node, [tsc, '-p', 'tsconfig.json', '--noEmit'])],
		['types of the companion', () => passes(node, [tsc, '-p', 'tsconfig.companion.json'])],
		["types of the panel's pages", () => passes(node, [tsc, '-p', 'panel/web/tsconfig.json'])],
	]);
	return tally.finish();
});
