import { randomUUID } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type {
	ChecksAnswer,
	FeaturesAnswer,
	ReachAnswer,
	StatusAnswer,
} from '../../panel/shared/features';
import type {
	AbilityAnswer,
	KeysAnswer,
	MadeKeyAnswer,
	OwnersAnswer,
	SettingsAnswer,
} from '../../panel/shared/settings';
import type { WizardAnswer } from '../../panel/shared/wizard';
import { sandboxUnderTest, type SandboxUnderTest } from '../sandbox/fixtures';
import { callsOf, createPost, entry, options, saveAccount, type Call } from '../store/fixtures';
import { logsOf, supabase } from '../store/with-store';
import { type Answer, type Browser, type Panel, startPanel, withPeople } from './world';

let sandbox: SandboxUnderTest;
let panel: Panel;
let admin: Browser;
let viewer: Browser;
let call: Call;
/** Stands in for n8n's health address and the runner. */
let parts: Server;
let partsUrl: string;
const health = { n8n: 200, alerts: [] as string[] };

beforeAll(async () => {
	parts = createServer((request, response) => {
		if (request.url === '/healthz') {
			response.writeHead(health.n8n).end('{}');
			return;
		}
		const body = {
			status: 'ok',
			alerts: health.alerts,
			queue: { mode: 'queue', backend: 'postgres' },
		};
		response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(body));
	});
	await new Promise<void>((resolve) => parts.listen(0, '127.0.0.1', resolve));
	partsUrl = `http://127.0.0.1:${(parts.address() as AddressInfo).port}`;
	sandbox = await sandboxUnderTest();
	panel = await startPanel({
		sandboxUrl: sandbox.url,
		around: { n8nHealthUrl: `${partsUrl}/healthz`, runnerUrl: partsUrl },
	});
	({ admin, viewer } = await withPeople(panel));
	call = callsOf(panel.store.client());
});

afterAll(async () => {
	await panel.stop();
	await sandbox.stop();
	parts.closeAllConnections();
	await new Promise((resolve) => parts.close(resolve));
});

/** The answer's value; anything but a 2xx fails with what was said. */
function body<T>(answer: Answer): T {
	if (answer.status < 200 || answer.status > 299)
		throw new Error(`${answer.status} ${answer.text}`);
	return answer.json as T;
}

const turn = (toggle: string, wish: object) => admin.send('PUT', `/api/features/${toggle}`, wish);

describe('switches', () => {
	test('off is refused by the store itself, on works again', async () => {
		const account = await saveAccount(call);
		const answer = body<FeaturesAnswer>(await turn('platform:x', { on: false }));
		expect(answer.toggles.find(({ toggle }) => toggle === 'platform:x')?.on).toBe(false);
		try {
			const made = await call('social_create', {
				p_options: options(),
				p_entries: [entry(account)],
			});
			expect(made.entries[0]).toMatchObject({ result: 'invalid', errors: [{ code: 'off' }] });
			const composed = await admin.send('POST', '/api/posts', {
				key: randomUUID(),
				text: 'Not now',
				targets: [{ accountId: account }],
				when: { as: 'now' },
			});
			expect(composed.text).toContain('X is switched off.');
			const connectors = await viewer.send('GET', '/api/connectors');
			const all = (connectors.json as { connectors: { platform: string; unavailable: unknown }[] })
				.connectors;
			for (const { platform, unavailable } of all.filter((one) => one.platform === 'x')) {
				expect([platform, unavailable]).toEqual(['x', expect.objectContaining({ code: 'off' })]);
			}
			const started = await admin.send('POST', '/api/connect', {
				connector: 'x',
				mode: 'sandbox',
				owner: 'default',
			});
			expect([started.status, started.json]).toEqual([
				403,
				expect.objectContaining({ code: 'off' }),
			]);
		} finally {
			body(await turn('platform:x', { on: true }));
		}
		expect((await createPost(call, account)).state).toBe('scheduled');
	});

	test('what a switch is about: a viewer sees the own part of it', async () => {
		const theirs = await saveAccount(call, { p_owner: 'somebody-else' });
		await createPost(call, theirs, {}, 'somebody-else');
		const path = '/api/features/feature:universal:publish/reach';
		const all = body<ReachAnswer>(await admin.send('GET', path));
		const own = body<ReachAnswer>(await viewer.send('GET', path));
		expect(all.scheduled).toBeGreaterThan(own.scheduled);
		expect(own).toEqual(
			await call('social_feature_reach', {
				p_toggle: 'feature:universal:publish',
				p_owner: 'default',
			}),
		);
	});

	test('an unknown switch and a malformed wish are refused', async () => {
		for (const path of ['feature:universal:fly', 'nonsense', 'platform:myspace']) {
			expect((await turn(path, { on: true })).status).toBe(404);
		}
		expect((await turn('module', { on: 'yes' })).status).toBe(400);
		expect((await turn('module', {})).status).toBe(400);
	});
});

