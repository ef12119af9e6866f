import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { loadVaultKey, openToken } from '../../core/accounts/vault';
import type { TokenSecret } from '../../core/platforms/platform';
import { createCryptoPort } from '../../nodes/SocialPost/transport/crypto-port';
import { describeWithPds } from '../bluesky/pds-folder';
import { Pds } from '../bluesky/pds';
import { decide, type Decision } from '../sandbox/consent';
import { findLeaks, type Searched } from '../secrets/search';
import { errorOf, outputOf, type Execution } from './system/n8n-client';
import { openSystem, type System } from './system/system';
import { accountById, chain, socialAccount, socialPost, webhook } from './system/workflows';

/** One way in: the credential of a platform, and what its sign-in page must be asked. */
interface Door {
	platform: 'x' | 'linkedin' | 'instagram';
	type: string;
	/** What a person chooses in the credential. */
	choices: Record<string, unknown>;
	page: string;
	scopes: string;
	pkce: boolean;
}

const DOORS = {
	x: {
		platform: 'x',
		type: 'museKitSocialXOAuth2Api',
		choices: {},
		page: '/x/i/oauth2/authorize',
		scopes: 'tweet.read tweet.write users.read media.write offline.access',
		pkce: true,
	},
	linkedin: {
		platform: 'linkedin',
		type: 'museKitSocialLinkedInOAuth2Api',
		choices: {},
		page: '/linkedin/oauth/v2/authorization',
		scopes: 'openid profile w_member_social',
		pkce: false,
	},
	pages: {
		platform: 'linkedin',
		type: 'museKitSocialLinkedInOAuth2Api',
		choices: { organisations: true },
		page: '/linkedin/oauth/v2/authorization',
		scopes: 'w_organization_social r_organization_social rw_organization_admin w_member_social',
		pkce: false,
	},
	instagram: {
		platform: 'instagram',
		type: 'museKitSocialInstagramOAuth2Api',
		choices: {},
		page: '/instagram/oauth/authorize',
		scopes:
			'instagram_business_basic,instagram_business_content_publish,instagram_business_manage_insights',
		pkce: false,
	},
	facebook: {
		platform: 'instagram',
		type: 'museKitSocialInstagramOAuth2Api',
		choices: { loginProduct: 'facebook' },
		page: '/instagram/v26.0/dialog/oauth',
		scopes:
			'instagram_basic,instagram_content_publish,instagram_manage_insights,pages_show_list,pages_read_engagement',
		pkce: false,
	},
} satisfies Record<string, Door>;

/** Other files count the accounts of the default owner. */
const OWNER = 'doors';

let system: System;
/** Everything that must show up nowhere in n8n. */
const secrets: Record<string, string> = {};
let kept = 0;
/** Pages that n8n showed in the sign-in window. */
const pages: string[] = [];
/** Workflows whose executions are searched at the end. */
const workflows: string[] = [];

beforeAll(async () => {
	system = await openSystem();
});

function keep(name: string, secret: TokenSecret): TokenSecret {
	const values = { ...secret, expiresAt: undefined, issuedAt: undefined, clientId: undefined };
	for (const [field, value] of Object.entries(values)) {
		if (typeof value === 'string') secrets[`${name} ${field} ${(kept += 1)}`] = value;
	}
	return secret;
}

interface OpenDoor extends Door {
	credentialId: string;
}

/** A developer app at the sandbox and n8n's credential for it. */
async function openDoor(door: Door): Promise<OpenDoor> {
	const clientId = `e2e-${randomUUID()}`;
	const clientSecret = `secret-of-app-${randomUUID()}`;
	secrets[`secret of ${clientId}`] = clientSecret;
	const { platform, type } = door;
	await system.sandbox.addClient({
		platform,
		clientId,
		clientSecret,
		redirectUris: [`${system.access.n8n.url}/rest/oauth2-credential/callback`],
	});
	const credentialId = await system.n8n.createCredential(
		`${type} ${clientId}`,
		{
			clientId,
			clientSecret,
			baseUrl: `${system.access.sandboxUrl}/${platform}`,
			...door.choices,
		},
		type,
	);
	return { ...door, credentialId };
}

async function signIn(door: OpenDoor, decision: Decision) {
	const went = await system.n8n.signInWith(
		door.credentialId,
		async (page) => await decide(page.href, decision),
	);
	pages.push(went.text);
	const code = went.back.searchParams.get('code');
	if (code !== null) secrets[`code ${(kept += 1)}`] = code;
	return went;
}

