import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

import { createStore } from '../../core/store/client';
import { createPorts } from '../../fallback-runner/src/ports';
import { createPanel } from '../../panel/server/app';
import { openSetup } from '../../panel/server/sign-in/setup-token';
import type { MadeKeyAnswer } from '../../panel/shared/settings';
import type { ConnectedAccount } from '../e2e/system/accounts';
import { Browser } from '../panel/world';
import { World } from './support/world';

let world: World;
let server: Server;
let admin: Browser;
let account: ConnectedAccount;

beforeAll(async () => {
	world = await World.open();
	const { url, secretKey, vaultKey } = world.credential;
	const ports = createPorts({ store: { url, key: secretKey }, log: { level: 'silent' } });
	server = createServer();
	await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
	const panelUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
	server.on('request', createPanel({ store: ports.store, ports, vaultKey, publicUrl: panelUrl }));
	const setup = await openSetup(createStore(ports.store), panelUrl);
	admin = new Browser(panelUrl);
	await admin.setUp(setup ?? '', 'ada');
	account = await world.account('x');
});

afterAll(async () => {
	server.closeAllConnections();
	await new Promise((resolve) => server.close(resolve));
	await world.close();
});

const turn = async (toggle: string, on: boolean) => {
	const answer = await admin.send('PUT', `/api/features/${toggle}`, { on });
	expect(answer.status).toBe(200);
};

const run = async (parameters: Record<string, unknown>, change: { secretKey?: string } = {}) =>
	await world.engine.run({
		credential: { ...world.credential, ...change },
		parameters: { account: { __rl: true, mode: 'id', value: account.id }, ...parameters },
	});

let count = 0;
const text = () => `Switched off ${(count += 1)}`;
const inAnHour = () => new Date(Date.now() + 3_600_000).toISOString();

/** What the node says, whether as an error or in its item. */
const saidBy = ({ error, output }: Awaited<ReturnType<typeof run>>) =>
	[error?.message, error?.description, JSON.stringify(output?.map(({ json }) => json) ?? [])].join(
		' ',
	);

describe('a switch that is turned in the panel', () => {
	test.each([
		['module', 'publish', {}, 'MuseKit Social is switched off'],
		['platform:x', 'publish', {}, 'X is switched off.'],
		[
			'feature:universal:publish',
			'publish',
			{},
			'Publishing is switched off for the Universal tier.',
		],
		[
			'feature:universal:schedule',
			'schedule',
			{ publishAt: inAnHour() },
			'Scheduling is switched off for the Universal tier.',
		],
	])(
		'%s: the node is refused with its next run, and works again',
		async (toggle, operation, more, sentence) => {
			const before = Date.now();
			await turn(toggle, false);
			let said: string;
			try {
				said = saidBy(await run({ operation, text: text(), ...more }));
			} finally {
				process.stdout.write(`${toggle}: refused ${Date.now() - before} ms after the click\n`);
				await turn(toggle, true);
			}
			expect(said).toContain(sentence);
			expect(said).toContain('Ask whoever runs MuseKit Social here to switch it on.');
			const again = await run({ operation, text: text(), ...more });
			expect(again.error).toBeUndefined();
			expect(again.output?.[0].json.state).toBe(
				operation === 'publish' ? 'published' : 'scheduled',
			);
		},
	);

	test('a post that is scheduled already waits and goes on', async () => {
		const message = text();
		const at = new Date(Date.now() + 1_500).toISOString();
		const { output } = await run({ operation: 'schedule', text: message, publishAt: at });
		expect(output?.[0].json.state).toBe('scheduled');
		await turn('platform:x', false);
		const due = async () =>
			await world.engine.run({
				credential: world.credential,
				parameters: {
					operation: 'publishDue',
					options: { watchForSeconds: 2, intervalSeconds: 5 },
				},
			});
		const none = await due();
		expect(none.error).toBeUndefined();
		expect(await world.texts(account)).not.toContain(message);
		await turn('platform:x', true);
		while (!(await world.texts(account)).includes(message)) await due();
		expect((await world.texts(account)).filter((one) => one === message)).toHaveLength(1);
	});
});

test('a key made in the panel works in the credential until it is revoked', async () => {
	const made = await admin.send('POST', '/api/keys', { name: 'engine' });
	const { key, view } = made.json as MadeKeyAnswer;
	const first = await run({ operation: 'publish', text: text() }, { secretKey: key });
	expect(first.output?.[0].json.state).toBe('published');
	await admin.send('DELETE', `/api/keys/${view.id}`);
	const refused = await run({ operation: 'publish', text: text() }, { secretKey: key });
	expect(saidBy(refused)).toMatch(/key/i);
	expect(refused.output?.[0]?.json.state).not.toBe('published');
	expect(saidBy(refused)).not.toContain(key);
});