describe('checks', () => {
	const checks = async (toggle: string, who = admin, fresh = true) =>
		body<ChecksAnswer>(
			await who.send('GET', `/api/features/${toggle}/checks${fresh ? '?fresh=1' : ''}`),
		);
	const found = (answer: ChecksAnswer, id: string) =>
		answer.checks.find((check) => check.id === id) ?? { state: 'missing', message: id };

	test('the module: what is there is found, what is missing says how to mend it', async () => {
		const before = await checks('module');
		expect(found(before, 'store')).toMatchObject({ state: 'ok', remedy: null });
		expect(found(before, 'migrations')).toMatchObject({ state: 'ok' });
		expect(found(before, 'n8n')).toMatchObject({ state: 'ok', message: 'n8n answers.' });
		expect(found(before, 'carrier')).toMatchObject({
			state: 'bad',
			remedy: expect.stringContaining('npm start'),
		});
		expect(found(before, 'runner').state).toBe('warning');
		expect(found(before, 'queue')).toMatchObject({
			state: 'ok',
			message: expect.stringContaining('Postgres'),
		});
		expect(before.light).toBe('red');

		await call('social_heartbeat', {
			p_carrier: 'n8n:main',
			p_kind: 'n8n',
			p_interval_ms: 30_000,
			p_info: { version: '0.0.1' },
		});
		await call('social_heartbeat', {
			p_carrier: 'runner:a',
			p_kind: 'runner',
			p_interval_ms: 30_000,
		});
		const after = await checks('module');
		expect(found(after, 'carrier').state).toBe('ok');
		expect(found(after, 'workflow').state).toBe('ok');
		expect(found(after, 'pack')).toMatchObject({
			state: 'warning',
			message: expect.stringContaining('version 0.0.1'),
			remedy: expect.stringContaining('Community nodes'),
		});
		expect(found(after, 'runner').state).toBe('ok');

		health.n8n = 503;
		health.alerts = ['Due posts wait longer than 120 s.'];
		const troubled = await checks('module');
		expect(found(troubled, 'n8n')).toMatchObject({ state: 'bad' });
		expect(found(troubled, 'runner')).toMatchObject({
			state: 'warning',
			message: expect.stringContaining('Due posts wait'),
		});
		health.n8n = 200;
		health.alerts = [];
	});

	test('a platform: library, app, whether it is accepted, accounts', async () => {
		const answer = await checks('platform:linkedin');
		expect(found(answer, 'linkedin:library')).toMatchObject({
			state: 'ok',
			message: expect.stringMatching(/^oauth4webapi \d/),
		});
		expect(found(answer, 'linkedin:app')).toMatchObject({
			state: 'warning',
			to: '/accounts/apps/linkedin?mode=live',
		});
		expect(found(answer, 'linkedin:accepted')).toMatchObject({
			state: 'ok',
			message: expect.stringContaining('sandbox'),
		});
		expect(found(answer, 'linkedin:accounts').state).toBe('warning');
		expect(answer.light).toBe('amber');
		expect(found(await checks('platform:x'), 'x:library').message).toMatch(/^twitter-api-v2 \d/);
		const bluesky = await checks('platform:bluesky');
		expect(found(bluesky, 'bluesky:app').state).toBe('ok');
	});

	test('an app that the platform does not know is bad and says so', async () => {
		await admin.send('PUT', '/api/connectors/linkedin/app?mode=sandbox', {
			clientId: 'nobody-knows-me',
			clientSecret: 'a secret of nobody',
		});
		const answer = await checks('platform:linkedin');
		expect(found(answer, 'linkedin:accepted')).toMatchObject({
			state: 'bad',
			to: '/accounts/apps/linkedin?mode=sandbox',
		});
		await admin.send('DELETE', '/api/connectors/linkedin/app?mode=sandbox');
	});

	test('images: without a public address Instagram cannot fetch them', async () => {
		const without = await checks('feature:power:media');
		expect(found(without, 'images').state).toBe('warning');
		body(await admin.send('PATCH', '/api/settings', { publicMediaUrl: panel.store.url }));
		expect(found(await checks('feature:power:media'), 'images').state).toBe('ok');
		body(await admin.send('PATCH', '/api/settings', { publicMediaUrl: 'http://127.0.0.1:9' }));
		expect(found(await checks('feature:power:media'), 'images').state).toBe('bad');
		body(await admin.send('PATCH', '/api/settings', { publicMediaUrl: null }));
	});

	test('a viewer gets what is known and asks nobody anew', async () => {
		health.n8n = 503;
		await checks('module');
		health.n8n = 200;
		expect(found(await checks('module', viewer), 'n8n').state).toBe('bad');
		expect(found(await checks('module', admin), 'n8n').state).toBe('ok');
	});

	test('the status: amber, off, and nothing secret in any answer', async () => {
		const status = async () => body<StatusAnswer>(await viewer.send('GET', '/api/status'));
		const now = await status();
		expect(now.light).toBe('amber');
		expect(now.reasons[0]).toMatchObject({
			message: expect.any(String),
			remedy: expect.any(String),
		});
		body(await turn('module', { on: false }));
		expect(await status()).toMatchObject({ light: 'off', reasons: [] });
		const off = await checks('module');
		expect(off.light).toBe('off');
		body(await turn('module', { on: true }));
		const said = JSON.stringify([now, off, await checks('module')]);
		expect(said).not.toContain(panel.store.serviceKey);
		expect(said).not.toContain(panel.vaultKey);
	});
});