/** Runs one Social Account (or Social Post) once. */
async function runNode(node: ReturnType<typeof socialAccount>): Promise<Execution> {
	const workflow = await system.install(chain(node.name, [webhook('e2e-account'), node]));
	workflows.push(workflow.id);
	const execution = await system.run(workflow, {});
	await system.n8n.deactivate(workflow.id);
	return execution;
}

const operate = async (parameters: Record<string, unknown>, door?: OpenDoor) =>
	await runNode(
		socialAccount(
			parameters,
			system.access.credentialId,
			door && { type: door.type, id: door.credentialId },
		),
	);

const connect = async (door: OpenDoor, options = {}, more = {}) => {
	const parameters = { operation: 'connect', platform: door.platform, ...more };
	return await operate({ ...parameters, options: { owner: OWNER, ...options } }, door);
};

/** What the node put out; the reason when it failed. */
function items(execution: Execution, name = 'Social Account') {
	if (execution.status !== 'success') {
		const { message, description } = errorOf(execution);
		throw new Error(`${message} ${description ?? ''}`);
	}
	return outputOf(execution, name).map(({ json }) => json);
}

/** The failed execution's words for a person. */
function refusal(execution: Execution) {
	expect(execution.status).toBe('error');
	const { message, description } = errorOf(execution);
	return `${message} ${description ?? ''}`;
}

const on = (id: unknown, operation: string, options = {}) =>
	operate({ operation, account: accountById(String(id)), options: { owner: OWNER, ...options } });

async function stored(id: unknown) {
	return await system.store.call('social_account_open', { p_account_id: String(id) });
}

/** What the vault holds; the row itself must not show it. */
async function vaultOf(id: unknown): Promise<TokenSecret> {
	const account = await stored(id);
	const crypto = createCryptoPort();
	const key = await loadVaultKey(system.access.vaultKey, crypto);
	if (key.outcome !== 'ok') throw new Error(key.error.message);
	const row = { accountId: account.id, owner: account.owner };
	const opened = await openToken(crypto, key.key, row, account.token);
	if (opened.outcome !== 'ok') throw new Error(opened.error.message);
	expect(account.token).toMatch(/^v1\./);
	expect(account.token).not.toContain(opened.secret.accessToken);
	return keep(account.handle, opened.secret);
}

const tokenCalls = async (platform: string, account: string) =>
	(await system.sandbox.requests({ platform, account, step: 'oauth.token' })).length;

const runPost = async (parameters: Record<string, unknown>) =>
	await runNode(socialPost(parameters, system.access.credentialId));

const publish = async (id: unknown, text: string, options = {}) =>
	await runPost({
		operation: 'publish',
		account: accountById(String(id)),
		text,
		options: { owner: OWNER, waitForSeconds: 20, allowRepeat: true, ...options },
	});

test.each([
	['X', DOORS.x, 'nox'],
	['LinkedIn, a person', DOORS.linkedin, 'lin-person'],
	['Instagram Login', DOORS.instagram, 'insta.login'],
	['Facebook Login', DOORS.facebook, 'insta.facebook'],
])('%s: from the sign-in page to the vault', async (_, wanted, handle) => {
	const door = await openDoor(wanted);
	const { page, status, text } = await signIn(door, { handle });
	expect(`${page.origin}${page.pathname}`).toBe(`${system.access.sandboxUrl}${wanted.page}`);
	expect(page.searchParams.get('scope')).toBe(wanted.scopes);
	expect(page.searchParams.get('code_challenge_method')).toBe(wanted.pkce ? 'S256' : null);
	expect(status).toBe(200);
	expect(text).not.toContain('Failed to connect');

	const [output, ...others] = items(await connect(door));
	expect(others).toEqual([]);
	expect(output).toMatchObject({ platform: wanted.platform, mode: 'sandbox', status: 'connected' });
	const account = await stored(output.id);
	const scopes = wanted.scopes.split(/[ ,]/);
	expect(account).toMatchObject({
		owner: OWNER,
		handle: output.handle,
		remoteId: output.remoteId,
		status: 'connected',
		baseUrl: `${system.access.sandboxUrl}/${wanted.platform}`,
	});
	expect([...account.scopes].sort()).toEqual([...scopes].sort());
	expect(account.missingScopes).toEqual([]);
	expect(account.lastValidatedAt).not.toBeNull();
	const secret = await vaultOf(output.id);
	expect(secret.accessToken.length).toBeGreaterThan(20);
	expect(secret.clientId).toMatch(/^e2e-/);
	expect(items(await on(output.id, 'validate'))).toMatchObject([{ access: 'valid' }]);
});

