/**
 * The panel as a process. Environment: `MUSEKIT_STORE_URL`, `MUSEKIT_STORE_SECRET_KEY`,
 * `MUSEKIT_PANEL_PORT` (54403), `MUSEKIT_PANEL_LISTEN` (127.0.0.1), `MUSEKIT_PANEL_HOSTS` (further names,
 * comma-separated). Ends in order on SIGTERM.
 */
import { createServer } from 'node:http';
import pino from 'pino';
import { z } from 'zod';
import { createStorePort } from '../../fallback-runner/src/ports/store';
import { createPanel } from './app';

const environment = z.object({
	MUSEKIT_STORE_URL: z.url(),
	MUSEKIT_STORE_SECRET_KEY: z.string().min(1),
	MUSEKIT_PANEL_PORT: z.coerce.number().int().min(0).max(65535).default(54403),
	MUSEKIT_PANEL_LISTEN: z.string().default('127.0.0.1'),
	MUSEKIT_PANEL_HOSTS: z.string().default(''),
});

/** A page asks three short questions; people rather see "does not answer" than wait. */
const STORE_LIMIT_MS = 6_000;

function main(): void {
	const log = pino({ name: 'panel' });
	const parsed = environment.safeParse(process.env);
	if (!parsed.success) {
		const names = parsed.error.issues.map((issue) => issue.path.join('.')).join(', ');
		log.fatal(`The panel cannot start: ${names} is missing or wrong. npm start sets it.`);
		process.exitCode = 2;
		return;
	}
	const settings = parsed.data;
	const app = createPanel({
		store: createStorePort({
			url: settings.MUSEKIT_STORE_URL,
			key: settings.MUSEKIT_STORE_SECRET_KEY,
			limitMs: STORE_LIMIT_MS,
		}),
		hosts: settings.MUSEKIT_PANEL_HOSTS.split(',').filter(Boolean),
		onError: (error) => log.error({ err: error }, 'a request failed'),
	});
	const server = createServer({ requestTimeout: 30_000, headersTimeout: 10_000 }, app);
	server.on('error', (error: NodeJS.ErrnoException) => {
		log.fatal(
			error.code === 'EADDRINUSE'
				? `Port ${settings.MUSEKIT_PANEL_PORT} is taken: choose another one with MUSEKIT_PANEL_PORT.`
				: `The panel cannot listen: ${error.message}`,
		);
		process.exit(1);
	});
	server.listen(settings.MUSEKIT_PANEL_PORT, settings.MUSEKIT_PANEL_LISTEN, () => {
		log.info({ address: server.address() }, 'the panel listens');
	});
	for (const signal of ['SIGTERM', 'SIGINT'] as const) {
		process.once(signal, () => {
			server.close(() => process.exit(0));
			server.closeIdleConnections();
			setTimeout(() => process.exit(0), 3000).unref();
		});
	}
}

main();