describe('settings', () => {
	const read = async (who = admin) => body<SettingsAnswer>(await who.send('GET', '/api/settings'));

	test('are saved and read', async () => {
		const saved = body<SettingsAnswer>(
			await admin.send('PATCH', '/api/settings', {
				caps: { universal: { postsPerDay: 20 } },
				timing: { graceMs: 20_000, maxLatenessMs: 7_200_000, gapMs: 30_000 },
				timeZone: 'Europe/Vienna',
			}),
		);
		expect(saved).toMatchObject({
			caps: {
				universal: { postsPerDay: 20, accounts: null },
				power: { postsPerDay: null },
			},
			timing: { graceMs: 20_000, maxLatenessMs: 7_200_000, gapMs: 30_000 },
			timeZone: 'Europe/Vienna',
		});
		expect(await read(viewer)).toEqual(saved);
		const ability = body<AbilityAnswer>(await viewer.send('GET', '/api/ability'));
		expect(ability).toMatchObject({ id: 'default', zone: 'Europe/Vienna', off: { publish: null } });
		body(
			await admin.send('PATCH', '/api/settings', {
				caps: { universal: { postsPerDay: null } },
				timing: { graceMs: null, maxLatenessMs: 86_400_000, gapMs: 60_000 },
				timeZone: null,
			}),
		);
	});

	test.each([
		[{ timing: { maxLatenessMs: 1 } }, 'timing', /from 60000/],
		[{ timing: { graceMs: 5 } }, 'timing', /or null/],
		[{ caps: { power: { accounts: 0 } } }, 'caps', /from 1/],
		[{ timeZone: 'Atlantis' }, 'timeZone', /IANA/],
		[{ publicMediaUrl: 'nonsense' }, 'publicMediaUrl', /address/],
	])('%j is refused with what to do', async (wish, field, remedy) => {
		const before = await read();
		const answer = await admin.send('PATCH', '/api/settings', wish);
		expect([answer.status, answer.json]).toEqual([
			400,
			expect.objectContaining({
				code: 'setting_invalid',
				field,
				remedy: expect.stringMatching(remedy),
			}),
		]);
		expect(await read()).toEqual(before);
	});

	test('what is not among them is refused', async () => {
		for (const wish of [{ leaseMs: 5 }, { timing: { leaseMs: 2_000 } }, { caps: { gold: {} } }]) {
			expect((await admin.send('PATCH', '/api/settings', wish)).status).toBe(400);
		}
	});

	test('owners are made, found and changed', async () => {
		const put = (id: string, wish: object) =>
			admin.send('PUT', `/api/owners/${encodeURIComponent(id)}`, wish);
		body(await put('ann@example.com', { tier: 'power', timeZone: 'Asia/Tokyo' }));
		const list = body<OwnersAnswer>(await admin.send('GET', '/api/owners?search=ann'));
		expect(list.owners).toEqual([
			expect.objectContaining({ id: 'ann@example.com', tier: 'power', timeZone: 'Asia/Tokyo' }),
		]);
		expect((await put('two words', { tier: 'power', timeZone: null })).status).toBe(400);
		expect((await put('bob', { tier: 'gold', timeZone: null })).status).toBe(400);
		const zone = await put('bob', { tier: 'power', timeZone: 'Atlantis' });
		expect([zone.status, zone.json]).toEqual([
			400,
			expect.objectContaining({ code: 'time_zone_unknown' }),
		]);
	});

	test('a key is shown once, works, and not after it was revoked', async () => {
		const made = body<MadeKeyAnswer>(await admin.send('POST', '/api/keys', { name: 'n8n Vienna' }));
		expect(made.key).toMatch(/^sb_secret_[\w-]{43}$/);
		const ping = () => supabase(panel.store.url, made.key).rpc('social_ping', { p_contract: 1 });
		expect((await ping()).status).toBe(200);
		const list = await admin.send('GET', '/api/keys');
		expect(list.text).not.toContain(made.key);
		expect(body<KeysAnswer>(list)).toMatchObject({
			embedded: true,
			dashboardUrl: null,
			keys: [{ name: 'n8n Vienna', madeBy: 'ada', hint: made.key.slice(-4) }],
			carriers: [expect.objectContaining({ carrier: 'n8n:main', version: '0.0.1' })],
		});
		body(await admin.send('DELETE', `/api/keys/${made.view.id}`));
		expect((await ping()).status).toBe(401);
		expect(logsOf(panel.store)).not.toContain(made.key);
		expect((await admin.send('POST', '/api/keys', { name: ' ' })).status).toBe(400);
	});
});

