import { request as httpRequest } from 'node:http';
import { SignJWT } from 'jose';
import { logsOf, startTestStore, supabase, type TestStore } from './with-store';

const FUNCTIONS = `
	create table public.t_row (id int primary key, name text);
	insert into public.t_row values (1, 'one'), (2, 'two');
	create function public.t_scalar(a int, b int default 10) returns int language sql stable as 'select a + b';
	create function public.t_jsonb(doc jsonb, tags text[]) returns jsonb language sql immutable as 'select jsonb_build_object(''doc'', doc, ''tags'', to_jsonb(tags))';
	create function public.t_set() returns setof public.t_row language sql stable as 'select * from public.t_row order by id';
	create function public.t_ids() returns setof int language sql stable as 'select id from public.t_row order by id';
	create function public.t_one(p_id int) returns public.t_row language sql stable as 'select * from public.t_row where id = p_id';
	create function public.t_out(a int, out double int, out text_of text) language sql immutable as 'select a * 2, a::text';
	create function public.t_void() returns void language sql volatile as '';
	create function public.t_insert(p_id int) returns void language sql volatile as 'insert into public.t_row values (p_id, ''x'')';
	create function public.t_inner() returns int language sql volatile as 'insert into public.t_row values (99) returning id';
	create function public.t_writes_stable() returns int language sql stable as 'select public.t_inner()';
	create function public.t_raise(code text) returns void language plpgsql volatile as 'begin raise exception using errcode = code, message = ''m'', detail = ''d'', hint = ''h''; end';
	create function public.t_sleep(s float) returns void language sql volatile as 'select pg_sleep(s)';
	create function public.t_who() returns jsonb language sql stable as 'select jsonb_build_object(''role'', current_user, ''claims'', current_setting(''request.jwt.claims'', true)::jsonb)';
	create function public.t_over(a int) returns text language sql immutable as 'select ''int''';
	create function public.t_over(b text) returns text language sql immutable as 'select ''text''';
	create function public.t_twice(a int) returns text language sql immutable as 'select ''int''';
	create function public.t_twice(a text) returns text language sql immutable as 'select ''text''';
	grant select, insert on public.t_row to service_role, authenticated;`;

