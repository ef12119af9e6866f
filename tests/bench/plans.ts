import type { Client } from 'pg';

/** One node of a plan as `auto_explain` writes it. */
interface PlanNode {
	'Node Type': string;
	'Relation Name'?: string;
	'Index Name'?: string;
	'Actual Rows'?: number;
	'Actual Loops'?: number;
	'Rows Removed by Filter'?: number;
	'Rows Removed by Index Recheck'?: number;
	Plans?: PlanNode[];
}

export interface Scan {
	table: string;
	how: string;
	/** Rows that were read, whether they were wanted or not. */
	rows: number;
}

function scansOf(node: PlanNode): Scan[] {
	const below = (node.Plans ?? []).flatMap(scansOf);
	const table = node['Relation Name'];
	if (table === undefined || !/Scan/.test(node['Node Type'])) return below;
	const loops = node['Actual Loops'] ?? 1;
	const read =
		(node['Actual Rows'] ?? 0) +
		(node['Rows Removed by Filter'] ?? 0) +
		(node['Rows Removed by Index Recheck'] ?? 0);
	return [{ table, how: node['Node Type'], rows: Math.ceil(read * loops) }, ...below];
}

/** From now on this connection is told the plan of each statement, also of those inside functions. */
export async function explainAll(database: Client): Promise<void> {
	await database.query(`load 'auto_explain'`);
	for (const [name, value] of [
		['auto_explain.log_min_duration', '0'],
		['auto_explain.log_nested_statements', 'on'],
		['auto_explain.log_analyze', 'on'],
		['auto_explain.log_timing', 'off'],
		['auto_explain.log_format', 'json'],
		['auto_explain.log_level', 'notice'],
	]) {
		await database.query(`set ${name} = '${value}'`);
	}
}

/** The answer of a statement, with every scan that it and its functions ran. */
export async function scansDuring<T>(
	database: Client,
	statement: string,
	values: unknown[],
): Promise<{ answer: T; scans: Scan[] }> {
	const plans: PlanNode[] = [];
	const listen = (notice: { message?: string }) => {
		const json = /plan:\s*(\{[\s\S]*\})\s*$/.exec(notice.message ?? '')?.[1];
		if (json !== undefined) plans.push((JSON.parse(json) as { Plan: PlanNode }).Plan);
	};
	database.on('notice', listen);
	try {
		const { rows } = await database.query<{ answer: T }>(statement, values);
		return { answer: rows[0].answer, scans: plans.flatMap(scansOf) };
	} finally {
		database.off('notice', listen);
	}
}
