import { Pool } from 'pg';
import type { RpcAnswer } from '../../core/ports';
import { CONTRACT } from '../../core/store/contract';
import { refusalOf } from '../../fallback-runner/src/ports/store';
import { RpcRunner } from '../../supabase/embedded/rpc';
import { startTestStore, type TestStore } from '../store/with-store';

/** Any way in which SQL reads the time. */
const READS_CLOCK =
	/\b(clock_timestamp|statement_timestamp|transaction_timestamp|timeofday|now)\s*\(|\b(current_timestamp|localtimestamp|current_date|current_time|localtime)\b/i;

interface Definition {
	name: string;
	text: string;
}

const FUNCTIONS = `
	select p.oid::regprocedure::text as name, pg_get_functiondef(p.oid) as text from pg_proc p
	where p.prokind = 'f' and (p.pronamespace = 'musekit_social'::regnamespace
		or (p.pronamespace = 'public'::regnamespace and p.proname like 'social\\_%'))`;

const DEFAULTS = `
	select format('alter table %s alter column %I set default ', d.adrelid::regclass, a.attname) as name,
		pg_get_expr(d.adbin, d.adrelid) as text
	from pg_attrdef d join pg_attribute a on a.attrelid = d.adrelid and a.attnum = d.adnum
	join pg_class c on c.oid = d.adrelid
	where c.relnamespace = 'musekit_social'::regnamespace and a.attgenerated = ''`;

/** Without comments and without what stands in quotes, but for the word that means now. */
const codeOf = (text: string) =>
	text
		.replace(/--.*$/gm, '')
		.replace(/'(?:[^']|'')*'/g, (quoted) => (quoted === "'now'" ? 'now()' : ''));

const testClock = (text: string) =>
	text.replace(/\bclock_timestamp\s*\(\)/g, 'musekit_model.clock()');

/** Two places take any one of equal rows. Here it is the one with the smaller id, as in the model. */
const TIES: [string, RegExp, string][] = [
	[
		'musekit_social.claim_one(',
		/order by a\.next_due_at limit 1/g,
		'order by a.next_due_at, a.id limit 1',
	],
	[
		'musekit_social.create_entry(',
		/order by o\.created_at limit 1/g,
		'order by o.created_at, o.id limit 1',
	],
];

/**
 * Puts a clock of the test's behind every function and default of the store, gives posts the ids
 * that the model gives them, and settles ties. Throws when a reading of the real clock is left.
 */
async function bend(pool: Pool): Promise<void> {
	await pool.query(`
		create schema musekit_model;
		create table musekit_model.time (at timestamptz not null);
		insert into musekit_model.time values ('2026-11-22T12:00:00Z');
		create function musekit_model.clock() returns timestamptz language sql volatile as
			$$ select at from musekit_model.time $$;
		create function musekit_model.name_post() returns trigger language plpgsql as $$
		begin
			new.id := md5(new.owner_id || ':' || new.call_key || ':' || new.call_ordinal)::uuid;
			return new;
		end $$;
		create trigger a_name_post before insert on musekit_social.posts
			for each row execute function musekit_model.name_post()`);
	const functions = (await pool.query<Definition>(FUNCTIONS)).rows;
	for (const { name, text } of functions) {
		let changed = testClock(text);
		for (const [of, tie, settled] of TIES) {
			if (!name.startsWith(of)) continue;
			if (!tie.test(changed)) throw new Error(`${name} no longer has ${String(tie)}`);
			changed = changed.replace(tie, settled);
		}
		if (changed !== text) await pool.query(changed);
	}
	for (const { name, text } of (await pool.query<Definition>(DEFAULTS)).rows) {
		const changed = testClock(text);
		if (changed !== text) await pool.query(name + changed);
	}
	for (const query of [FUNCTIONS, DEFAULTS]) {
		const left = (await pool.query<Definition>(query)).rows.filter(({ text }) =>
			READS_CLOCK.test(codeOf(text)),
		);
		if (left.length > 0) {
			throw new Error(
				`These still read the real clock: ${left.map(({ name }) => name).join(', ')}`,
			);
		}
	}
	await pool.query(`create table musekit_model.settings as select * from musekit_social.settings`);
}

/** Tables that migrations fill and no test changes. */
const FIXED = [
	'platforms',
	'platform_hosts',
	'time_zones',
	'transitions',
	'store_meta',
	'sealed_columns',
	'features',
	'setting_rules',
];

/** The real SQL functions on a clock of the test's. */
export class SqlStore {
	private constructor(
		readonly store: TestStore,
		/** Superuser. */
		readonly pool: Pool,
		private readonly runner: RpcRunner,
		private readonly emptying: string,
	) {}

	/** A throw-away store with `connections` connections. */
	static async start(connections: number): Promise<SqlStore> {
		const store = await startTestStore();
		const pool = new Pool({ connectionString: store.databaseUrl, max: connections });
		// A connection that Postgres ends while it shuts down is no failure of a test.
		pool.on('error', () => undefined);
		try {
			return await SqlStore.prepare(store, pool);
		} catch (error) {
			await pool.end();
			await store.remove();
			throw error;
		}
	}

	private static async prepare(store: TestStore, pool: Pool): Promise<SqlStore> {
		await bend(pool);
		const { rows } = await pool.query<{ name: string }>(
			`select tablename as name from pg_tables where schemaname = 'musekit_social' and tablename <> all ($1)`,
			[FIXED],
		);
		const emptying = `
			set session_replication_role = replica;
			${rows.map(({ name }) => `delete from musekit_social.${name};`).join('\n')}
			insert into musekit_social.settings select * from musekit_model.settings;
			insert into musekit_social.owners (id) values ('default');
			select setval('musekit_social.fence_seq', 1, false);
			set session_replication_role = origin`;
		return new SqlStore(store, pool, new RpcRunner(pool), emptying);
	}

	/** As after the migrations. */
	async reset(): Promise<void> {
		await this.pool.query(this.emptying);
	}

	async setTime(ms: number): Promise<void> {
		await this.pool.query('update musekit_model.time set at = to_timestamp($1::numeric / 1000)', [
			ms,
		]);
	}

	/** One call as the gateway makes it, as a carrier's port reads its answer. */
	async call(name: string, args: object): Promise<RpcAnswer<unknown>> {
		const reply = await this.runner.run({
			name,
			body: JSON.stringify({ ...args, p_contract: CONTRACT }),
			caller: { role: 'service_role', claims: { role: 'service_role' } },
			single: false,
		});
		if (reply.kind === 'value') return { kind: 'ok', value: JSON.parse(reply.json ?? 'null') };
		const { status, body } = reply.refusal;
		const { code, message, details, hint } = body as Record<string, string | null>;
		return {
			kind: 'refused',
			refusal: refusalOf({ status, code: code ?? '', message: message ?? '', details, hint }),
		};
	}

	async close(): Promise<void> {
		await this.pool.end();
		await this.store.remove();
	}
}
