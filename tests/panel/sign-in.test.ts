import type { Client } from 'pg';
import { hashOfToken } from '../../panel/server/sign-in/cookie';
import { Browser, type Panel, PASSWORD, startPanel, withPeople } from './world';

/** What each hash of a password cost, as Node's own argon2 was asked for it. */
const mockWork: Record<string, unknown>[] = [];
jest.mock('node:crypto', () => {
	const real = jest.requireActual<typeof import('node:crypto')>('node:crypto');
	const argon2: typeof real.argon2 = (algorithm, parameters, done) => {
		const { memory, passes, parallelism, nonce, tagLength } = parameters;
		const salt = (nonce as Buffer).length;
		mockWork.push({ algorithm, memory, passes, parallelism, salt, tag: tagLength });
		real.argon2(algorithm, parameters, done);
	};
	return Object.assign(Object.create(real) as typeof real, { argon2 });
});

let panel: Panel;
let database: Client;

beforeAll(async () => {
	panel = await startPanel();
	database = await panel.store.connect();
}, 120_000);

afterAll(async () => {
	await panel?.stop();
});

beforeEach(async () => {
	// Each test begins like a new panel; limits are in memory, so their clock moves on.
	await database.query(
		'truncate musekit_social.panel_users, musekit_social.panel_sessions, musekit_social.panel_setup cascade',
	);
	panel.skip(3_600_000);
});

describe('set-up', () => {
	it('makes the first admin with the printed token, signs in, and closes for ever', async () => {
		const address = await panel.setupUrl();
		const browser = new Browser(panel.url);
		const made = await browser.setUp(address ?? '', 'Ada');
		expect(made.status).toBe(201);
		expect(made.json).toMatchObject({ user: { name: 'Ada', role: 'admin' } });
		expect((await browser.send('GET', '/api/posts')).status).toBe(200);

		const second = await new Browser(panel.url).setUp(address ?? '', 'Eve');
		expect(second.status).toBe(409);
		expect(second.json).toMatchObject({ code: 'panel_setup_over' });
		expect(await panel.setupUrl()).toBeNull();
	});

	it('lets one of two at once be the admin', async () => {
		const address = (await panel.setupUrl()) ?? '';
		const answers = await Promise.all(
			['one', 'two'].map((name) => new Browser(panel.url).setUp(address, name)),
		);
		expect(answers.map(({ status }) => status).sort()).toEqual([201, 409]);
	});

	it('refuses a guessed token, the one of an earlier start, and an expired one', async () => {
		const first = (await panel.setupUrl()) ?? '';
		const second = (await panel.setupUrl()) ?? '';
		const browser = new Browser(panel.url);
		for (const address of [`${panel.url}/setup#token=${'x'.repeat(43)}`, first]) {
			const answer = await browser.setUp(address, 'Eve');
			expect(answer.status).toBe(403);
			expect(answer.json).toMatchObject({ code: 'panel_setup_token_refused' });
		}
		await database.query(
			"update musekit_social.panel_setup set expires_at = now() - interval '1 second'",
		);
		expect((await browser.setUp(second, 'Eve')).status).toBe(403);
		const { rows } = await database.query(
			'select count(*)::int as n from musekit_social.panel_users',
		);
		expect(rows).toEqual([{ n: 0 }]);
	});

	it('keeps only the hash of the token', async () => {
		const address = (await panel.setupUrl()) ?? '';
		const token = address.split('token=')[1];
		const { rows } = await database.query('select token_hash from musekit_social.panel_setup');
		expect(rows).toEqual([{ token_hash: hashOfToken(token) }]);
	});

	it('asks for a password of at least 12 characters and names the field', async () => {
		const answer = await new Browser(panel.url).setUp(
			(await panel.setupUrl()) ?? '',
			'Ada',
			'short',
		);
		expect(answer.status).toBe(400);
		expect(answer.json).toMatchObject({ field: 'password' });
	});

	it('says to pages whether it is open', async () => {
		const browser = new Browser(panel.url);
		expect((await browser.send('GET', '/api/session')).json).toMatchObject({ user: null });
		await withPeople(panel);
		expect((await browser.send('GET', '/api/session')).json).toMatchObject({
			user: null,
			csrfToken: null,
			signIn: 'local',
		});
	});
});

