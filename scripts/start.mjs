/**
 * `npm start`: sets everything up and runs it: store, sandbox, panel, n8n. Every part is a process
 * of its own with its log in `.musekit/logs`; Ctrl-C stops them in order.
 */
import { createHash } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { isIP } from 'node:net';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { buildPack, buildPanel, ensureN8n, instanceFolder, root, runScript } from './setup.mjs';
import { say, SetupError, step, underNode24, whenOrphaned, withLock } from './setup.mjs';
import { hasStrongKeys, isFirstStart, loadConfig } from './start/config.mjs';
import { checkPorts, readPorts } from './start/ports.mjs';
import { addressesOf, chooseStore, definitions, neededPorts } from './start/system.mjs';
import { summary, usage } from './start/words.mjs';

/** The panel asks the store right after it listens; later news are said when they come. */
const SETUP_WAIT_MS = 5_000;

function readArguments() {
	let values;
	try {
		({ values } = parseArgs({
			args: process.argv.slice(2),
			options: {
				'without-n8n': { type: 'boolean', default: false },
				listen: { type: 'string', default: '127.0.0.1' },
				help: { type: 'boolean', default: false },
			},
		}));
	} catch (error) {
		throw new SetupError(`${error.message}\n\n${usage}`);
	}
	const listen = values.listen === 'localhost' ? '127.0.0.1' : values.listen;
	if (!isIP(listen)) {
		throw new SetupError(
			`--listen ${listen}: give an IP address of this machine, or 0.0.0.0 for all of them.`,
		);
	}
	return { withN8n: !values['without-n8n'], listen, help: values.help };
}

/** Runs until a signal or the end of the process that started us. */
class System {
	running = [];
	#stopping = null;
	#firstSignalAt = 0;

	constructor() {
		this.stopped = new Promise((resolve) => {
			this.resolve = resolve;
		});
		for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => this.signal());
		process.once('disconnect', () => this.stop());
		process.channel?.unref();
		whenOrphaned(() => this.stop());
	}

	/** The terminal and npm both pass Ctrl-C on, so only a later one means "at once". */
	signal() {
		const now = Date.now();
		if (this.#firstSignalAt && now - this.#firstSignalAt > 1000) {
			say('Ending everything by force');
			for (const part of this.running) part.kill();
			process.exit(1);
		}
		this.#firstSignalAt ||= now;
		void this.stop();
	}

	get isStopping() {
		return this.#stopping !== null;
	}

	async start(define) {
		if (this.isStopping) return;
		const { part, ready, limitMs } = define();
		this.running.push(part);
		await part.start(ready, limitMs);
	}

	stop() {
		this.#stopping ??= this.#stop();
		return this.#stopping;
	}

	async #stop() {
		if (this.running.length > 0) say('Stopping …');
		for (const part of [...this.running].reverse()) await part.stop();
		say('Everything is stopped. The data stay.');
		this.resolve();
	}
}

/** What the panel tells over its channel: the address that makes its first admin, never in a log. */
class PanelNews {
	webFolder = '';
	#shown = false;
	#news = Promise.withResolvers();

