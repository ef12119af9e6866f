import { Client } from 'pg';
import { supabase, targets, tellSkippedTargets, type Target } from './targets';

tellSkippedTargets();

describe.each(targets)('API contract on the $name', ({ open }) => {
	let target: Target;
	beforeAll(async () => {
		target = await open();
	}, 120_000);
	afterAll(() => target.close());
	const service = () => supabase(target.url, target.serviceKey);

	test('the service role may call; the answer is the JSON of the function', async () => {
		const { data, error, status } = await service().rpc('social_ping', { p_contract: 1 });
		expect(error).toBeNull();
		expect(status).toBe(200);
		expect(data).toMatchObject({ contract: 1, moduleEnabled: true });
		expect(Date.parse((data as { storeNow: string }).storeNow)).toBeGreaterThan(1.7e12);
	});

	test('the public key may call none of the functions', async () => {
		if (!target.anonKey) return;
		const id = '0190f5a0-0000-7000-8000-000000000001';
		const calls: [string, Record<string, unknown>][] = [
			['social_ping', { p_contract: 1 }],
			['social_settings_get', { p_contract: 1 }],
			['social_overview', { p_contract: 1 }],
			['social_account_open', { p_contract: 1, p_account_id: id }],
			['social_account_list', { p_contract: 1, p_owner: 'default' }],
			['social_claim', { p_contract: 1, p_claim: {} }],
			['social_create', { p_contract: 1, p_options: {}, p_entries: [] }],
			['social_post_get', { p_contract: 1, p_post_id: id, p_owner: 'default' }],
		];
		const anon = supabase(target.url, target.anonKey);
		for (const [name, args] of calls) {
			const { error, status, data } = await anon.rpc(name, args);
			expect([name, error?.code, status, data]).toEqual([name, '42501', 401, null]);
		}
	});

	test('a refusal carries our code, the sentence in details and what to do as hint', async () => {
		const { error, status } = await service().rpc('social_settings_get', { p_contract: 99 });
		expect(status).toBe(400);
		expect(error).toMatchObject({ code: 'PT400', message: 'contract_mismatch' });
		expect(JSON.parse(error?.details ?? '{}')).toMatchObject({
			sentence: expect.stringContaining('99'),
		});
		expect(error?.hint).toContain('migrations');
	});

	test('unknown functions, unknown arguments and missing arguments are PGRST202', async () => {
		for (const [name, args] of [
			['social_nothing', {}],
			['social_ping', { p_contract: 1, p_other: 2 }],
			['social_ping', {}],
		] as const) {
			const { error, status } = await service().rpc(name, args);
			expect([name, status, error?.code]).toEqual([name, 404, 'PGRST202']);
		}
	});

	test('an argument of the wrong type is refused by the type', async () => {
		const { error, status } = await service().rpc('social_post_get', {
			p_contract: 1,
			p_post_id: 'no uuid',
			p_owner: 'default',
		});
		expect([status, error?.code]).toEqual([400, '22P02']);
	});

	test('tables cannot be reached by any key', async () => {
		for (const key of [target.serviceKey, target.anonKey].filter((k) => k !== null)) {
			for (const table of ['posts', 'accounts', 'settings']) {
				const response = await fetch(`${target.url}/rest/v1/${table}?select=*`, {
					headers: { apikey: key, 'accept-profile': 'musekit_social' },
				});
				expect(response.status).toBeGreaterThanOrEqual(400);
				expect(Array.isArray(await response.json())).toBe(false);
			}
		}
	});

	test('a wrong key, no key and a foreign token are 401', async () => {
		const ask = (headers: Record<string, string>) =>
			fetch(`${target.url}/rest/v1/rpc/social_ping`, {
				method: 'POST',
				headers: { 'content-type': 'application/json', ...headers },
				body: '{"p_contract":1}',
			});
		const foreign = 'eyJhbGciOiJIUzI1NiJ9.eyJyb2xlIjoic2VydmljZV9yb2xlIn0.c2lnbmF0dXJl';
		for (const headers of [
			{},
			{ apikey: 'sb_secret_wrong' },
			{ apikey: foreign },
			{ apikey: target.serviceKey, authorization: `Bearer ${foreign}` },
		]) {
			const response = await ask(headers as Record<string, string>);
			expect(response.status).toBe(401);
			expect(await response.json()).toHaveProperty('message');
		}
	});

	test('in the database: only service_role executes, nobody reads a table', async () => {
		if (!target.databaseUrl) return;
		const client = new Client({ connectionString: target.databaseUrl });
		await client.connect();
		try {
			const { rows } = await client.query<{
				name: string;
				anon: boolean;
				user: boolean;
				server: boolean;
			}>(
				`select p.proname as name,
					has_function_privilege('anon', p.oid, 'execute') as anon,
					has_function_privilege('authenticated', p.oid, 'execute') as user,
					has_function_privilege('service_role', p.oid, 'execute') as server
				from pg_proc p where p.pronamespace = 'public'::regnamespace and p.proname like 'social\\_%'`,
			);
			expect(rows.length).toBeGreaterThan(25);
			for (const row of rows) {
				expect(row).toEqual({ name: row.name, anon: false, user: false, server: true });
			}
			const inner = await client.query(
				`select p.proname from pg_proc p, (values ('anon'), ('authenticated'), ('service_role')) r(role)
				where p.pronamespace = 'musekit_social'::regnamespace
					and has_schema_privilege(r.role, 'musekit_social', 'usage')`,
			);
			expect(inner.rows).toEqual([]);
			const tables = await client.query(
				`select c.relname, r.role from pg_class c, (values ('anon'), ('authenticated'), ('service_role')) r(role)
				where c.relnamespace = 'musekit_social'::regnamespace and c.relkind in ('r', 'S')
					and (has_table_privilege(r.role, c.oid, 'select, insert, update, delete') or
						(c.relkind = 'r' and not c.relrowsecurity))`,
			);
			expect(tables.rows).toEqual([]);
			const open = await client.query(
				`select p.proname from pg_proc p where p.prosecdef and p.proname like 'social\\_%'
				and not coalesce(p.proconfig, '{}') @> array['search_path=""']`,
			);
			expect(open.rows).toEqual([]);
		} finally {
			await client.end();
		}
	});
});