test('X: the vault renews, n8n never calls the token endpoint again, Disconnect ends it', async () => {
	const door = await openDoor(DOORS.x);
	await signIn(door, { handle: 'whole-life' });
	const [{ id }] = items(await connect(door));
	const first = await vaultOf(id);
	expect(await tokenCalls('x', 'whole-life')).toBe(1);

	expect(items(await on(id, 'refresh'))).toMatchObject([{ access: 'valid', status: 'connected' }]);
	const second = await vaultOf(id);
	expect(second.accessToken).not.toBe(first.accessToken);
	expect(second.refreshToken).not.toBe(first.refreshToken);
	expect(await tokenCalls('x', 'whole-life')).toBe(2);

	const [post] = items(await publish(id, 'With a token of the vault'), 'Social Post');
	expect(post).toMatchObject({ state: 'published' });
	expect(items(await on(id, 'validate'))).toMatchObject([{ access: 'valid' }]);

	// The credential still holds the older pair; Connect must not bring it back.
	const again = items(await connect(door));
	expect(again).toMatchObject([{ id, status: 'connected' }]);
	expect(await vaultOf(id)).toEqual(second);
	// A second renewal shows that the family lives.
	expect(items(await on(id, 'refresh'))).toMatchObject([{ access: 'valid' }]);
	await vaultOf(id);
	expect(await tokenCalls('x', 'whole-life')).toBe(3);

	const [due] = items(
		await runPost({
			operation: 'schedule',
			account: accountById(String(id)),
			text: 'Due when nobody may send it',
			publishAt: new Date(Date.now() + 1000).toISOString(),
			options: { owner: OWNER },
		}),
		'Social Post',
	);
	const [gone] = items(await on(id, 'disconnect'));
	expect(gone).toMatchObject({ id, status: 'disconnected' });
	expect(gone.warnings).toBeUndefined();
	const revokes = await system.sandbox.requests({ platform: 'x', step: 'oauth.revoke' });
	expect(revokes.filter(({ account }) => account === 'whole-life')[0]).toMatchObject({
		status: 200,
	});
	const [ended] = items(await on(id, 'validate'));
	expect(ended).toMatchObject({ access: 'ended', status: 'disconnected' });
	expect(ended.remedy).toMatch(/Connect the account again/);
	expect(refusal(await publish(id, 'Nobody may send this now'))).toMatch(/[Cc]onnect/);
	await runPost({ operation: 'publishDue', options: { watchForSeconds: 0 } });
	expect(await system.store.post(String(due.id), OWNER)).toMatchObject({
		state: 'scheduled',
		attempts: 0,
	});
	expect(await system.sandbox.ledger({ platform: 'x', handle: 'whole-life' })).toHaveLength(1);
	expect(await tokenCalls('x', 'whole-life')).toBe(3);
});

test('LinkedIn pages: all that the sign-in is good for, or one by its id', async () => {
	const pageName = `page-${randomUUID().slice(0, 8)}`;
	const page = await system.sandbox.addAccount({
		platform: 'linkedin',
		handle: pageName,
		kind: 'organization',
	});
	const door = await openDoor(DOORS.pages);
	const { page: asked } = await signIn(door, { handle: `${pageName}-admin` });
	expect(asked.searchParams.get('scope')).toBe(DOORS.pages.scopes);

	const options = { owner: 'agency' };
	const missing = await connect(door, options, { which: 'byId', remoteId: '424242' });
	expect(refusal(missing)).toMatch(/not good for the account 424242.*It is good for: .*page-/s);
	const one = items(await connect(door, options, { which: 'byId', remoteId: String(page.urn) }));
	expect(one).toMatchObject([{ handle: pageName, remoteId: page.accountId, owner: 'agency' }]);
	const all = items(await connect(door, options));
	expect(all).toMatchObject([{ id: one[0].id, handle: pageName }]);
	const [post] = items(await publish(one[0].id, 'From the page', options), 'Social Post');
	expect(post).toMatchObject({ state: 'published' });
	expect(await system.sandbox.ledger({ platform: 'linkedin', handle: pageName })).toHaveLength(1);

	const listed = items(
		await operate({
			operation: 'getAll',
			returnAll: true,
			options: { ...options, search: 'page-' },
		}),
	);
	expect(listed.map(({ id }) => id)).toContain(one[0].id);
	for (const { owner } of listed) expect(owner).toBe('agency');
	const none = await operate({
		operation: 'getAll',
		returnAll: true,
		options: { ...options, platform: 'x' },
	});
	expect(items(none)).toEqual([]);
	expect(refusal(await on(one[0].id, 'get'))).toMatch(/account/);
	const [got] = items(await on(one[0].id, 'get', options));
	expect(got).toMatchObject({ id: one[0].id, handle: pageName });
});

