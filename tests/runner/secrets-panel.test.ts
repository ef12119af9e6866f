import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { createPanel } from '../../panel/server/app';
import type { ConnectLinkAnswer } from '../../panel/shared/api';
import { Browser } from '../connect/browser';
import { World } from '../connect/world';
import { Browser as PanelBrowser, startPanel } from '../panel/world';
import { entry, options } from '../store/fixtures';
import { databaseText, findLeaks, type Searched } from '../secrets/search';
import { Client } from 'pg';

jest.setTimeout(240_000);

const LIVE_SECRET = 'marked-live-app-secret-0123456789';
const OLD_SECRET = 'marked-replaced-app-secret-0123456789';
const WRONG_SECRET = 'marked-wrong-app-secret-0123456789';
const APP_PASSWORD = 'mark-edap-pass-word';
const PASSWORD = 'a marked sentence as password';
const SESSION = /__Host-musekit=([\w-]{43})/g;

let world: World;
const browsers: Browser[] = [];

beforeAll(async () => {
	world = await World.start();
	browsers.push(world.admin);
});
afterAll(async () => await world?.stop());

function newBrowser(): Browser {
	const browser = new Browser(world.origin);
	browsers.push(browser);
	return browser;
}

interface Layer {
	route?: { path: string | string[]; methods: Record<string, boolean> };
	handle?: { stack?: Layer[] };
}