describe('sign-in', () => {
	it('sets a cookie that scripts cannot read and no other host gets', async () => {
		await withPeople(panel);
		const answer = await new Browser(panel.url).signIn('ada');
		expect(answer.status).toBe(200);
		const [cookie] = answer.headers.getSetCookie();
		expect(cookie).toMatch(/^__Host-musekit=[\w-]{43};/);
		const flags = cookie.split('; ').slice(1);
		expect(flags).toEqual(
			expect.arrayContaining(['Path=/', 'HttpOnly', 'Secure', 'SameSite=Lax', 'Max-Age=2592000']),
		);
		expect(cookie).not.toMatch(/Domain=/i);
	});

	it('answers a wrong password and an unknown name in the same words', async () => {
		await withPeople(panel);
		const browser = new Browser(panel.url);
		const wrong = await browser.signIn('ada', 'not the password');
		const unknown = await browser.signIn('nobody', 'not the password');
		expect([wrong.status, unknown.status]).toEqual([401, 401]);
		expect(wrong.json).toEqual(unknown.json);
		expect(wrong.headers.getSetCookie()).toEqual([]);
	});

	it('does the same work for an unknown name, so that the time tells nothing', async () => {
		await withPeople(panel);
		mockWork.length = 0;
		await new Browser(panel.url).signIn('ada', 'not the password');
		const known = mockWork.splice(0);
		await new Browser(panel.url).signIn('nobody', 'not the password');
		const unknown = mockWork.splice(0);
		expect(known).toEqual([
			{ algorithm: 'argon2id', memory: 19_456, passes: 2, parallelism: 1, salt: 16, tag: 32 },
		]);
		expect(unknown).toEqual(known);
	});

	it('takes the name in any case and with spaces around', async () => {
		await withPeople(panel);
		expect((await new Browser(panel.url).signIn(' ADA ')).status).toBe(200);
	});

	it('refuses the eleventh guess at a name from wherever it comes, and says how long', async () => {
		await withPeople(panel);
		panel.skip(3_600_000);
		for (let guess = 0; guess < 10; guess++) {
			const browser = new Browser(panel.url, `10.0.0.${guess}`);
			expect((await browser.signIn('ada', `guess ${guess}`)).status).toBe(401);
		}
		const refused = await new Browser(panel.url, '10.0.1.1').signIn('ADA');
		expect(refused.status).toBe(429);
		expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(60);
		expect((await new Browser(panel.url, '10.0.1.1').signIn('vera')).status).toBe(200);
		panel.skip(16 * 60_000);
		expect((await new Browser(panel.url, '10.0.1.1').signIn('ada')).status).toBe(200);
	});

	it('refuses an address that tries many names', async () => {
		await withPeople(panel);
		panel.skip(3_600_000);
		const browser = new Browser(panel.url, '10.9.9.9');
		const statuses = [];
		for (let guess = 0; guess < 31; guess++) {
			statuses.push((await browser.signIn(`name${guess}`, 'some password')).status);
		}
		expect(statuses.slice(0, 30).every((status) => status === 401)).toBe(true);
		expect(statuses[30]).toBe(429);
		expect((await new Browser(panel.url, '10.9.9.8').signIn('ada')).status).toBe(200);
	});
});

describe('sessions', () => {
	it('end at sign-out, also for who kept the cookie', async () => {
		const { admin } = await withPeople(panel);
		const kept = admin.cookie;
		expect((await admin.send('POST', '/api/sign-out', {})).status).toBe(200);
		expect(admin.cookie).toBeNull();
		admin.cookie = kept;
		expect((await admin.send('GET', '/api/posts')).status).toBe(401);
	});

	it('end everywhere at once when asked', async () => {
		const { admin, viewer } = await withPeople(panel);
		const other = new Browser(panel.url);
		await other.signIn('ada');
		await admin.send('POST', '/api/sign-out-everywhere', {});
		expect((await other.send('GET', '/api/posts')).status).toBe(401);
		expect((await viewer.send('GET', '/api/posts')).status).toBe(200);
	});

	it.each([
		['12 hours without use', "used_at = now() - interval '12 hours 1 second'"],
		['30 days', "created_at = now() - interval '30 days 1 second'"],
	])('end after %s', async (_words, change) => {
		const { admin } = await withPeople(panel);
		expect((await admin.send('GET', '/api/posts')).status).toBe(200);
		await database.query(`update musekit_social.panel_sessions set ${change}`);
		expect((await admin.send('GET', '/api/posts')).status).toBe(401);
		expect((await admin.send('GET', '/api/session')).json).toMatchObject({ user: null });
	});

	it('are kept as hashes, and a new sign-in replaces the one of the browser', async () => {
		const { admin } = await withPeople(panel);
		const before = admin.cookie ?? '';
		await admin.signIn('ada');
		expect(admin.cookie).not.toBe(before);
		const { rows } = await database.query('select token_hash from musekit_social.panel_sessions');
		const hashes = rows.map(({ token_hash }) => token_hash as string);
		expect(hashes).toContain(hashOfToken((admin.cookie ?? '').split('=')[1]));
		expect(hashes).not.toContain(hashOfToken(before.split('=')[1]));
		expect(JSON.stringify(rows)).not.toContain((admin.cookie ?? '').split('=')[1]);
	});

	it('follow a role that changes, and end with the person', async () => {
		const { admin, viewer } = await withPeople(panel);
		const { users } = (await admin.send('GET', '/api/users')).json as {
			users: { id: string; name: string }[];
		};
		const vera = users.find(({ name }) => name === 'vera')?.id ?? '';
		await admin.send('PATCH', `/api/users/${vera}`, { role: 'admin' });
		// Her sessions ended with the change of what they may do.
		expect((await viewer.send('GET', '/api/users')).status).toBe(401);
		await viewer.signIn('vera');
		expect((await viewer.send('GET', '/api/users')).status).toBe(200);
		expect((await admin.send('DELETE', `/api/users/${vera}`)).status).toBe(200);
		expect((await viewer.send('GET', '/api/users')).status).toBe(401);
		expect((await viewer.signIn('vera')).status).toBe(401);
	});

	it('stay when the store is away for a moment: that is no sign-out', async () => {
		const lonely = await startPanel();
		const browser = new Browser(lonely.url);
		await browser.setUp((await lonely.setupUrl()) ?? '', 'ada');
		await lonely.store.stop();
		const answer = await browser.send('GET', '/api/session');
		expect(answer.status).toBe(503);
		expect(answer.json).toMatchObject({ code: 'store_unreachable' });
		expect(browser.cookie).not.toBeNull();
		await lonely.stop();
	}, 120_000);
});

