import { Client } from 'pg';
import type { ClockSpec } from './clock';

const OURS = `(n.nspname = 'musekit_social' or (n.nspname = 'public' and p.proname like 'social\\_%'))`;
/** Not `prosrc`, which is empty where a body is written as `return …`. */
const SOURCE = `case when p.prokind in ('f', 'p') then pg_get_functiondef(p.oid) else '' end`;

/**
 * Makes the store live in fast time: every function and column default of ours reads
 * `musekit_chaos.clock()` where it read `clock_timestamp()`. Nothing else of the SQL is changed.
 * @throws Error when any other reading of the clock is left
 */
export async function hastenStore(databaseUrl: string, spec: ClockSpec): Promise<void> {
	if (spec.factor === 1) return;
	const client = new Client({ connectionString: databaseUrl });
	await client.connect();
	try {
		await client.query('begin');
		const epoch = new Date(spec.epochMs).toISOString();
		await client.query(`
			create schema musekit_chaos;
			create function musekit_chaos.clock() returns timestamptz language sql volatile
			set search_path = '' as $$
				select timestamptz '${epoch}' + (clock_timestamp() - timestamptz '${epoch}') * ${spec.factor};
			$$;
			grant usage on schema musekit_chaos to public`);
		await changeFunctions(client);
		await changeDefaults(client);
		await assertNoneLeft(client);
		await client.query('commit');
	} finally {
		await client.end();
	}
}

async function changeFunctions(client: Client): Promise<void> {
	const { rows } = await client.query<{ source: string }>(`
		select pg_get_functiondef(p.oid) as source
		from pg_proc p join pg_namespace n on n.oid = p.pronamespace
		where ${OURS} and ${SOURCE} ~ 'clock_timestamp\\(\\)'`);
	if (rows.length === 0) throw new Error('No function of the store reads the clock');
	for (const { source } of rows) {
		await client.query(source.replaceAll('clock_timestamp()', 'musekit_chaos.clock()'));
	}
}

async function changeDefaults(client: Client): Promise<void> {
	const { rows } = await client.query<{ place: string; name: string; value: string }>(`
		select d.adrelid::regclass::text as place, quote_ident(a.attname) as name,
			pg_get_expr(d.adbin, d.adrelid) as value
		from pg_attrdef d
		join pg_attribute a on a.attrelid = d.adrelid and a.attnum = d.adnum
		join pg_class c on c.oid = d.adrelid join pg_namespace n on n.oid = c.relnamespace
		where n.nspname = 'musekit_social' and pg_get_expr(d.adbin, d.adrelid) ~ 'clock_timestamp\\(\\)'`);
	for (const { place, name, value } of rows) {
		const expression = value.replaceAll('clock_timestamp()', 'musekit_chaos.clock()');
		await client.query(`alter table ${place} alter column ${name} set default ${expression}`);
	}
}

/** Comments do not count; the words may stand in them. */
async function assertNoneLeft(client: Client): Promise<void> {
	const clocks =
		'\\m(clock_timestamp|now|statement_timestamp|transaction_timestamp)\\(\\)|\\mcurrent_(timestamp|date|time)\\M|\\mlocaltime(stamp)?\\M';
	const { rows } = await client.query<{ name: string }>(
		`select p.proname as name from pg_proc p join pg_namespace n on n.oid = p.pronamespace
			where ${OURS} and regexp_replace(${SOURCE}, '--[^\\n]*', '', 'g') ~ $1
		union all
		select d.adrelid::regclass::text from pg_attrdef d
			join pg_class c on c.oid = d.adrelid join pg_namespace n on n.oid = c.relnamespace
			where n.nspname = 'musekit_social' and pg_get_expr(d.adbin, d.adrelid) ~ $1
		union all
		select conname from pg_constraint c join pg_namespace n on n.oid = c.connamespace
			where n.nspname = 'musekit_social' and pg_get_constraintdef(c.oid) ~ $1`,
		[clocks],
	);
	if (rows.length > 0) {
		const names = rows.map(({ name }) => name).join(', ');
		throw new Error(`The store still reads the machine's clock in: ${names}`);
	}
}
