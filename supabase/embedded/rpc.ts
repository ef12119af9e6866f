import type { Pool, PoolClient, QueryResult } from 'pg';
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

/** As PostgREST has it; a prepared call is planned under the path that it runs under. */
const SEARCH_PATH = 'public, extensions';

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
	/** Prepared calls of each connection: SQL to name. */
	private readonly statements = new WeakMap<PoolClient, Map<string, string>>();

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

	/**
	 * The whole transaction in one message, for each message to Postgres costs as much as a small call
	 * itself. The call is prepared once for each connection and gets its body as an escaped literal.
	 */
	private async inTransaction(
		client: PoolClient,
		routine: Routine,
		keys: string[],
		body: string,
		call: RpcCall,
	): Promise<RpcReply> {
		const mode = routine.volatile ? 'read write' : 'read only';
		const statement = await this.prepared(client, callSql(routine, keys, call.single));
		const judged = call.single && routine.returns !== 'void';
		const results = (await client.query(
			`begin isolation level read committed ${mode}; select
				set_config('search_path', '${SEARCH_PATH}', true),
				set_config('role', ${escapeLiteral(call.caller.role)}, true),
				set_config('request.jwt.claims', ${escapeLiteral(JSON.stringify(call.caller.claims))}, true),
				set_config('request.method', 'POST', true),
				set_config('request.path', ${escapeLiteral(`/rpc/${routine.name}`)}, true);
			execute ${statement}(${escapeLiteral(body)})${judged ? '' : '; commit'}`,
		)) as unknown as QueryResult<{ rows: number; json: string | null }>[];
		const answer = results[2].rows[0];
		if (judged && answer.rows !== 1) {
			await client.query('rollback');
			return {
				kind: 'refused',
				refusal: pgrstError(406, 'PGRST116', 'Cannot coerce the result to a single JSON object', {
					details: `The result contains ${answer.rows} rows`,
				}),
			};
		}
		if (judged) await client.query('commit');
		return { kind: 'value', json: answer.json, rows: answer.rows };
	}

	/** Name of the prepared call on this connection. */
	private async prepared(client: PoolClient, sql: string): Promise<string> {
		const known = this.statements.get(client) ?? new Map<string, string>();
		this.statements.set(client, known);
		const name = known.get(sql);
		if (name !== undefined) return name;
		const fresh = `call_${known.size + 1}`;
		await client.query(
			`set search_path to ${SEARCH_PATH}; prepare ${fresh}(json) as ${sql}; reset search_path`,
		);
		known.set(sql, fresh);
		return fresh;
	}
}
