import type { OverviewAnswer } from '../../panel/shared/overview';
import {
	callsOf,
	claimPost,
	createPost,
	saveAccount,
	saveEvidence,
	type Call,
} from '../store/fixtures';
import { Browser, type Panel, startPanel, withPeople } from './world';

let panel: Panel;
let admin: Browser;
let viewer: Browser;
let call: Call;

beforeAll(async () => {
	panel = await startPanel();
	({ admin, viewer } = await withPeople(panel));
	call = callsOf(panel.store.client());
}, 120_000);

afterAll(async () => {
	await panel?.stop();
});

const overview = async (browser: Browser, query = '') => {
	const answer = await browser.send('GET', `/api/overview${query}`);
	expect(answer.status).toBe(200);
	return answer.json as OverviewAnswer;
};

test('what went out, what is next, and how the carriers are', async () => {
	const account = await saveAccount(call, { p_profile_url: 'javascript:alert(1)' });
	const out = await createPost(call, account);
	await saveEvidence(call, await claimPost(call, out.id), { p_url: 'javascript:alert(2)' });
	const next = await createPost(call, account, {
		scheduledAt: new Date(Date.now() + 3_600_000).toISOString(),
	});
	await call('social_heartbeat', { p_carrier: 'runner-1', p_kind: 'runner', p_interval_ms: 5_000 });
	for (const browser of [admin, viewer]) {
		const seen = await overview(browser);
		expect(seen.lately.map(({ id }) => id)).toEqual([out.id]);
		expect(seen.next.map(({ id }) => id)).toEqual([next.id]);
		expect(seen).toMatchObject({
			review: [],
			reviewCount: 0,
			carriers: [{ carrier: 'runner-1', kind: 'runner', fresh: true }],
			outcomes: { x: { published: 1, failed: 0 } },
			week: { created: 2, published: 1 },
			weekBefore: { created: 0, published: 0, lateness: null },
		});
		expect(seen.storeMs).toBeGreaterThanOrEqual(0);
		expect(JSON.stringify(seen)).not.toContain('javascript:');
		expect(JSON.stringify(seen)).not.toContain('v1.k1');
	}
});

test("another owner's are for admins who ask for them", async () => {
	const account = await saveAccount(call, { p_owner: 'acme', p_handle: 'acme-handle' });
	expect(account).toBeTruthy();
	expect(JSON.stringify(await overview(viewer))).not.toContain('acme-handle');
	expect(JSON.stringify(await overview(admin))).not.toContain('acme-handle');
	expect(JSON.stringify(await overview(admin, '?owner=acme'))).toContain('acme-handle');
	expect(await viewer.send('GET', '/api/overview?owner=acme')).toMatchObject({
		status: 403,
		json: { code: 'owner_refused' },
	});
});

test('nobody sees it without a sign-in', async () => {
	const stranger = new Browser(panel.url);
	expect((await stranger.send('GET', '/api/overview')).status).toBe(401);
});