describe('people', () => {
	it('somebody stays admin', async () => {
		const { admin } = await withPeople(panel);
		const { users } = (await admin.send('GET', '/api/users')).json as {
			users: { id: string; you: boolean }[];
		};
		const me = users.find(({ you }) => you)?.id ?? '';
		const demoted = await admin.send('PATCH', `/api/users/${me}`, { role: 'viewer' });
		const removed = await admin.send('DELETE', `/api/users/${me}`);
		expect([demoted.status, removed.status]).toEqual([409, 409]);
		expect(demoted.json).toMatchObject({ code: 'panel_last_admin' });
	});

	it('two admins cannot take the role from each other at once', async () => {
		const { admin } = await withPeople(panel);
		await admin.send('POST', '/api/users', { name: 'bob', password: PASSWORD, role: 'admin' });
		const bob = new Browser(panel.url);
		await bob.signIn('bob');
		const { users } = (await admin.send('GET', '/api/users')).json as {
			users: { id: string; name: string }[];
		};
		const idOf = (name: string) => users.find((user) => user.name === name)?.id ?? '';
		await Promise.all([
			admin.send('PATCH', `/api/users/${idOf('bob')}`, { role: 'viewer' }),
			bob.send('PATCH', `/api/users/${idOf('ada')}`, { role: 'viewer' }),
		]);
		const { rows } = await database.query(
			"select count(*)::int as n from musekit_social.panel_users where role = 'admin'",
		);
		expect(rows[0].n).toBeGreaterThanOrEqual(1);
	});

	it('refuses a name that is taken in another case', async () => {
		const { admin } = await withPeople(panel);
		const again = await admin.send('POST', '/api/users', {
			name: 'VERA',
			password: PASSWORD,
			role: 'viewer',
		});
		expect(again.status).toBe(409);
		expect(again.json).toMatchObject({ code: 'panel_name_taken' });
	});

	it('changes the own password with the current one, and ends the other sessions', async () => {
		const { viewer } = await withPeople(panel);
		const other = new Browser(panel.url);
		await other.signIn('vera');
		const next = 'another calm sentence';
		const wrong = await viewer.send('POST', '/api/password', { current: 'no', password: next });
		expect(wrong.status).toBe(403);
		expect(wrong.json).toMatchObject({ field: 'current' });
		const done = await viewer.send('POST', '/api/password', { current: PASSWORD, password: next });
		expect(done.status).toBe(200);
		expect((await viewer.send('GET', '/api/posts')).status).toBe(200);
		expect((await other.send('GET', '/api/posts')).status).toBe(401);
		expect((await new Browser(panel.url).signIn('vera')).status).toBe(401);
		expect((await new Browser(panel.url).signIn('vera', next)).status).toBe(200);
	});

	it('keeps passwords as argon2id with the OWASP parameters', async () => {
		await withPeople(panel);
		const { rows } = await database.query('select password_hash from musekit_social.panel_users');
		for (const { password_hash } of rows) {
			expect(password_hash).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$[\w+/]{22}\$[\w+/]{43}$/);
		}
		expect(new Set(rows.map(({ password_hash }) => password_hash as string)).size).toBe(2);
	});
});
