import https from 'node:https';
import { selfSigned, TlsFront } from '../../sandbox/src/tls-front';
import { sandboxUnderTest, type SandboxUnderTest } from './fixtures';

const made = selfSigned();
let sandbox: SandboxUnderTest;
let front: TlsFront;

beforeAll(async () => {
	sandbox = await sandboxUnderTest();
	front = await TlsFront.start(sandbox.url, made);
});
afterAll(async () => {
	await front.stop();
	await sandbox.stop();
});

async function health(ca: string | undefined): Promise<number | string> {
	return await new Promise((resolve) => {
		https
			.get(`${front.url}/_health`, { ca, agent: new https.Agent() }, (answer) => {
				answer.resume();
				resolve(answer.statusCode ?? 0);
			})
			.on('error', (error) => resolve((error as NodeJS.ErrnoException).code ?? 'error'));
	});
}

test('serves by TLS whoever trusts its certificate', async () => {
	expect(await health(made.cert)).toBe(200);
	expect(await health(undefined)).toMatch(/SELF_SIGNED/);
});

test('a held handshake goes on when it is released', async () => {
	const held = front.holdNext();
	let ended = false;
	const answer = health(made.cert).then((status) => {
		ended = true;
		return status;
	});
	const release = await held;
	expect(await health(made.cert)).toBe(200);
	expect(ended).toBe(false);
	release();
	expect(await answer).toBe(200);
});
