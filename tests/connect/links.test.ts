import type {
	ConnectLinkAnswer,
	LinkFlowAnswer,
	LinkPageAnswer,
	StartConnectAnswer,
} from '../../panel/shared/api';
import { Browser } from './browser';
import { World } from './world';

let world: World;
const clients: Browser[] = [];
beforeAll(async () => {
	world = await World.start();
}, 120_000);
afterAll(async () => await world?.stop());

async function link(connector: string, owner: string): Promise<string> {
	const answer = await world.admin.post('/api/connect-links', {
		connector,
		mode: 'sandbox',
		owner,
		expiresInHours: 1,
	});
	const { url } = answer.json<ConnectLinkAnswer>();
	expect(url.startsWith(`${world.origin}/l/`)).toBe(true);
	return url.slice(`${world.origin}/l/`.length);
}

function client(): Browser {
	const browser = new Browser(world.origin);
	clients.push(browser);
	return browser;
}

async function begin(browser: Browser, token: string): Promise<string> {
	const answer = await browser.post(`/api/connect-links/${token}/start`);
	if (answer.status !== 200) throw new Error(`${answer.status} ${answer.text}`);
	return answer.json<StartConnectAnswer>().redirectTo;
}

async function finish(browser: Browser, page: string, handle: string) {
	const back = await world.decide(page, { handle });
	return await browser.get(`${back.pathname}${back.search}`);
}

test('a client without a sign-in connects one account for that owner, once', async () => {
	const token = await link('x', 'client-1');
	const browser = client();
	const shown = (await browser.get(`/api/connect-links/${token}`)).json<LinkPageAnswer>();
	expect(shown).toMatchObject({ connector: 'x', kind: 'oauth', unavailable: null });
	expect(JSON.stringify(shown)).not.toContain('client-1');

	const done = await finish(browser, await begin(browser, token), 'client-x');
	expect(done.status).toBe(200);
	expect(done.text).toContain('@client-x is connected');
	expect(await world.accounts('client-1')).toMatchObject([{ handle: 'client-x' }]);
	expect(await world.accounts('default')).toEqual([]);

	const used = await browser.get(`/api/connect-links/${token}`);
	expect(used.status).toBe(410);
	expect(used.json()).toMatchObject({ code: 'link_used' });
	expect((await browser.post(`/api/connect-links/${token}/start`)).status).toBe(410);
});

test('denied consent leaves the link usable; two at once connect one account', async () => {
	const token = await link('linkedin', 'client-2');
	const [first, second] = [client(), client()];
	const denied = await world.decide(await begin(first, token), { handle: 'any', deny: true });
	expect((await first.get(`${denied.pathname}${denied.search}`)).status).toBe(400);
	const pages = [await begin(first, token), await begin(second, token)];
	const ends = await Promise.all([
		finish(first, pages[0], 'client-one'),
		finish(second, pages[1], 'client-two'),
	]);
	expect(ends.map(({ status }) => status).sort()).toEqual([200, 410]);
	expect(await world.accounts('client-2')).toHaveLength(1);
});

test('the flow belongs to the client’s own browser', async () => {
	const token = await link('x', 'client-3');
	const page = await begin(client(), token);
	const answer = await finish(client(), page, 'taken');
	expect(answer.status).toBe(403);
	expect(await world.accounts('client-3')).toEqual([]);
});

test('a signed-in person can use a link as well, for its owner', async () => {
	const token = await link('instagram', 'client-4');
	const done = await finish(world.admin, await begin(world.admin, token), 'studio');
	expect(done.text).toContain('@studio is connected');
	expect(await world.accounts('client-4')).toMatchObject([{ handle: 'studio' }]);
});

test('pages are chosen on the link’s page, one of them', async () => {
	const seeded = await world.sandbox.seed({
		platform: 'linkedin',
		handle: 'shop',
		kind: 'organization',
	});
	const other = await world.sandbox.seed({
		platform: 'linkedin',
		handle: 'cafe',
		kind: 'organization',
	});
	const { state } = world.sandbox;
	const admin = state.findAccount('linkedin', 'shop-admin')?.id ?? '';
	state.saveAccount({ ...state.account('linkedin', other.accountId), admins: [admin] });
	const token = await link('linkedin-pages', 'client-5');
	const browser = client();
	const back = await world.decide(await begin(browser, token), { account: admin });
	const answer = await browser.get(`${back.pathname}${back.search}`);
	const flow = new RegExp(`^/l/${token}\\?flow=([0-9a-f-]{36})$`).exec(answer.location ?? '')?.[1];
	const place = `/api/connect-links/${token}/flow/${flow}`;
	const { candidates } = (await browser.get(place)).json<LinkFlowAnswer>();
	expect(candidates.map(({ handle }) => handle).sort()).toEqual(['cafe', 'shop']);
	expect((await client().get(place)).status).toBe(404);
	const chosen = await browser.post(place, { remoteIds: [seeded.accountId, other.accountId] });
	expect(chosen.json()).toEqual({ accounts: [{ handle: 'shop', displayName: 'shop' }] });
	expect(await world.accounts('client-5')).toHaveLength(1);
});

test('a link that has run out, and one that never was', async () => {
	const token = await link('x', 'client-6');
	const page = await begin(client(), token);
	expect(page).toContain('/x/i/oauth2/authorize');
	await world.database.query(
		`update musekit_social.connect_links set expires_at = now() - interval '1 second'`,
	);
	const late = await client().get(`/api/connect-links/${token}`);
	expect(late.json()).toMatchObject({ code: 'link_expired' });
	const never = await client().get(`/api/connect-links/${'a'.repeat(43)}`);
	expect(never.json()).toMatchObject({ code: 'link_unknown' });
});

test('no token of a link or of a platform is in the store or its logs', async () => {
	const dump = await world.dump();
	const answers = clients.flatMap((browser) => browser.seen).join('\n');
	const tokens = [...world.admin.seen.join('\n').matchAll(/\/l\/([\w-]{43})/g)].map(([, t]) => t);
	expect(tokens.length).toBeGreaterThan(4);
	expect(tokens.filter((token) => dump.includes(token))).toEqual([]);
	const secrets = world.secrets();
	expect(secrets.filter((secret) => dump.includes(secret) || answers.includes(secret))).toEqual([]);
});
