/** `npm run reset`: deletes the data, keys and logs of this copy. The cache and the code stay. */
import { createHash } from 'node:crypto';
import { rmSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { instanceFolder, root, runScript, say } from './setup.mjs';
import { SetupError, underNode24, withLock } from './setup.mjs';

await underNode24(fileURLToPath(import.meta.url), async (node) => {
	const id = createHash('sha256').update(root).digest('hex').slice(0, 12);
	return await withLock(
		`start-${id}`,
		async () => {
			// First what n8n's part remembers of its database: half a reset must not leave it believing
			// that the templates are still there.
			rmSync(path.join(instanceFolder, 'n8n'), { recursive: true, force: true, maxRetries: 5 });
			await runScript(node, 'reset-databases', {
				explain: 'The databases could not be removed',
			});
			rmSync(instanceFolder, { recursive: true, force: true, maxRetries: 5 });
			say('Data, keys and logs of this copy are deleted. The next start begins anew.');
			return 0;
		},
		(pid) => new SetupError(`This copy is running (process ${pid}). Stop it first, then reset it.`),
	);
});
