import { createHash, randomBytes, randomUUID } from 'node:crypto';
import type { Client } from 'pg';
import { CONTRACT } from '../../core/store/contract';
import { KeyRing, mayCall } from '../../supabase/embedded/issued-keys';
import { callsOf, saveAccount, type Call } from './fixtures';
import { openStore, type OpenStore } from './open-store';
import { logsOf, supabase } from './with-store';

let store: OpenStore;
let call: Call;
let database: Client;

beforeAll(async () => {
	store = await openStore();
	({ call, database } = store);
});

afterAll(() => store?.remove());

async function issue(name = `n8n ${randomUUID()}`) {
	const key = `sb_secret_${randomBytes(32).toString('base64url')}`;
	const id = randomUUID();
	const view = await call('social_key_issue', {
		p_id: id,
		p_name: name,
		p_digest: createHash('sha256').update(key).digest('hex'),
		p_hint: key.slice(-4),
		p_made_by: 'ada',
	});
	return { key, id, view };
}

const ping = (key: string) => supabase(store.url, key).rpc('social_ping', { p_contract: CONTRACT });

test('an issued key works beside the service key and is refused right after it was revoked', async () => {
	const { key, id } = await issue();
	expect((await ping(key)).data).toMatchObject({ code: 'ok' });
	const mine = callsOf(supabase(store.url, key));
	await saveAccount(mine, { p_owner: 'keyed' });
	const { revokedAt } = await call('social_key_revoke', { p_id: id });
	expect(revokedAt).not.toBeNull();
	const refused = await ping(key);
	expect(refused.status).toBe(401);
	expect(refused.error).toMatchObject({ message: 'Invalid API key' });
	expect((await ping(store.serviceKey)).data).toMatchObject({ code: 'ok' });
});

test('one that was revoked in the database itself is refused within a second', async () => {
	const { key, id } = await issue();
	expect((await ping(key)).status).toBe(200);
	await database.query('update musekit_social.gateway_keys set revoked_at = now() where id = $1', [
		id,
	]);
	const since = performance.now();
	while ((await ping(key)).status === 200) await new Promise((done) => setTimeout(done, 20));
	process.stdout.write(`refused after ${Math.round(performance.now() - since)} ms\n`);
	expect((await ping(key)).status).toBe(401);
});

test('what is kept is a hash, and no key stands in a log', async () => {
	const { key, id } = await issue();
	await ping(key);
	const { rows } = await database.query<{ row: string }>(
		'select row_to_json(k)::text as row from musekit_social.gateway_keys k where id = $1',
		[id],
	);
	expect(rows[0].row).not.toContain(key);
	expect(logsOf(store)).not.toContain(key);
	const { items } = await call('social_key_list', { p_limit: 200 });
	expect(JSON.stringify(items)).not.toContain(createHash('sha256').update(key).digest('hex'));
});

test('the list says who made it and when it was last used, newest first, in pages', async () => {
	const first = await issue('first of two');
	const second = await issue('second of two');
	await ping(first.key);
	const used = async () => {
		const { items, embedded } = await call('social_key_list', { p_limit: 200 });
		expect(embedded).toBe(true);
		return items.find(({ id }) => id === first.id)?.lastUsedAt ?? null;
	};
	while ((await used()) === null) await new Promise((done) => setTimeout(done, 20));
	const page = await call('social_key_list', { p_limit: 1 });
	expect(page.items[0]).toMatchObject({
		id: second.id,
		name: 'second of two',
		madeBy: 'ada',
		hint: second.key.slice(-4),
		lastUsedAt: null,
	});
	const next = await call('social_key_list', { p_limit: 1, p_cursor: page.nextCursor });
	expect(next.items[0].id).toBe(first.id);
});

test('a name is taken while its key works; asking again under the same id gives the same key', async () => {
	const { view, id } = await issue('one name');
	await expect(issue('One Name')).rejects.toMatchObject({ status: 409, code: 'key_name_taken' });
	const again = await call('social_key_issue', {
		p_id: id,
		p_name: 'one name',
		p_digest: await digestOf(id),
		p_hint: view.hint,
	});
	expect(again.id).toBe(id);
	await call('social_key_revoke', { p_id: id });
	expect((await issue('one name')).view.name).toBe('one name');
	await expect(issue('  ')).rejects.toMatchObject({ status: 400, code: 'key_name_invalid' });
	await expect(call('social_key_revoke', { p_id: randomUUID() })).rejects.toMatchObject({
		status: 404,
		code: 'key_unknown',
	});
});

