import { randomUUID } from 'node:crypto';
import { loadVaultKey, sealToken, type VaultKey } from '../../core/accounts/vault';
import { createCryptoPort } from '../../fallback-runner/src/ports/crypto';
import type { AccountsAnswer } from '../../panel/shared/api';
import { type Call, callsOf, createPost, saveAccount } from '../store/fixtures';
import { type Browser, type Panel, startPanel, withPeople } from './world';

const ported = createCryptoPort();
const DAY_MS = 86_400_000;

let panel: Panel;
let admin: Browser;
let viewer: Browser;
let call: Call;
let key: VaultKey;

beforeAll(async () => {
	panel = await startPanel();
	({ admin, viewer } = await withPeople(panel));
	call = callsOf(panel.store.client());
	const loaded = await loadVaultKey(panel.vaultKey, ported);
	if (loaded.outcome !== 'ok') throw new Error(loaded.error.message);
	key = loaded.key;
	await call('social_vault_init', { p_vault_fingerprint: key.fingerprint });
}, 120_000);

afterAll(async () => {
	await panel?.stop();
});

/** An account whose access ends in so many days, with a refresh token or without. */
async function account(days: number, refreshToken?: string, owner = 'default'): Promise<string> {
	const id = randomUUID();
	const expiresAt = Date.now() + days * DAY_MS;
	const token = await sealToken(
		ported,
		key,
		{ accountId: id, owner },
		{ accessToken: 'secret-access', expiresAt, ...(refreshToken ? { refreshToken } : {}) },
	);
	await saveAccount(call, {
		p_id: id,
		p_owner: owner,
		p_platform: 'linkedin',
		p_base_url: 'http://127.0.0.1:4010/linkedin',
		p_auth_url: 'http://127.0.0.1:4010/linkedin',
		p_token: token,
		p_token_key_id: key.keyId,
		p_token_expires_at: new Date(expiresAt).toISOString(),
	});
	return id;
}

async function list(browser: Browser, query = '') {
	const answer = await browser.send('GET', `/api/accounts${query}`);
	expect(answer.status).toBe(200);
	expect(answer.text).not.toContain('secret-access');
	return (answer.json as AccountsAnswer).accounts;
}

describe('the list of accounts', () => {
	it('says whose access is renewed by itself, and whose is not', async () => {
		const ends = await account(5);
		const renews = await account(5, 'secret-refresh');
		const far = await account(50);
		const foreign = await saveAccount(call, {
			p_token_expires_at: new Date(Date.now() + DAY_MS).toISOString(),
		});
		const known = new Map((await list(viewer)).map(({ id, renewed }) => [id, renewed]));
		expect(known.get(ends)).toBe(false);
		expect(known.get(renews)).toBe(true);
		// Nobody has to know yet, and this token no key of the panel opens.
		expect(known.get(far)).toBeNull();
		expect(known.get(foreign)).toBeNull();
	});

	it('names the posts that are at risk', async () => {
		const id = await account(5);
		const post = await createPost(call, id, {
			scheduledAt: new Date(Date.now() + 6 * DAY_MS).toISOString(),
		});
		const at = new Date(Date.now() + 5 * DAY_MS).toISOString();
		await call('social_risks_save', {
			p_account_id: id,
			p_risks: [
				{
					code: 'token_ends_before_post',
					postId: post.id,
					at,
					message: 'The access ends before this post is due.',
					remedy: 'Connect the account again.',
				},
			],
		});
		const [found] = (await list(viewer)).filter((one) => one.id === id);
		expect(found.warnings).toMatchObject([{ code: 'token_ends_before_post', postId: post.id }]);
	});

	it('shows nobody another owner’s, and lets a viewer do nothing with one', async () => {
		const theirs = await account(5, undefined, 'somebody');
		expect((await list(viewer)).map(({ id }) => id)).not.toContain(theirs);
		const other = await viewer.send('GET', '/api/accounts?owner=somebody');
		expect(other).toMatchObject({ status: 403, json: { code: 'owner_refused' } });
		expect((await list(admin, '?owner=somebody')).map(({ id }) => id)).toEqual([theirs]);
		for (const action of ['validate', 'refresh', 'disconnect']) {
			const refused = await viewer.send('POST', `/api/accounts/${theirs}/${action}`);
			expect(refused).toMatchObject({ status: 403, json: { code: 'role_missing' } });
		}
		const [kept] = await list(admin, '?owner=somebody');
		expect(kept.status).toBe('connected');
	});
});