test('a sign-in that did not happen, was denied, or is somebody else’s says what to do', async () => {
	const door = await openDoor(DOORS.x);
	const nobody = refusal(await connect(door));
	expect(nobody).toMatch(/Nobody has signed in with the X credential yet/);
	expect(nobody).toMatch(/press "Connect" there and sign in/);

	const denied = await signIn(door, { handle: 'denier', deny: true });
	expect(denied.text).toContain('Failed to connect');
	expect(refusal(await connect(door))).toMatch(/Nobody has signed in/);

	await signIn(door, { handle: 'right-one' });
	const [right] = items(await connect(door));
	await vaultOf(right.id);
	const other = await openDoor(DOORS.x);
	await signIn(other, { handle: 'wrong-one' });
	const wrong = refusal(await connect(other, { accountId: right.id }));
	expect(wrong).toMatch(/was for @wrong-one, not for @right-one/);
	expect(wrong).toMatch(/sign in as @right-one/);
	expect(await stored(right.id)).toMatchObject({ handle: 'right-one', status: 'connected' });
});

test('no other node may use the door', async () => {
	const door = await openDoor(DOORS.x);
	await signIn(door, { handle: 'closed-door' });
	const calls = (await system.sandbox.requests({ platform: 'x', account: 'closed-door' })).length;
	const request = {
		...socialAccount({}, system.access.credentialId, { type: door.type, id: door.credentialId }),
		name: 'HTTP Request',
		type: 'n8n-nodes-base.httpRequest',
		typeVersion: 4.2,
		parameters: {
			url: `${system.access.sandboxUrl}/x/2/users/me`,
			authentication: 'predefinedCredentialType',
			nodeCredentialType: door.type,
			options: {},
		},
	};
	await expect(runNode(request)).rejects.toThrow(/restricted to: .*socialAccount/);
	const after = await system.sandbox.requests({ platform: 'x', account: 'closed-door' });
	expect(after).toHaveLength(calls);
});

describeWithPds('Bluesky on the real server', (folder) => {
	let pds: Pds;
	beforeAll(async () => {
		pds = await Pds.start(folder);
	}, 120_000);
	afterAll(async () => await pds?.stop());

	test('by handle and app password; a wrong one is refused in plain words', async () => {
		const type = 'museKitSocialBlueskyApi';
		const person = await pds.person('door');
		secrets['app password'] = person.password;
		const entries = { identifier: `@${person.handle}`, server: pds.url, sandbox: true };
		const door = async (appPassword: string) => ({
			...DOORS.x,
			type,
			credentialId: await system.n8n.createCredential(type, { ...entries, appPassword }, type),
		});
		const parameters = { operation: 'connect', platform: 'bluesky', options: { owner: OWNER } };
		const [output] = items(await operate(parameters, await door(person.password)));
		expect(output).toMatchObject({
			platform: 'bluesky',
			remoteId: person.did,
			handle: person.handle,
			status: 'connected',
		});
		await vaultOf(output.id);
		expect(items(await on(output.id, 'refresh'))).toMatchObject([{ access: 'valid' }]);
		await vaultOf(output.id);
		const [post] = items(await publish(output.id, 'From n8n'), 'Social Post');
		expect(post).toMatchObject({ state: 'published', platform: 'bluesky' });
		const refused = refusal(await operate(parameters, await door('not-the-password')));
		expect(refused).toMatch(/Bluesky/);
		expect(refused).toMatch(/app password/i);
	});
});

test('no token, code, password or app secret stands in executions or in the log of n8n', async () => {
	const log = readFileSync(system.access.n8n.logFile, 'utf8');
	const places: Searched[] = [
		{ name: 'log of n8n', text: log },
		{ name: 'sign-in windows', text: pages.join('\n') },
	];
	for (const id of workflows) {
		for (const execution of await system.n8n.executions(id)) {
			const text = JSON.stringify(await system.n8n.execution(execution.id));
			places.push({ name: `execution ${execution.id}`, text });
		}
	}
	// What is searched is really there.
	expect(log).not.toBe('');
	expect(pages.length).toBeGreaterThan(5);
	expect(places.length).toBeGreaterThan(workflows.length);
	expect(places.filter(({ text }) => text.includes('whole-life')).length).toBeGreaterThan(3);
	expect(Object.keys(secrets).length).toBeGreaterThan(20);
	expect(findLeaks(secrets, places)).toEqual([]);
});