describe('the first steps', () => {
	const read = async (who = admin) => body<WizardAnswer>(await who.send('GET', '/api/wizard'));

	test('are shown while nothing can be done, and not otherwise', async () => {
		const other = await startPanel({ sandboxUrl: sandbox.url });
		try {
			const people = await withPeople(other);
			const look = async (who: Browser) => body<WizardAnswer>(await who.send('GET', '/api/wizard'));
			expect(await look(people.admin)).toMatchObject({ show: true, open: true, accounts: 0 });
			expect(await look(people.viewer)).toMatchObject({ show: false, open: false });
			body(await people.admin.send('PATCH', '/api/wizard', { step: 'connect', skipped: ['on'] }));
			expect(await look(people.admin)).toMatchObject({
				show: true,
				state: { step: 'connect', skipped: ['on'] },
			});
			const first = await people.admin.send('POST', '/api/wizard/sandbox-account');
			expect(body(first)).toMatchObject({ handle: 'first_steps', profileUrl: expect.any(String) });
			expect(await look(people.admin)).toMatchObject({ show: false, open: true, accounts: 1 });
			// Asked for again, it is the same account.
			const again = await people.admin.send('POST', '/api/wizard/sandbox-account');
			expect(again.json).toEqual(first.json);
			body(await people.admin.send('PATCH', '/api/wizard', { finished: true }));
			expect(await look(people.admin)).toMatchObject({ show: false, open: false });
			body(await people.admin.send('PUT', '/api/features/module', { on: false }));
			expect(await look(people.admin)).toMatchObject({ show: true, moduleOn: false });
			body(await people.admin.send('PATCH', '/api/wizard', { dismissed: true }));
			expect(await look(people.admin)).toMatchObject({ show: false, open: true });
		} finally {
			await other.stop();
		}
	});

	test('a made-up state is refused', async () => {
		for (const state of [{ step: 'fly' }, { more: 1 }, { postId: 'x' }]) {
			expect((await admin.send('PATCH', '/api/wizard', state)).status).toBe(400);
		}
		expect((await read()).state).toEqual({});
	});
});

test.each([
	['PUT', '/api/features/module', { on: false }],
	['PATCH', '/api/settings', { timeZone: 'UTC' }],
	['PUT', '/api/owners/eve', { tier: 'power', timeZone: null }],
	['POST', '/api/keys', { name: 'mine' }],
	['DELETE', '/api/keys/00000000-0000-4000-8000-000000000000', undefined],
	['PATCH', '/api/wizard', { dismissed: true }],
	['POST', '/api/wizard/sandbox-account', {}],
	['GET', '/api/keys', undefined],
	['GET', '/api/owners', undefined],
])('a viewer may not %s %s', async (method, path, wish) => {
	const answer = await viewer.send(method, path, wish);
	expect([answer.status, answer.json]).toEqual([
		403,
		expect.objectContaining({ code: 'role_missing', message: expect.stringContaining('viewer') }),
	]);
});

test('a viewer sees the ability of nobody else', async () => {
	const answer = await viewer.send('GET', '/api/ability?owner=somebody-else');
	expect([answer.status, answer.json]).toEqual([
		403,
		expect.objectContaining({ code: 'owner_refused' }),
	]);
	expect((await admin.send('GET', '/api/ability?owner=somebody-else')).status).toBe(200);
});