describe('gateway answers as PostgREST', () => {
	let store: TestStore;
	beforeAll(async () => {
		store = await startTestStore({
			limits: { statementMs: 500, rpcBytes: 50_000, connections: 4 },
		});
		const client = await store.connect();
		await client.query(FUNCTIONS);
	}, 120_000);
	afterAll(() => store.remove());

	const token = (claims: Record<string, unknown>, expires = '5m', secret = store.jwtSecret) =>
		new SignJWT(claims)
			.setProtectedHeader({ alg: 'HS256' })
			.setExpirationTime(expires)
			.sign(new TextEncoder().encode(secret));
	const ask = (path: string, init: RequestInit = {}) =>
		fetch(`${store.url}${path}`, {
			method: 'POST',
			...init,
			headers: {
				apikey: store.serviceKey,
				'content-type': 'application/json',
				...(init.headers as Record<string, string>),
			},
		});
	const rpc = (name: string, args?: Record<string, unknown>) => store.client().rpc(name, args);

	test.each([
		['t_scalar', { a: 1 }, 11],
		['t_scalar', { a: 1, b: 2 }, 3],
		['t_scalar', { a: null }, null],
		[
			't_jsonb',
			{ doc: { a: [1, 'ä', null] }, tags: ['x', 'y z', '"q"'] },
			{ doc: { a: [1, 'ä', null] }, tags: ['x', 'y z', '"q"'] },
		],
		['t_jsonb', { doc: 'text', tags: [] }, { doc: 'text', tags: [] }],
		[
			't_set',
			{},
			[
				{ id: 1, name: 'one' },
				{ id: 2, name: 'two' },
			],
		],
		['t_ids', {}, [1, 2]],
		['t_one', { p_id: 2 }, { id: 2, name: 'two' }],
		['t_out', { a: 4 }, { double: 8, text_of: '4' }],
		['t_over', { a: 1 }, 'int'],
		['t_over', { b: 'x' }, 'text'],
	])('%s(%j)', async (name, args, expected) => {
		const { data, error, status } = await rpc(name, args);
		expect([error, status]).toEqual([null, 200]);
		expect(data).toEqual(expected);
	});

	test('void is 204 without a body', async () => {
		const response = await ask('/rest/v1/rpc/t_void', { body: '{}' });
		expect([response.status, await response.text()]).toEqual([204, '']);
		expect((await ask('/rest/v1/rpc/t_void')).status).toBe(204);
	});

	test('.single() takes one row and refuses two', async () => {
		expect((await rpc('t_set').single()).error).toMatchObject({ code: 'PGRST116' });
		expect((await store.client().rpc('t_one', { p_id: 1 }).single()).data).toEqual({
			id: 1,
			name: 'one',
		});
	});

	test.each([
		['P0001', 400],
		['PT409', 409],
		['PT404', 404],
		['23505', 409],
		['23503', 409],
		['23514', 400],
		['42501', 403],
		['42P01', 404],
		['22P02', 400],
		['25006', 405],
		['28000', 403],
		['40001', 500],
		['40P01', 500],
		['53300', 503],
		['55P03', 500],
		['57014', 500],
		['08006', 503],
		['XX000', 500],
	])('SQLSTATE %s is HTTP %i with all four fields', async (code, status) => {
		const response = await ask('/rest/v1/rpc/t_raise', { body: JSON.stringify({ code }) });
		expect(response.status).toBe(status);
		expect(await response.json()).toEqual({ code, message: 'm', details: 'd', hint: 'h' });
	});

	test('real violations, and the transaction is gone with them', async () => {
		const { error, status } = await rpc('t_insert', { p_id: 1 });
		expect([status, error?.code]).toEqual([409, '23505']);
		expect(error?.details).toContain('(id)=(1)');
		expect((await rpc('t_ids')).data).toEqual([1, 2]);
	});

	test('stable functions run read-only', async () => {
		const { error, status } = await rpc('t_writes_stable');
		expect([status, error?.code]).toEqual([405, '25006']);
	});

	test('ambiguous overloads, statement time-out', async () => {
		expect(await rpc('t_twice', { a: 1 })).toMatchObject({
			status: 300,
			error: { code: 'PGRST203' },
		});
		expect(await rpc('t_sleep', { s: 5 })).toMatchObject({ status: 500, error: { code: '57014' } });
	});

	test('bodies that are not a JSON object', async () => {
		for (const body of ['{"a":', '[1]', '"text"', 'null']) {
			const response = await ask('/rest/v1/rpc/t_scalar', { body });
			expect([body, response.status, ((await response.json()) as { code: string }).code]).toEqual([
				body,
				400,
				'PGRST102',
			]);
		}
		const form = await ask('/rest/v1/rpc/t_scalar', {
			body: 'a=1',
			headers: { 'content-type': 'application/x-www-form-urlencoded' },
		});
		expect([form.status, ((await form.json()) as { code: string }).code]).toEqual([
			400,
			'PGRST102',
		]);
	});

	test('other methods, media types, routes and query parameters', async () => {
		const cases: [string, RequestInit, number, string][] = [
			['/rest/v1/rpc/t_scalar', { method: 'GET' }, 405, 'PGRST101'],
			['/rest/v1/rpc/t_scalar', { method: 'DELETE' }, 405, 'PGRST101'],
			[
				'/rest/v1/rpc/t_scalar',
				{ body: '{"a":1}', headers: { accept: 'text/csv' } },
				406,
				'PGRST107',
			],
			['/rest/v1/rpc/t_scalar?a=eq.1', { body: '{"a":1}' }, 400, 'PGRST127'],
			['/rest/v1/t_row', { method: 'GET' }, 404, 'PGRST125'],
			['/anything', { method: 'GET' }, 404, 'PGRST125'],
		];
		for (const [path, init, status, code] of cases) {
			const response = await ask(path, init);
			expect([path, response.status, ((await response.json()) as { code: string }).code]).toEqual([
				path,
				status,
				code,
			]);
		}
	});

	test('a body over the limit is 413 with JSON, and the next request works', async () => {
		const response = await ask('/rest/v1/rpc/t_jsonb', {
			body: JSON.stringify({ doc: 'x'.repeat(200_000), tags: [] }),
		});
		expect(response.status).toBe(413);
		expect(await response.json()).toMatchObject({ code: 'payload_too_large' });
		expect((await rpc('t_scalar', { a: 1 })).data).toBe(11);
	});

	test('roles and claims: key, publishable key, user token', async () => {
		expect((await rpc('t_who')).data).toMatchObject({ role: 'service_role' });
		expect((await store.client('anon').rpc('t_who')).data).toMatchObject({ role: 'anon' });
		const user = await token({ role: 'authenticated', sub: 'u1' });
		const { data } = await supabase(store.url, store.anonKey, {
			authorization: `Bearer ${user}`,
		}).rpc('t_who');
		expect(data).toMatchObject({ role: 'authenticated', claims: { sub: 'u1' } });
		const bearerOnly = await fetch(`${store.url}/rest/v1/rpc/t_who`, {
			method: 'POST',
			headers: { authorization: `Bearer ${store.serviceKey}` },
		});
		expect(await bearerOnly.json()).toMatchObject({ role: 'service_role' });
		const social = await supabase(store.url, store.anonKey, {
			authorization: `Bearer ${user}`,
		}).rpc('social_ping', { p_contract: 1 });
		expect([social.status, social.error?.code]).toEqual([403, '42501']);
	});

	test('forged, expired, unsigned and overreaching tokens', async () => {
		const none = `${Buffer.from('{"alg":"none"}').toString('base64url')}.${Buffer.from('{"role":"service_role"}').toString('base64url')}.`;
		const cases: [string, number, string][] = [
			[await token({ role: 'service_role' }, '5m', 'x'.repeat(64)), 401, 'PGRST301'],
			[await token({ role: 'service_role' }, '-5m'), 401, 'PGRST303'],
			[none, 401, 'PGRST301'],
			['', 401, 'PGRST301'],
			[await token({ role: 'postgres' }), 403, '42501'],
		];
		for (const [bearer, status, code] of cases) {
			const response = await fetch(`${store.url}/rest/v1/rpc/t_who`, {
				method: 'POST',
				headers: { apikey: store.anonKey, authorization: `Bearer ${bearer}` },
			});
			expect([response.status, ((await response.json()) as { code: string }).code]).toEqual([
				status,
				code,
			]);
		}
	});

	test('a secret key from a browser is refused, a publishable one is not', async () => {
		const browser = { 'user-agent': 'Mozilla/5.0 (X11; Linux x86_64) Chrome/140' };
		const secret = await ask('/rest/v1/rpc/t_who', { headers: browser });
		expect(secret.status).toBe(401);
		expect(await secret.json()).toMatchObject({
			message: 'Forbidden use of secret API key in browser',
		});
		expect(
			(await ask('/rest/v1/rpc/t_who', { headers: { ...browser, apikey: store.anonKey } })).status,
		).toBe(200);
	});

	test('no CORS, no sniffing, no framework header', async () => {
		const response = await ask('/rest/v1/rpc/t_who', {
			headers: { origin: 'https://evil.example' },
		});
		expect(response.headers.get('access-control-allow-origin')).toBeNull();
		expect(response.headers.get('x-content-type-options')).toBe('nosniff');
		expect(response.headers.get('x-powered-by')).toBeNull();
	});

	test('the role never outlives its call, also when calls run side by side', async () => {
		const answers = await Promise.all(
			Array.from({ length: 60 }, (_, n) =>
				store
					.client(n % 2 ? 'anon' : 'service')
					.rpc('t_who')
					.then(({ data }) => (data as { role: string }).role),
			),
		);
		expect(answers).toEqual(answers.map((_, n) => (n % 2 ? 'anon' : 'service_role')));
	});

	test('a function made or changed while it runs is found', async () => {
		const client = await store.connect();
		expect((await rpc('t_late', { a: 1 })).status).toBe(404);
		await client.query(
			`create function public.t_late(a int) returns int language sql immutable as 'select a'`,
		);
		await new Promise((resolve) => setTimeout(resolve, 250));
		expect((await rpc('t_late', { a: 1 })).data).toBe(1);
	});

	test('logs hold no key, token or body', async () => {
		const marker = 'a-very-private-text-of-a-post';
		const user = await token({ role: 'authenticated' });
		await rpc('t_jsonb', { doc: marker, tags: null });
		await rpc('t_raise', { code: `${marker}` });
		await ask('/rest/v1/rpc/t_who', { headers: { authorization: `Bearer ${user}x` } });
		await ask('/rest/v1/rpc/t_scalar?token=query-secret', { body: '{"a":1}' });
		const logs = logsOf(store);
		expect(logs).toContain('/rest/v1/rpc/t_jsonb');
		const passwords = Object.values(store.config.passwords);
		for (const secret of [
			store.serviceKey,
			store.anonKey,
			store.jwtSecret,
			...passwords,
			user,
			marker,
			'query-secret',
		]) {
			expect(logs.includes(secret)).toBe(false);
		}
	});

	test('a request that never ends its headers does not hold others up', async () => {
		const hanging = httpRequest(`${store.url}/rest/v1/rpc/t_who`, {
			method: 'POST',
			headers: { apikey: store.serviceKey, 'content-length': '100' },
		});
		hanging.on('error', () => undefined);
		hanging.write('{');
		expect((await rpc('t_scalar', { a: 1 })).data).toBe(11);
		hanging.destroy();
	});
});

describe('rate limit', () => {
	test('answers 429 with JSON and Retry-After, and says when to come back', async () => {
		const store = await startTestStore({ limits: { rate: { requests: 5, windowMs: 60_000 } } });
		try {
			const answers: Response[] = [];
			for (let n = 0; n < 7; n += 1) {
				answers.push(
					await fetch(`${store.url}/rest/v1/rpc/social_ping`, {
						method: 'POST',
						headers: { apikey: store.serviceKey },
						body: '{"p_contract":1}',
					}),
				);
			}
			expect(answers.map((answer) => answer.status)).toEqual([400, 400, 400, 400, 400, 429, 429]);
			expect(Number(answers[6].headers.get('retry-after'))).toBeGreaterThan(0);
			expect(await answers[6].json()).toMatchObject({ code: 'too_many_requests' });
			expect((await fetch(`${store.url}/health`)).status).toBe(200);
		} finally {
			await store.remove();
		}
	});
});
