import type { StoreFunctions } from '../../core/store/contract';
import { createPost, registerPicture, saveAccount, type Call } from './fixtures';
import { openStore, type OpenStore } from './open-store';

describe('hosts of Bluesky accounts', () => {
	let store: OpenStore;
	let call: Call;
	beforeAll(async () => {
		store = await openStore();
		({ call } = store);
	}, 120_000);
	afterAll(() => store?.remove());

	const save = (
		p_mode: 'live' | 'sandbox',
		p_base_url: string,
		change: Partial<StoreFunctions['social_account_save']['args']> = {},
	) =>
		saveAccount(call, {
			p_platform: 'bluesky',
			p_mode,
			p_base_url,
			p_auth_url: p_base_url,
			...change,
		});
	const refused = { status: 400, code: 'account_host_refused' };

	test.each([
		'https://bsky.social',
		'https://amanita.us-east.host.bsky.network',
		'https://PDS.example-person.org/',
		'https://xn--grn-ioa.xn--p1ai',
	])('a live account may live on %s', async (url) => {
		await expect(save('live', url)).resolves.toEqual(expect.any(String));
	});

	test.each([
		'http://bsky.social',
		'https://bsky.social:8443',
		'https://user@bsky.social',
		'https://localhost',
		'https://pds',
		'https://127.0.0.1',
		'https://[::1]',
		'https://2130706433',
		'https://10.0.0.8',
		'https://pds.test',
		'https://pds.local',
		'https://metadata.google.internal',
		'https://a.home.arpa',
		'https://pds.example.org.',
		'https://-a.org',
		'https://a..org',
	])('a live account may not live on %s', async (url) => {
		await expect(save('live', url)).rejects.toMatchObject(refused);
	});

	test.each([
		'http://127.0.0.1:2583',
		'http://localhost:2583',
		'http://pds:3000',
		'https://pds.test',
	])('a sandbox account may live on %s', async (url) => {
		await expect(save('sandbox', url)).resolves.toEqual(expect.any(String));
	});

	test.each([
		'https://bsky.social',
		'http://bsky.social:8080',
		'https://amanita.us-east.host.bsky.network',
		'https://pds.somebody.org',
		'https://api.x.com',
	])('a sandbox account may not live on %s', async (url) => {
		await expect(save('sandbox', url)).rejects.toMatchObject(refused);
	});

	test('both addresses are checked, and other platforms keep to their own hosts', async () => {
		await expect(
			save('live', 'https://bsky.social', { p_auth_url: 'https://127.0.0.1' }),
		).rejects.toMatchObject(refused);
		await expect(
			save('live', 'https://pds.somebody.org', { p_platform: 'x' }),
		).rejects.toMatchObject(refused);
		await expect(
			save('live', 'https://bsky.social', { p_platform: 'linkedin' }),
		).rejects.toMatchObject(refused);
	});

	test('takes four pictures at most, and needs none', async () => {
		const account = await save('sandbox', 'http://127.0.0.1:2583');
		const hashes = ['a', 'b', 'c', 'd', 'e'].map((letter) => letter.repeat(64));
		for (const hash of hashes) await registerPicture(call, hash);
		const content = (count: number) => ({
			content: { text: 'x', media: hashes.slice(0, count).map((hash) => ({ hash })) },
		});
		await expect(createPost(call, account, content(0))).resolves.toMatchObject({
			platform: 'bluesky',
		});
		await expect(createPost(call, account, content(4))).resolves.toMatchObject({
			state: 'scheduled',
		});
		await expect(createPost(call, account, content(5))).rejects.toThrow('media_too_many');
	});
});
