import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { accountInput, seedAccount } from './accounts';
import { startSandbox } from './server';

/** File named as the first argument; every part is optional. */
const mainConfig = z.strictObject({
	port: z.number().int().min(0).max(65535).optional(),
	host: z.string().optional(),
	publicUrl: z.url().optional(),
	dataFile: z.string().optional(),
	fetchHosts: z.array(z.string()).optional(),
	/** Accounts that exist from the start; tokens are made by `POST /_accounts`. */
	accounts: z.array(accountInput).default([]),
	/** Ends when stdin closes, so that the sandbox never outlives the process that started it. */
	exitWithStdin: z.boolean().default(false),
});

const DEFAULT_PORT = 14402;

async function main(): Promise<void> {
	const file = process.argv[2];
	const config = mainConfig.parse(file === undefined ? {} : JSON.parse(readFileSync(file, 'utf8')));
	const fromEnvironment = process.env.MUSEKIT_SANDBOX_PORT;
	const port = config.port ?? (fromEnvironment ? Number(fromEnvironment) : DEFAULT_PORT);
	const sandbox = await startSandbox({ ...config, port });
	for (const account of config.accounts) {
		if (!sandbox.state.findAccount(account.platform, account.handle)) {
			seedAccount(sandbox.state, account);
		}
	}
	const stop = (): void => {
		void sandbox.stop().then(() => process.exit(0));
	};
	process.once('SIGTERM', stop);
	process.once('SIGINT', stop);
	if (config.exitWithStdin) process.stdin.on('end', stop).on('error', stop).resume();
	process.stdout.write(
		`${JSON.stringify({ ready: true, url: sandbox.url, port: sandbox.port })}\n`,
	);
}

main().catch((error: unknown) => {
	const taken = (error as { code?: unknown }).code === 'EADDRINUSE';
	const reason = taken
		? 'The port is taken. Set MUSEKIT_SANDBOX_PORT to a free one.'
		: error instanceof Error
			? error.message
			: 'unknown';
	process.stderr.write(`The sandbox could not start: ${reason}\n`);
	process.exit(1);
});
