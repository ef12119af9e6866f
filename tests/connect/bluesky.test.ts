import { describeWithPds } from '../bluesky/pds-folder';
import { Pds } from '../bluesky/pds';
import type { ConnectedAnswer, ConnectLinkAnswer } from '../../panel/shared/api';
import { Browser } from './browser';
import { World } from './world';

describeWithPds('Bluesky on the real server', (folder) => {
	let world: World;
	let pds: Pds;
	beforeAll(async () => {
		[world, pds] = await Promise.all([World.start(), Pds.start(folder)]);
	}, 120_000);
	afterAll(async () => {
		await world?.stop();
		await pds?.stop();
	});

	const signIn = async (change: object) =>
		await world.admin.post('/api/connect/app-password', {
			connector: 'bluesky',
			mode: 'sandbox',
			owner: 'default',
			server: pds.url,
			...change,
		});

	test('handle and app password, kept as a session; the password nowhere', async () => {
		const person = await pds.person('writer');
		const answer = await signIn({ identifier: `@${person.handle}`, password: person.password });
		expect(answer.status).toBe(200);
		const [account] = answer.json<ConnectedAnswer>().accounts;
		expect(account).toMatchObject({
			platform: 'bluesky',
			remoteId: person.did,
			handle: person.handle,
			status: 'connected',
		});
		const secret = await world.secret(account.id);
		const dump = await world.dump();
		const answers = world.admin.seen.join('\n');
		for (const text of [secret.accessToken, secret.refreshToken ?? '?', person.password]) {
			expect(dump.includes(text)).toBe(false);
			expect(answers.includes(text)).toBe(false);
		}
		expect((await world.admin.post(`/api/accounts/${account.id}/refresh`)).status).toBe(200);
		expect((await world.secret(account.id)).refreshToken).not.toBe(secret.refreshToken);

		const fresh = await world.secret(account.id);
		const gone = await world.admin.post(`/api/accounts/${account.id}/disconnect`);
		expect(gone.json()).toMatchObject({ account: { status: 'disconnected' }, warnings: [] });
		const after = await fetch(`${pds.url}/xrpc/com.atproto.server.refreshSession`, {
			method: 'POST',
			headers: { authorization: `Bearer ${fresh.refreshToken}` },
		});
		expect(after.status).toBe(400);
	});

	test('a wrong password, another account on reconnect, an address that is none', async () => {
		const right = await pds.person('right');
		const wrong = await pds.person('wrong');
		const refused = await signIn({ identifier: right.handle, password: 'not it' });
		expect(refused.status).toBe(422);
		expect(refused.json()).toMatchObject({ code: 'bluesky_sign_in' });
		const made = await signIn({ identifier: right.handle, password: right.password });
		const [account] = made.json<ConnectedAnswer>().accounts;
		const before = await world.secret(account.id);
		const other = await signIn({
			identifier: wrong.handle,
			password: wrong.password,
			accountId: account.id,
		});
		expect(other.json()).toMatchObject({ code: 'account_is_another' });
		expect(await world.secret(account.id)).toEqual(before);
		const down = await signIn({
			identifier: right.handle,
			password: right.password,
			server: 'http://127.0.0.1:9',
		});
		expect(down.status).toBe(503);
	});

	test.each([
		['http://127.0.0.1:2583'],
		['https://127.0.0.1'],
		['https://169.254.169.254'],
		['https://localhost'],
		['https://metadata.google.internal'],
		['http://bsky.social'],
		['https://bsky.social:8443'],
		['https://[::1]'],
		['https://2130706433'],
	])('a live account is never asked for at %s', async (server) => {
		const answer = await signIn({
			mode: 'live',
			identifier: 'someone.example',
			password: 'app-password',
			server,
		});
		expect(answer.status).toBe(422);
		expect(answer.json()).toMatchObject({ code: 'account_host_refused' });
	});

	test('by a link, without a sign-in', async () => {
		const person = await pds.person('client');
		const made = await world.admin.post('/api/connect-links', {
			connector: 'bluesky',
			mode: 'sandbox',
			owner: 'client-7',
		});
		const token = made.json<ConnectLinkAnswer>().url.split('/l/')[1];
		const browser = new Browser(world.origin);
		const place = `/api/connect-links/${token}/app-password`;
		const fields = { identifier: person.handle, server: pds.url };
		expect((await browser.post(place, { ...fields, password: 'not it' })).status).toBe(422);
		const done = await browser.post(place, { ...fields, password: person.password });
		expect(done.json()).toMatchObject({ accounts: [{ handle: person.handle }] });
		expect((await browser.post(place, { ...fields, password: person.password })).status).toBe(410);
		expect(await world.accounts('client-7')).toHaveLength(1);
	});
});