/** Every GET route below /api and /connect that the panel has, as Express knows them. */
function getRoutes(): string[] {
	const app = createPanel({
		store: world.ports.store,
		ports: world.ports,
		vaultKey: world.keyText,
		publicUrl: world.origin,
	});
	const found = (stack: Layer[]): string[] =>
		stack.flatMap(({ route, handle }) => [
			...(route?.methods.get ? [route.path].flat() : []),
			...(handle?.stack ? found(handle.stack) : []),
		]);
	const all = found((app as unknown as { router: { stack: Layer[] } }).router.stack);
	return [...new Set(all)].filter((route) => /^\/(api|connect)\//.test(route)).sort();
}

/** What was answered; the browser's own cookie is where a session may stand. */
function answers(): Searched[] {
	return browsers.flatMap(({ seen }, who) =>
		seen.map((text, at) => ({
			name: `answer ${at} of browser ${who}`,
			text: text.replace(/^set-cookie: .*$/gm, (line) => line.replace(SESSION, '')),
		})),
	);
}

/** The database's files as they lie on the disk, with rows that were replaced or deleted. */
async function rawFiles(): Promise<Searched[]> {
	await world.database.query('checkpoint');
	const { rows } = await world.database.query<{ data_directory: string }>('show data_directory');
	const folder = rows[0].data_directory;
	return ['base', 'pg_wal'].flatMap((part) =>
		readdirSync(path.join(folder, part), { recursive: true, withFileTypes: true })
			.filter((file) => file.isFile())
			.map((file) => {
				const place = path.join(file.parentPath, file.name);
				return { name: path.relative(folder, place), text: readFileSync(place, 'latin1') };
			}),
	);
}

function secrets(): Record<string, string> {
	const found: Record<string, string> = {
		'vault key': world.keyText,
		'live app secret': LIVE_SECRET,
		'replaced app secret': OLD_SECRET,
		'wrong app secret': WRONG_SECRET,
		'app password': APP_PASSWORD,
		password: PASSWORD,
		'first password': 'correct horse battery staple',
	};
	world.secrets().forEach((value, at) => (found[`token, code or secret ${at}`] = value));
	const cookies = browsers.flatMap(({ seen }) => [...seen.join('\n').matchAll(SESSION)]);
	new Set(cookies.map(([, value]) => value)).forEach((value) => {
		found[`session ${Object.keys(found).length}`] = value;
	});
	return found;
}

async function saveApp(connector: string, mode: string, clientId: string, clientSecret?: string) {
	const app = `/api/connectors/${connector}/app?mode=${mode}`;
	const body = { clientId, ...(clientSecret === undefined ? {} : { clientSecret }) };
	return await world.admin.send(app, { method: 'PUT', body });
}

/** Signs in as a person of the panel. */
async function person(name: string, role: string): Promise<Browser> {
	await world.admin.post('/api/users', { name, password: PASSWORD, role });
	const browser = newBrowser();
	await browser.post('/api/sign-in', { name, password: 'not the password at all' });
	await browser.post('/api/sign-in', { name, password: PASSWORD });
	await browser.learnCsrf();
	return browser;
}

test('no answer of the panel, no row and no file of the database holds a secret', async () => {
	const { admin, sandbox } = world;
	// Developer apps: saved, kept without a secret, replaced, wrong, checked, removed.
	for (const secret of [OLD_SECRET, LIVE_SECRET]) {
		for (const id of ['x', 'linkedin', 'instagram', 'instagram-facebook']) {
			expect((await saveApp(id, 'live', `marked-${id}`, secret)).status).toBe(200);
		}
	}
	await saveApp('x', 'live', 'marked-x');
	await saveApp('x', 'sandbox', 'sandbox-x-app', WRONG_SECRET);
	await admin.post('/api/connectors/x/check?mode=sandbox');
	await world.connect('x', { handle: 'refused' });
	await saveApp('x', 'sandbox', 'sandbox-x-app', 'sandbox-x-app-secret');
	await admin.post('/api/connectors/x/check?mode=sandbox');
	await admin.send('/api/connectors/linkedin/app?mode=live', { method: 'DELETE' });
	await saveApp('x', 'live', '', LIVE_SECRET);
	await admin.send('/api/connectors/x/app?mode=live', {
		method: 'PUT',
		body: { clientId: { secret: LIVE_SECRET }, clientSecret: LIVE_SECRET },
	});

	// Sign-ins: well, denied, replayed, with answers of the platform that are wrong in every way.
	const account = await world.connected(await world.connect('x', { handle: 'ada' }));
	await world.connect('linkedin', { handle: 'grace' });
	await world.connect('instagram', { handle: 'frida' });
	await world.connect('instagram-facebook', { handle: 'georgia' });
	await world.connect('x', { handle: 'ada', deny: true });
	const back = await world.decide(await world.begin('x'), { handle: 'replayed' });
	for (let time = 0; time < 2; time++) await admin.get(`${back.pathname}${back.search}`);
	for (const step of ['oauth.token', 'users.me', undefined]) {
		for (const fault of [
			{ kind: 'status', status: 400 },
			{ kind: 'status', status: 500 },
			{ kind: 'truncate' },
			{ kind: 'drop_after_commit' },
			{ kind: 'content_type' },
		] as const) {
			const page = await world.decide(await world.begin('x'), { handle: 'shaken' });
			await sandbox.fault({ ...fault, count: 1, ...(step === undefined ? {} : { step }) });
			await admin.get(`${page.pathname}${page.search}`);
			sandbox.faults.remove();
		}
	}
	const page = await sandbox.seed({ platform: 'linkedin', handle: 'acme', kind: 'organization' });
	const second = await sandbox.seed({ platform: 'linkedin', handle: 'beta', kind: 'organization' });
	const holder = sandbox.state.findAccount('linkedin', 'acme-admin')?.id ?? '';
	const beta = sandbox.state.account('linkedin', second.accountId);
	sandbox.state.saveAccount({ ...beta, admins: [holder] });
	const choice = await world.connect('linkedin-pages', { account: holder });
	const flow = /connect\/([0-9a-f-]{36})$/.exec(choice.location ?? '')?.[1] ?? '';
	expect(flow).not.toBe('');

	// An app password for a server that is not there, and one that is none of Bluesky's.
	for (const server of ['http://127.0.0.1:9', sandbox.url, 'nonsense']) {
		await admin.post('/api/connect/app-password', {
			...{ connector: 'bluesky', mode: 'sandbox', owner: 'default' },
			...{ identifier: 'ada.test', password: APP_PASSWORD, server },
		});
	}

	// A client's link.
	const made = await admin.post('/api/connect-links', {
		...{ connector: 'x', mode: 'sandbox', owner: 'default' },
	});
	const token = made.json<ConnectLinkAnswer>().url.split('/l/')[1];
	const client = newBrowser();
	await client.post(`/api/connect-links/${token}/start`);

	for (const act of ['validate', 'refresh']) {
		expect((await admin.post(`/api/accounts/${account.id}/${act}`)).status).toBe(200);
	}
	await sandbox.fault({ kind: 'status', status: 400, count: 4 });
	for (const act of ['validate', 'refresh']) await admin.post(`/api/accounts/${account.id}/${act}`);
	sandbox.faults.remove();

	// People.
	const viewer = await person('vera', 'viewer');
	const other = await person('otto', 'admin');
	await viewer.post('/api/password', { current: PASSWORD, password: 'short' });
	await admin.post('/api/setup', { token: 'x'.repeat(43), name: 'eve', password: PASSWORD });

	const created = await world.store.call('social_create', {
		p_options: options(),
		p_entries: [entry(account.id)],
	});
	const post = created.kind === 'ok' ? created.value.entries[0]?.post : undefined;
	if (post === undefined) throw new Error(JSON.stringify(created));
	for (const action of ['cancel', 'retry']) await admin.post(`/api/posts/${post.id}/${action}`);

	// Every GET route there is, asked by everybody. One that is not in this list fails the test.
	const asked: Record<string, string[]> = {
		'/api/session': ['/api/session'],
		'/api/users': ['/api/users'],
		'/api/posts': ['/api/posts', '/api/posts?state=nonsense', '/api/posts?search=post'],
		'/api/posts/:id': [`/api/posts/${post.id}`, '/api/posts/nonsense'],
		'/api/posts/:id/edit': [`/api/posts/${post.id}/edit`],
		'/api/compose': ['/api/compose', '/api/compose?owner=nobody'],
		'/api/compose/posts': ['/api/compose/posts'],
		'/api/media/:hash': [`/api/media/${'0'.repeat(64)}`],
		'/api/overview': ['/api/overview', '/api/overview?owner=default'],
		'/api/kpis': ['/api/kpis'],
		'/api/kpis.csv': ['/api/kpis.csv'],
		'/api/notifications': ['/api/notifications'],
		'/api/events': ['/api/events'],
		'/api/features': ['/api/features'],
		'/api/features/:toggle/checks': ['/api/features/module/checks', '/api/features/x/checks'],
		'/api/features/:toggle/reach': ['/api/features/module/reach'],
		'/api/status': ['/api/status'],
		'/api/ability': ['/api/ability'],
		'/api/settings': ['/api/settings'],
		'/api/owners': ['/api/owners'],
		'/api/keys': ['/api/keys'],
		'/api/wizard': ['/api/wizard'],
		'/api/calendar': ['/api/calendar?from=2026-01-01&days=40&zone=UTC', '/api/calendar'],
		'/api/accounts': ['/api/accounts', '/api/accounts?search=a'],
		'/api/connectors': ['/api/connectors'],
		'/api/connect/:flow': [`/api/connect/${flow}`, '/api/connect/nonsense'],
		'/api/connect-links/:token': [`/api/connect-links/${token}`],
		'/api/connect-links/:token/flow/:flow': [`/api/connect-links/${token}/flow/${flow}`],
		'/connect/callback/:connector': ['/connect/callback/x?code=1&state=2', '/connect/callback/no'],
	};
	expect(getRoutes()).toEqual(Object.keys(asked).sort());
	for (const browser of [admin, other, viewer, client, newBrowser()]) {
		for (const place of Object.values(asked).flat()) await browser.get(place);
	}
	await admin.post(`/api/connect/${flow}`, { remoteIds: [page.accountId] });
	await admin.post(`/api/accounts/${account.id}/disconnect`);
	await viewer.post('/api/sign-out-everywhere');

	const marked = secrets();
	expect(Object.keys(marked).filter((name) => name.startsWith('token')).length).toBeGreaterThan(15);
	expect(Object.keys(marked).filter((name) => name.startsWith('session')).length).toBeGreaterThan(
		2,
	);
	const places = [
		...answers(),
		...(await databaseText(world.database)),
		{ name: 'tables and logs', text: await world.dump() },
	];
	expect(findLeaks({ control: account.remoteId }, answers())).not.toEqual([]);
	expect(findLeaks(marked, places)).toEqual([]);

	const files = await rawFiles();
	const inFiles = (value: string) =>
		files.filter(({ text }) => text.includes(value)).map(({ name }) => name);
	expect(inFiles(account.remoteId)).not.toEqual([]);
	const leaks = Object.entries(marked).flatMap(([name, value]) =>
		inFiles(value).map((place) => `${name} in ${place}`),
	);
	expect(leaks).toEqual([]);
});

test('the set-up token stands in its own link only', async () => {
	const panel = await startPanel();
	const database = new Client({ connectionString: panel.store.databaseUrl });
	try {
		await database.connect();
		const address = (await panel.setupUrl()) ?? '';
		const token = address.split('token=')[1];
		const browser = new PanelBrowser(panel.url);
		const seen = [
			await browser.send('GET', '/api/session'),
			await browser.setUp(address, 'ada', 'short'),
			await browser.setUp(address, 'ada', PASSWORD),
			await browser.setUp(address, 'eve', PASSWORD),
		];
		expect(seen.map(({ status }) => status)).toEqual([200, 400, 201, 409]);
		const places = seen.map(({ headers, text }, at) => ({
			name: `answer ${at}`,
			text: `${JSON.stringify([...headers])}\n${text}`,
		}));
		const secrets = { 'set-up token': token, password: PASSWORD, 'vault key': panel.vaultKey };
		expect(findLeaks(secrets, [...places, ...(await databaseText(database))])).toEqual([]);
		const service = { 'service key': panel.store.serviceKey };
		expect(findLeaks(service, [...places, ...(await databaseText(database))])).toEqual([]);
	} finally {
		await database.end();
		await panel.stop();
	}
});
