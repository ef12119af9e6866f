import type { Client } from 'pg';
import { databaseText, findLeaks } from '../secrets/search';
import { GoTrue, type GoTrueUser } from './gotrue';
import { Browser, startPanel, type Answer, type Panel } from './world';

jest.setTimeout(120_000);

let auth: GoTrue;
let panel: Panel;
let database: Client;
const answers: Answer[] = [];

/** Keeps every answer, for the search for secrets. */
class Watched extends Browser {
	override async send(...given: Parameters<Browser['send']>): Promise<Answer> {
		const answer = await super.send(...given);
		answers.push(answer);
		return answer;
	}
}

beforeAll(async () => {
	auth = await GoTrue.start();
	panel = await startPanel({ supabase: supabaseOf(auth) });
	database = await panel.store.connect();
});
afterAll(async () => {
	await panel?.stop();
	await auth?.stop();
});
beforeEach(() => panel.skip(3_600_000));
afterEach(() => {
	auth.trouble = null;
});

function supabaseOf({ url, publishableKey, secretKey }: GoTrue) {
	return { url, publishableKey, secretKey };
}

let people = 0;

function person(change: Partial<GoTrueUser> = {}): GoTrueUser {
	people += 1;
	return auth.addUser({ email: `person${people}@example.com`, ...change });
}

const admin = () => person({ app_metadata: { musekit_role: 'admin' } });

async function signedIn(user: GoTrueUser): Promise<Watched> {
	const browser = new Watched(panel.url);
	const answer = await browser.signIn(user.email, user.password);
	if (answer.status !== 200) throw new Error(`${answer.status} ${answer.text}`);
	return browser;
}

async function signIn(user: GoTrueUser, password = user.password): Promise<Answer> {
	return await new Watched(panel.url).signIn(user.email, password);
}

/** Lets time pass since Supabase was last asked for this person's role. */
async function pass(user: GoTrueUser, minutes: number): Promise<void> {
	const { rowCount } = await database.query(
		`update musekit_social.panel_sessions set checked_at = checked_at - make_interval(mins => $2)
			where user_id = $1`,
		[`supabase:${user.id}`, minutes],
	);
	expect(rowCount).toBe(1);
}

const asked = () => auth.seen.filter((line) => line.startsWith('GET /auth/v1/admin/users/')).length;
/** A write that only admins may do; `x` has no developer app yet, so there is none to remove. */
const write = async (browser: Browser) =>
	await browser.send('DELETE', '/api/connectors/x/app?mode=live');

describe('signing in', () => {
	it.each([
		['musekit_role admin', { musekit_role: 'admin' }, 'admin'],
		['musekit_role viewer', { musekit_role: 'viewer' }, 'viewer'],
		['role, where there is no musekit_role', { role: 'admin' }, 'admin'],
		['musekit_role before role', { musekit_role: 'viewer', role: 'admin' }, 'viewer'],
	])('takes the role from app_metadata: %s', async (_name, app_metadata, role) => {
		const user = person({ app_metadata });
		const browser = await signedIn(user);
		const { json } = await browser.send('GET', '/api/session');
		expect(json).toMatchObject({ user: { name: user.email, role }, signIn: 'supabase' });
		expect((await browser.send('GET', '/api/posts')).status).toBe(200);
		const wrote = await write(browser);
		if (role === 'admin') expect(wrote.status).toBe(200);
		else expect(wrote).toMatchObject({ status: 403, json: { code: 'role_missing' } });
	});

	it.each([
		['none', {}],
		['one that this panel does not know', { musekit_role: 'owner' }],
		['one that is no text', { musekit_role: ['admin'] }],
	])('lets nobody in by user_metadata; role in app_metadata: %s', async (_name, app_metadata) => {
		const user = person({ app_metadata, user_metadata: { musekit_role: 'admin', role: 'admin' } });
		const answer = await signIn(user);
		expect(answer).toMatchObject({ status: 403, json: { code: 'panel_role_missing' } });
		expect(answer.headers.getSetCookie()).toEqual([]);
	});

	it('cannot be made admin by user_metadata', async () => {
		const user = person({
			app_metadata: { musekit_role: 'viewer' },
			user_metadata: { musekit_role: 'admin' },
		});
		expect((await write(await signedIn(user))).status).toBe(403);
	});

	it('answers a wrong password and an unknown address in the same words', async () => {
		const wrong = await signIn(admin(), 'not the password');
		const unknown = await new Watched(panel.url).signIn('nobody@example.com', 'some password');
		for (const answer of [wrong, unknown]) {
			expect(answer).toMatchObject({ status: 401, json: { code: 'panel_sign_in_wrong' } });
			expect(answer.headers.getSetCookie()).toEqual([]);
		}
		expect(wrong.json).toEqual(unknown.json);
	});

	it('says that an address is not confirmed, only to who knows the password', async () => {
		const user = person({ confirmed: false, app_metadata: { musekit_role: 'admin' } });
		expect(await signIn(user)).toMatchObject({
			status: 403,
			json: { code: 'panel_email_not_confirmed' },
		});
		expect((await signIn(user, 'not the password')).status).toBe(401);
	});

	it('lets nobody in who is banned', async () => {
		const bannedUntil = new Date(Date.now() + 3_600_000).toISOString();
		const user = person({ bannedUntil, app_metadata: { musekit_role: 'admin' } });
		expect(await signIn(user)).toMatchObject({ status: 403, json: { code: 'panel_user_banned' } });
	});

	it.each([
		['503 with a page', { status: 503, body: '<html>upstream</html>', type: 'text/html' }, 503],
		[
			'500',
			{
				status: 500,
				body: '{"code":"unexpected_failure","message":"?"}',
				type: 'application/json',
			},
			503,
		],
		[
			'429',
			{
				status: 429,
				body: '{"code":"over_request_rate_limit","message":"?"}',
				type: 'application/json',
			},
			429,
		],
	])(
		'Supabase answers %s: nobody is told that the password is wrong',
		async (_n, trouble, status) => {
			const user = admin();
			auth.trouble = trouble;
			const answer = await signIn(user);
			expect(answer).toMatchObject({
				status,
				json: {
					code: status === 429 ? 'panel_sign_in_limited' : 'panel_auth_unreachable',
					message: expect.stringContaining('Supabase Auth'),
					remedy: expect.stringMatching(/\.$/),
				},
			});
			auth.trouble = null;
			expect((await signIn(user)).status).toBe(200);
		},
	);

	it('ends the session at Supabase at once', async () => {
		await signedIn(admin());
		expect(auth.sessions.size).toBe(0);
	});

	it('has no set-up and no people of its own', async () => {
		const browser = await signedIn(admin());
		for (const answer of [
			await browser.send('GET', '/api/users'),
			await browser.send('POST', '/api/password', { current: 'x', password: 'a calm sentence' }),
		]) {
			expect(answer).toMatchObject({ status: 409, json: { code: 'panel_people_elsewhere' } });
		}
		const setup = await new Watched(panel.url).setUp(
			`${panel.url}/setup#token=${'x'.repeat(43)}`,
			'Eve',
		);
		expect(setup).toMatchObject({ status: 409, json: { code: 'panel_setup_over' } });
	});
});

