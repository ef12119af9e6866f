import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { picture, sandboxUnderTest, xClient } from './fixtures';

let folder: string;

beforeAll(async () => {
	folder = await mkdtemp(join(tmpdir(), 'musekit-sandbox-'));
});
afterAll(async () => await rm(folder, { recursive: true, force: true }));

test('posts, media and tokens survive a restart; the file is readable by its owner only', async () => {
	const dataFile = join(folder, 'kept', 'sandbox.jsonl');
	const first = await sandboxUnderTest({ dataFile });
	const ada = await first.seed({ platform: 'x', handle: 'ada' });
	const client = xClient(first, ada.accessToken);
	const media = await client.v2.uploadMedia(await picture('png'), {
		media_type: 'image/png' as never,
	});
	const gone = await client.v2.tweet('gone');
	await client.v2.tweet('kept', { media: { media_ids: [media] } });
	await client.v2.deleteTweet(gone.data.id);
	const before = await first.ledger('live=true');
	await first.stop();
	expect((await stat(dataFile)).mode & 0o777).toBe(0o600);
	// What a kill in the middle of a write leaves behind.
	await writeFile(dataFile, `${await readFile(dataFile, 'utf8')}["entries","x:1",{"plat`);

	const second = await sandboxUnderTest({ dataFile });
	const after = await second.ledger('live=true');
	expect(after.map(({ id, text, media: pictures }) => ({ id, text, pictures }))).toEqual(
		before.map(({ id, text, media: pictures }) => ({ id, text, pictures })),
	);
	const kept = await fetch(`${second.url}/_media/${after[0]?.media[0]?.sha256}`);
	expect(kept.status).toBe(200);
	const fresh = await xClient(second, {
		clientId: ada.clientId,
		clientSecret: ada.clientSecret ?? '',
	}).refreshOAuth2Token(ada.refreshToken ?? '');
	const error: unknown = await xClient(second, fresh.accessToken)
		.v2.tweet('kept')
		.catch((reason: unknown) => reason);
	expect(error).toMatchObject({ code: 403 });
	await second.stop();
});

test('admin routes take programs on this machine only', async () => {
	const sandbox = await sandboxUnderTest();
	const ask = async (headers: Record<string, string>): Promise<number> =>
		await new Promise((resolve, reject) => {
			request(`${sandbox.url}/_ledger`, { headers }, (response) => {
				response.resume();
				resolve(response.statusCode ?? 0);
			})
				.on('error', reject)
				.end();
		});
	expect(await ask({})).toBe(200);
	expect(await ask({ origin: sandbox.url })).toBe(200);
	expect(await ask({ origin: 'https://evil.example' })).toBe(403);
	expect(await ask({ 'sec-fetch-site': 'cross-site' })).toBe(403);
	expect(await ask({ host: 'evil.example' })).toBe(403);
	await sandbox.stop();
});

test('the request log and the ledger hold no token', async () => {
	const sandbox = await sandboxUnderTest();
	const ada = await sandbox.seed({ platform: 'instagram', handle: 'ada' });
	await fetch(`${sandbox.url}/instagram/me?access_token=${ada.accessToken}`);
	const requests = await sandbox.seenRequests('platform=instagram&account=ada');
	expect(requests).toEqual([
		expect.objectContaining({ method: 'GET', path: '/me', step: 'me', status: 200, fault: null }),
	]);
	expect(JSON.stringify(requests)).not.toContain(ada.accessToken);
	await sandbox.reset();
	expect(await sandbox.seenRequests()).toEqual([]);
	await sandbox.stop();
});

test('pages show posts, escaped, with pictures and alt text', async () => {
	const sandbox = await sandboxUnderTest();
	const ada = await sandbox.seed({
		platform: 'x',
		handle: 'ada',
		displayName: 'Ada <b>Lovelace</b>',
	});
	const client = xClient(sandbox, ada.accessToken);
	const media = await client.v2.uploadMedia(await picture('png'), {
		media_type: 'image/png' as never,
	});
	await client.v2.createMediaMetadata(media, { alt_text: { text: 'Say "cheese" <3' } });
	const made = await client.v2.tweet('<script>alert(1)</script> see https://example.com/?a=1&b=2', {
		media: { media_ids: [media] },
	});
	const page = async (path: string): Promise<{ status: number; html: string; csp: string }> => {
		const response = await fetch(`${sandbox.url}${path}`);
		return {
			status: response.status,
			html: await response.text(),
			csp: response.headers.get('content-security-policy') ?? '',
		};
	};
	const timeline = await page('/x/ada');
	expect(timeline.status).toBe(200);
	expect(timeline.html).not.toContain('<script>');
	expect(timeline.html).not.toContain('<b>Lovelace');
	expect(timeline.html).toContain('alt="Say &quot;cheese&quot; &lt;3"');
	expect(timeline.html).toContain('href="https://example.com/?a=1&amp;b=2"');
	expect(timeline.html).toContain('Sandbox');
	expect(timeline.csp).toContain("default-src 'none'");
	const [entry] = await sandbox.ledger();
	expect((await page(new URL(entry?.url ?? '').pathname)).html).toContain('&lt;script&gt;');
	expect((await page('/')).html).toContain('href="/x/ada"');
	await client.v2.deleteTweet(made.data.id);
	expect((await page(new URL(entry?.url ?? '').pathname)).status).toBe(404);
	expect((await page('/x/ada')).html).toContain('Deleted');
	expect((await page('/x/nobody')).status).toBe(404);
	expect((await page('/linkedin/in/nobody')).status).toBe(404);
	await sandbox.stop();
});

test('the process says when it is ready, and ends cleanly on SIGTERM or a closed stdin', async () => {
	const config = join(folder, 'config.json');
	await writeFile(
		config,
		JSON.stringify({
			port: 0,
			exitWithStdin: true,
			accounts: [{ platform: 'x', handle: 'demo', displayName: 'Demo' }],
		}),
	);
	const main = join(__dirname, '../../sandbox/src/main.ts');
	for (const end of ['signal', 'stdin'] as const) {
		const child = spawn(process.execPath, ['--import', 'tsx', main, config], {
			stdio: ['pipe', 'pipe', 'inherit'],
		});
		const exited = once(child, 'exit');
		const [line] = (await once(createInterface({ input: child.stdout }), 'line')) as [string];
		const ready = JSON.parse(line) as { ready: boolean; url: string };
		expect(ready.ready).toBe(true);
		expect(await (await fetch(`${ready.url}/x/demo`)).text()).toContain('No posts yet.');
		if (end === 'signal') child.kill('SIGTERM');
		else child.stdin.end();
		expect(await exited).toEqual([0, null]);
	}
});
