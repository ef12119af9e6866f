import { spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { ACCESS_VARIABLE } from './access';

/** Time that n8n's graceful stop and two database shutdowns may take together. */
const STOP_LIMIT_MS = 60_000;

/**
 * Starts store, sandbox and a real n8n on free ports in a process of their own, and tells this
 * process and its children by environment where they are.
 * @returns stops all of it and deletes its data
 * @throws Error when a part does not start; what it said is on stderr then
 */
export async function startSystem(): Promise<() => Promise<void>> {
	// jest sets NODE_ENV=test, with which n8n writes no log and refuses to start.
	const env = { ...process.env };
	delete env.NODE_ENV;
	const child = spawn(process.execPath, ['--import', 'tsx', path.join(__dirname, 'main.ts')], {
		cwd: path.resolve(__dirname, '../../..'),
		env,
		stdio: ['pipe', 'pipe', 'inherit'],
	});
	const ended = once(child, 'exit');
	const line = await Promise.race([
		once(createInterface({ input: child.stdout }), 'line').then(([text]) => text as string),
		ended.then(() => null),
	]);
	if (line === null) throw new Error('The system under test did not start; see above');
	process.env[ACCESS_VARIABLE] = (JSON.parse(line) as { access: string }).access;
	return async () => {
		child.stdin.end();
		const limit = setTimeout(() => child.kill('SIGKILL'), STOP_LIMIT_MS);
		await ended;
		clearTimeout(limit);
	};
}