describe('what changes at Supabase while a session lasts', () => {
	it('is not asked for within five minutes, and then once', async () => {
		const user = admin();
		const browser = await signedIn(user);
		const before = asked();
		await pass(user, 4);
		expect((await browser.send('GET', '/api/posts')).status).toBe(200);
		expect(asked()).toBe(before);
		await pass(user, 2);
		expect((await browser.send('GET', '/api/posts')).status).toBe(200);
		expect((await browser.send('GET', '/api/posts')).status).toBe(200);
		expect(asked()).toBe(before + 1);
	});

	it('an admin who became viewer may write no more', async () => {
		const user = admin();
		const browser = await signedIn(user);
		expect((await write(browser)).status).toBe(200);
		user.app_metadata = { musekit_role: 'viewer' };
		await pass(user, 6);
		expect(await write(browser)).toMatchObject({ status: 403, json: { code: 'role_missing' } });
		expect((await browser.send('GET', '/api/posts')).status).toBe(200);
	});

	it.each<[string, (user: GoTrueUser) => void]>([
		['lost the role', (user) => (user.app_metadata = {})],
		['was banned', (user) => (user.bannedUntil = new Date(Date.now() + 60_000).toISOString())],
		['was deleted', (user) => auth.deleteUser(user)],
	])('who %s is signed out, in every browser', async (_name, change) => {
		const user = admin();
		const browser = await signedIn(user);
		change(user);
		expect((await browser.send('GET', '/api/posts')).status).toBe(200);
		await pass(user, 6);
		expect(await browser.send('GET', '/api/posts')).toMatchObject({
			status: 401,
			json: { code: 'signed_out' },
		});
		const { rows } = await database.query(
			'select from musekit_social.panel_sessions where user_id = $1',
			[`supabase:${user.id}`],
		);
		expect(rows).toHaveLength(0);
	});

	it('nobody is signed out because Supabase is away, and nobody goes on unasked for long', async () => {
		const user = admin();
		const browser = await signedIn(user);
		auth.trouble = { status: 503, body: '{}', type: 'application/json' };
		await pass(user, 6);
		expect((await browser.send('GET', '/api/posts')).status).toBe(200);
		await pass(user, 60);
		expect(await browser.send('GET', '/api/posts')).toMatchObject({
			status: 503,
			json: { code: 'panel_auth_unreachable' },
		});
		expect(browser.cookie).not.toBeNull();
		auth.trouble = null;
		expect((await browser.send('GET', '/api/posts')).status).toBe(200);
	});
});

it('a project that is not there, and keys that do not fit, are said so', async () => {
	const gone = await GoTrue.start();
	await gone.stop();
	const user = admin();
	const cases = [
		{ supabase: supabaseOf(gone), status: 503, message: /does not answer/ },
		{
			supabase: { ...supabaseOf(auth), publishableKey: 'sb_publishable_wrong' },
			status: 502,
			message: /401/,
		},
	];
	for (const { supabase, status, message } of cases) {
		const other = await startPanel({ supabase });
		try {
			const answer = await new Watched(other.url).signIn(user.email, user.password);
			expect(answer).toMatchObject({
				status,
				json: { code: 'panel_auth_unreachable', message: expect.stringMatching(message) },
			});
		} finally {
			await other.stop();
		}
	}
});

it('no token of Supabase, no key and no password reaches the browser or the store', async () => {
	const user = admin();
	const browser = await signedIn(user);
	for (const path of ['/api/session', '/api/posts', '/api/accounts', '/api/connectors']) {
		expect((await browser.send('GET', path)).status).toBe(200);
	}
	const secrets: Record<string, string> = {
		'secret key': auth.secretKey,
		'publishable key': auth.publishableKey,
		password: user.password,
	};
	auth.tokens.forEach((token, at) => (secrets[`token ${at}`] = token));
	expect(auth.tokens.length).toBeGreaterThan(10);
	const places = answers.map(({ headers, text }, at) => ({
		name: `answer ${at}`,
		text: `${JSON.stringify([...headers])}\n${text}`,
	}));
	// What is no secret is found, so the search works.
	expect(findLeaks({ control: user.email }, places)).not.toEqual([]);
	expect(findLeaks(secrets, [...places, ...(await databaseText(database))])).toEqual([]);
});