async function digestOf(id: string): Promise<string> {
	const digests = await call('social_key_digests', {});
	return Object.entries(digests).find(([, of]) => of === id)?.[0] ?? '';
}

test('such a key makes no people, keys or rules', async () => {
	const { key } = await issue();
	const mine = supabase(store.url, key);
	for (const [name, args] of [
		['social_key_issue', {}],
		['social_key_list', {}],
		['social_panel_user_list', {}],
		['social_settings_set', { p_key: 'module', p_value: { enabled: false } }],
		['social_feature_set', { p_toggle: 'module', p_on: false }],
		['social_owner_save', { p_owner: 'x', p_tier: 'power' }],
	] as const) {
		const answer = await mine.rpc(name, { p_contract: CONTRACT, ...args });
		expect([name, answer.status, answer.error?.code]).toEqual([name, 403, 'key_not_allowed']);
	}
	expect(
		['social_create', 'social_claim', 'social_vault_init', 'social_heartbeat'].every(mayCall),
	).toBe(true);
});

test('a made-up key is refused', async () => {
	expect((await ping(`sb_secret_${randomBytes(32).toString('base64url')}`)).status).toBe(401);
});

test('on a Supabase project keys are made elsewhere', async () => {
	const apart = await store.connect();
	// PostgREST tells other claims than the embedded gateway.
	await apart.query(`select set_config('request.jwt.claims', '{"role": "service_role"}', false)`);
	await expect(
		apart.query(`select public.social_key_issue($1, $2, 'n8n', $3, 'abcd')`, [
			CONTRACT,
			randomUUID(),
			'0'.repeat(64),
		]),
	).rejects.toMatchObject({ message: 'keys_elsewhere' });
});

describe('the ring of keys', () => {
	type Reply = Awaited<ReturnType<ConstructorParameters<typeof KeyRing>[0]['run']>>;

	function ringOn(answers: () => Promise<Reply>) {
		const asked: string[] = [];
		const clock = { now: 0 };
		const ring = new KeyRing(
			{
				run: async ({ name }) => {
					asked.push(name);
					return name === 'social_key_digests'
						? await answers()
						: { kind: 'value', json: '{}', rows: 1 };
				},
			},
			() => clock.now,
		);
		return { ring, asked, clock };
	}
	const value = (digests: Record<string, string>): Reply => ({
		kind: 'value',
		json: JSON.stringify(digests),
		rows: 1,
	});
	const away: Reply = { kind: 'refused', refusal: { status: 503, body: {} } };

	test('a thousand requests ask the database once, and note the use once', async () => {
		const { ring, asked } = ringOn(async () => value({ d: 'id' }));
		for (let n = 0; n < 1_000; n += 1) expect(await ring.find('d')).toBe('id');
		expect(asked).toEqual(['social_key_digests', 'social_key_used']);
	});

	test('requests at once share one question', async () => {
		const { ring, asked } = ringOn(async () => value({ d: 'id' }));
		await Promise.all(Array.from({ length: 50 }, () => ring.find('other')));
		expect(asked).toEqual(['social_key_digests']);
	});

	test('after a revocation an answer from before it is not believed', async () => {
		const waiting: ((reply: Reply) => void)[] = [];
		const { ring } = ringOn(() => new Promise((resolve) => waiting.push(resolve)));
		const found = ring.find('d');
		ring.forget();
		waiting[0](value({ d: 'id' }));
		while (waiting.length < 2) await new Promise((done) => setImmediate(done));
		waiting[1](value({}));
		expect(await found).toBeNull();
	});

	test('without an answer ever it cannot be known; later what is remembered counts', async () => {
		const reply: { now: Reply } = { now: away };
		const { ring, clock } = ringOn(async () => reply.now);
		expect(await ring.find('d')).toBeUndefined();
		reply.now = value({ d: 'id' });
		expect(await ring.find('d')).toBe('id');
		reply.now = away;
		clock.now += 60_000;
		expect(await ring.find('d')).toBe('id');
	});
});
