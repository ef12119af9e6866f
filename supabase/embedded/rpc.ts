import type { Pool, PoolClient } from 'pg';
import { escapeIdentifier, escapeLiteral } from 'pg';
import type { Caller, Refusal } from './keys';
import { RoutineCache, type Routine } from './routines';
import { fromDatabase, noConnection, pgrstError } from './rpc-errors';

export interface RpcCall {
	name: string;
	/** Request body as text; empty means no arguments. */
	body: string;
	caller: Caller;
	/** `Accept: application/vnd.pgrst.object+json`: exactly one row, not in an array. */
	single: boolean;
}

export type RpcReply =
	/** `json` is null for a void function (204). */
	{ kind: 'value'; json: string | null; rows: number } | { kind: 'refused'; refusal: Refusal };

/** Names of the arguments, or null when the body is no JSON object. */
function argumentNames(body: string): string[] | null {
	try {
		const value: unknown = JSON.parse(body);
		return value !== null && typeof value === 'object' && !Array.isArray(value)
			? Object.keys(value)
			: null;
	} catch {
		return null;
	}
}

/**
 * The call as PostgREST writes it: the body goes in as one json parameter, `json_to_record` gives
 * each argument its type, and the answer comes out as JSON text.
 */
function callSql(routine: Routine, keys: string[], single: boolean): string {
	const params = routine.params.filter((param) => keys.includes(param.name));
	const named = params
		.map((param) => {
			const name = escapeIdentifier(param.name);
			return `${param.variadic ? 'variadic ' : ''}${name} => args.${name}`;
		})
		.join(', ');
	const from =
		params.length === 0
			? '(select $1::json) args'
			: `json_to_record($1::json) as args(${params
					.map((param) => `${escapeIdentifier(param.name)} ${param.type}`)
					.join(', ')})`;
	const call = `public.${escapeIdentifier(routine.name)}(${named})`;
	const scalar = routine.returns === 'scalar' || routine.returns === 'setof_scalar';
	const plain = scalar || routine.returns === 'void';
	const rows = plain
		? `select ${call} as value from ${from}`
		: `select r.* from ${from}, lateral ${call} r`;
	const item = plain ? 'json_agg(answer.value)' : 'json_agg(answer)';
	const one = single || routine.returns === 'scalar' || routine.returns === 'composite';
	const json = one ? `coalesce((${item} -> 0)::text, 'null')` : `coalesce(${item}::text, '[]')`;
	if (routine.returns === 'void')
		return `with answer as materialized (${rows}) select count(*)::int as rows, null as json from answer`;
	return `with answer as materialized (${rows}) select count(*)::int as rows, ${json} as json from answer`;
}

/** Runs functions of schema `public` as the caller's role, one transaction per call. */
export class RpcRunner {
	private readonly routines: RoutineCache;

	constructor(private readonly pool: Pool) {
		this.routines = new RoutineCache(pool);
	}

	/** Answers as PostgREST's `POST /rpc/<name>`; never throws. */
	async run(call: RpcCall): Promise<RpcReply> {
		const body = call.body === '' ? '{}' : call.body;
		const keys = argumentNames(body);
		if (!keys)
			return { kind: 'refused', refusal: pgrstError(400, 'PGRST102', 'Empty or invalid json') };
		let client: PoolClient;
		let routine: Routine;
		try {
			const found = await this.routines.find(call.name, keys);
			if ('refusal' in found) return { kind: 'refused', refusal: found.refusal };
			routine = found;
			client = await this.pool.connect();
		} catch (error) {
			return { kind: 'refused', refusal: noConnection(error) };
		}
		try {
			const reply = await this.inTransaction(client, routine, keys, body, call);
			client.release();
			return reply;
		} catch (error) {
			const refusal = fromDatabase(error, call.caller.role);
			if (['42883', '42P01', '42P13'].includes(String(refusal.body.code)))
				this.routines.invalidate();
			const usable = await client.query('rollback').then(
				() => true,
				() => false,
			);
			client.release(!usable);
			return { kind: 'refused', refusal };
		}
	}

	private async inTransaction(
		client: PoolClient,
		routine: Routine,
		keys: string[],
		body: string,
		call: RpcCall,
	): Promise<RpcReply> {
		const mode = routine.volatile ? 'read write' : 'read only';
		// One message: begin and the settings of this transaction.
		await client.query(
			`begin isolation level read committed ${mode}; select
				set_config('search_path', 'public, extensions', true),
				set_config('role', ${escapeLiteral(call.caller.role)}, true),
				set_config('request.jwt.claims', ${escapeLiteral(JSON.stringify(call.caller.claims))}, true),
				set_config('request.method', 'POST', true),
				set_config('request.path', ${escapeLiteral(`/rpc/${routine.name}`)}, true)`,
		);
		const { rows } = await client.query<{ rows: number; json: string | null }>(
			callSql(routine, keys, call.single),
			[body],
		);
		const answer = rows[0];
		if (call.single && routine.returns !== 'void' && answer.rows !== 1) {
			await client.query('rollback');
			return {
				kind: 'refused',
				refusal: pgrstError(406, 'PGRST116', 'Cannot coerce the result to a single JSON object', {
					details: `The result contains ${answer.rows} rows`,
				}),
			};
		}
		await client.query('commit');
		return { kind: 'value', json: answer.json, rows: answer.rows };
	}
}