	hear({ setupUrl }) {
		if (setupUrl === undefined) return;
		this.#news.resolve(setupUrl);
		// A panel that was started again has made a new address, and the one before is void.
		if (this.#shown && setupUrl) say(`Make the panel's first admin: ${setupUrl}`);
		this.current = setupUrl;
	}

	/** The address, or null when somebody is registered; it comes when the store has answered. */
	async setupUrl() {
		await Promise.race([this.#news.promise, sleep(SETUP_WAIT_MS, null, { ref: false })]);
		this.#shown = true;
		return this.current ?? null;
	}
}

/** Root's databases lie outside the clone, by its path: an earlier clone may have left some there. */
async function setAsideOlder(node) {
	if (process.getuid?.() !== 0 || !isFirstStart()) return;
	await runScript(node, 'set-aside-databases', {
		explain: 'The databases of an earlier clone at this path could not be set aside',
	});
}

async function seed(node, { store, at }) {
	await runScript(node, 'seed', {
		env: {
			MUSEKIT_INSTANCE: instanceFolder,
			MUSEKIT_STORE_URL: store.url,
			MUSEKIT_STORE_SECRET_KEY: store.key,
			MUSEKIT_SANDBOX_URL: store.embedded ? at.sandbox : '',
		},
		explain: 'The store could not be prepared',
	});
}

/** Makes the database of the runner's queue. */
async function prepareQueue(node, { config, ports }) {
	const password = encodeURIComponent(config.postgresPassword);
	await runScript(node, 'queue-database', {
		env: {
			MUSEKIT_OWNER_URL: `postgres://postgres:${password}@127.0.0.1:${ports.postgres}/postgres`,
			MUSEKIT_QUEUE_PASSWORD: config.runner.queuePassword,
		},
		explain: "The database of the runner's queue could not be prepared",
	});
}

async function runEverything(node, { withN8n, listen }) {
	const ports = readPorts();
	await setAsideOlder(node);
	const config = loadConfig();
	const store = chooseStore(config, ports);
	if (listen !== '127.0.0.1' && !hasStrongKeys(config)) {
		throw new SetupError(
			'--listen is refused: the keys in .musekit/config.json are not the generated ones. Remove secretKey, publishableKey and jwtSecret from that file, and the next start generates new ones.',
		);
	}
	const opened = new Set(['gateway', 'panel']);
	await checkPorts(ports, neededPorts({ embedded: store.embedded, withN8n }), (part) =>
		opened.has(part) ? listen : '127.0.0.1',
	);
	const at = addressesOf(ports, store);
	const n8n = { folder: '', tarball: '' };
	const panel = new PanelNews();
	const parts = definitions({ node, config, ports, store, listen, withN8n, n8n, panel });
	const system = new System();
	const begin = async (title, address, define) => {
		if (system.isStopping) return;
		await system.start(define);
		if (!system.isStopping) say(`${title} is ready: ${address}`);
	};
	try {
		await Promise.all([
			store.embedded ? begin('Store', at.store, parts.store) : null,
			begin('Sandbox', at.sandbox, parts.sandbox),
		]);
		if (!system.isStopping) await seed(node, { store, at });
		if (!system.isStopping) panel.webFolder = await buildPanel(node);
		await begin('Panel', at.panel, parts.panel);
		if (store.embedded && !system.isStopping) await prepareQueue(node, { config, ports });
		await begin('Runner', at.runner, parts.runner);
		if (withN8n && !system.isStopping) {
			n8n.tarball = (await buildPack(node)).tarball;
			n8n.folder = await ensureN8n(node);
			if (!system.isStopping) {
				await step('Starting n8n (the first time it sets up its database)', () =>
					system.start(parts.n8n),
				);
			}
		}
		if (!system.isStopping) {
			const setupUrl = await panel.setupUrl();
			process.stdout.write(`${summary({ at, store, withN8n, listen, config, setupUrl })}\n`);
		}
	} catch (error) {
		if (!system.isStopping) {
			process.stderr.write(`\n${error instanceof SetupError ? error.message : error.stack}\n\n`);
			await system.stop();
			return 1;
		}
	}
	await system.stopped;
	return 0;
}

await underNode24(fileURLToPath(import.meta.url), async (node) => {
	const options = readArguments();
	if (options.help) {
		process.stdout.write(usage);
		return 0;
	}
	const id = createHash('sha256').update(root).digest('hex').slice(0, 12);
	return await withLock(
		`start-${id}`,
		() => runEverything(node, options),
		(pid) =>
			new SetupError(
				`This copy is already running (process ${pid}): its addresses are in the window where it was started. Stop it with Ctrl-C there, or "kill ${pid}".`,
			),
	);
});
