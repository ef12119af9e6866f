import type { Pool } from 'pg';
import { pgrstError } from './rpc-errors';
import type { Refusal } from './keys';

/** One function of schema `public`, as PostgREST's schema cache has it. */
export interface Routine {
	name: string;
	/** Input parameters in order; types are schema-qualified SQL. */
	params: { name: string; type: string; required: boolean; variadic: boolean }[];
	returns: 'void' | 'scalar' | 'composite' | 'setof_scalar' | 'setof_composite';
	/** Stable and immutable functions run in a read-only transaction. */
	volatile: boolean;
}

const RELOAD_PAUSE_MS = 200;

const ROUTINES = `
	select p.proname as name,
		p.provolatile = 'v' as volatile,
		p.proretset as many,
		t.typname = 'void' as void,
		coalesce(b.typtype, t.typtype) = 'c' or t.typname = 'record' as composite,
		coalesce((
			select json_agg(json_build_object(
				'name', coalesce(x.name, ''), 'type', format_type(x.type, null),
				'required', x.n <= p.pronargs - p.pronargdefaults,
				'variadic', p.provariadic <> 0 and x.n = p.pronargs) order by x.n)
			from (
				select a.n as place, a.type, p.proargnames[a.n] as name, row_number() over (order by a.n) as n
				from unnest(coalesce(p.proallargtypes, p.proargtypes::oid[])) with ordinality a(type, n)
				where p.proargmodes is null or p.proargmodes[a.n] in ('i', 'b', 'v')
			) x), '[]') as params
	from pg_catalog.pg_proc p
	join pg_catalog.pg_type t on t.oid = p.prorettype
	left join pg_catalog.pg_type b on b.oid = t.typbasetype and t.typtype = 'd'
	where p.pronamespace = 'public'::regnamespace and p.prokind = 'f'`;

interface RoutineRow {
	name: string;
	volatile: boolean;
	many: boolean;
	void: boolean;
	composite: boolean;
	params: Routine['params'];
}

function returnsOf(row: RoutineRow): Routine['returns'] {
	if (row.many) return row.composite ? 'setof_composite' : 'setof_scalar';
	if (row.void) return 'void';
	return row.composite ? 'composite' : 'scalar';
}

/** Names and types of the functions, read once and again when a name or parameter is missing. */
export class RoutineCache {
	private routines = new Map<string, Routine[]>();
	private loadedAt = 0;
	private loading: Promise<void> | null = null;

	constructor(private readonly pool: Pool) {}

	/** The next look-up reads the database again. */
	invalidate(): void {
		this.loadedAt = 0;
	}

	/** The one function that takes these named arguments, or PostgREST's refusal. Throws if the database is away. */
	async find(name: string, keys: string[]): Promise<Routine | { refusal: Refusal }> {
		const first = this.choose(name, keys);
		if (this.loadedAt > 0 && !('refusal' in first)) return first;
		if (Date.now() - this.loadedAt > RELOAD_PAUSE_MS) await this.load();
		return this.choose(name, keys);
	}

	private load(): Promise<void> {
		this.loading ??= this.read().finally(() => (this.loading = null));
		return this.loading;
	}

	private async read(): Promise<void> {
		const client = await this.pool.connect();
		try {
			// An empty search path makes format_type write every name in full.
			await client.query(`begin read only; set local search_path = ''`);
			const { rows } = await client.query<RoutineRow>(ROUTINES);
			await client.query('commit');
			const routines = new Map<string, Routine[]>();
			for (const row of rows) {
				const routine = {
					name: row.name,
					params: row.params,
					returns: returnsOf(row),
					volatile: row.volatile,
				};
				routines.set(row.name, [...(routines.get(row.name) ?? []), routine]);
			}
			this.routines = routines;
			this.loadedAt = Date.now();
			client.release();
		} catch (error) {
			client.release(true);
			throw error;
		}
	}

	private choose(name: string, keys: string[]): Routine | { refusal: Refusal } {
		const overloads = this.routines.get(name) ?? [];
		const fitting = overloads.filter(
			(routine) =>
				keys.every((key) => routine.params.some((param) => param.name === key)) &&
				routine.params.every((param) => !param.required || keys.includes(param.name)),
		);
		if (fitting.length === 1) return fitting[0];
		if (fitting.length > 1) {
			const signatures = fitting.map(
				(routine) =>
					`public.${name}(${routine.params.map((param) => `${param.name} => ${param.type}`).join(', ')})`,
			);
			return {
				refusal: pgrstError(
					300,
					'PGRST203',
					`Could not choose the best candidate function between: ${signatures.join(', ')}`,
					{
						hint: 'Try renaming the parameters or the function itself in the database so function overloading can be resolved',
					},
				),
			};
		}
		const list = keys.join(', ');
		const asked = keys.length > 0 ? `(${list})` : ' without parameters';
		const searched =
			keys.length === 0
				? ' without parameters'
				: ` with parameter${keys.length > 1 ? 's' : ''} ${list}`;
		const closest = overloads[0]?.params
			.map((param) => param.name)
			.sort()
			.join(', ');
		return {
			refusal: pgrstError(
				404,
				'PGRST202',
				`Could not find the function public.${name}${asked} in the schema cache`,
				{
					details: `Searched for the function public.${name}${searched} or with a single unnamed json/jsonb parameter, but no matches were found in the schema cache.`,
					hint:
						closest === undefined
							? null
							: `Perhaps you meant to call the function public.${name}(${closest})`,
				},
			),
		};
	}
}
