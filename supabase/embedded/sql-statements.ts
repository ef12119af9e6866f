/**
 * Splits a SQL file as the Supabase CLI does before it records a migration: at semicolons outside
 * quotes, dollar quotes, comments and `BEGIN ATOMIC` bodies; each piece trimmed, without its
 * semicolon, comments kept. (Source: supabase/cli, pkg/parser.)
 */
export function splitStatements(sql: string): string[] {
	const statements: string[] = [];
	let from = 0;
	let at = 0;
	const emit = (to: number) => {
		const text = sql.slice(from, to).replace(/;+$/, '').trim();
		if (text) statements.push(text);
		from = to;
	};
	const skipTo = (end: string, start: number) => {
		const found = sql.indexOf(end, start);
		return found < 0 ? sql.length : found + end.length;
	};
	while (at < sql.length) {
		const rest = sql[at];
		if (rest === "'" || rest === '"') {
			// A doubled quote closes and opens again, which comes to the same.
			at = skipTo(rest, at + 1);
		} else if (sql.startsWith('--', at)) {
			at = skipTo('\n', at);
		} else if (sql.startsWith('/*', at)) {
			at = endOfBlockComment(sql, at);
		} else if (rest === '$') {
			const tag = /^\$(?:[\p{L}_][\p{L}\p{N}_]*)?\$/u.exec(sql.slice(at, at + 128))?.[0];
			at = tag ? skipTo(tag, at + tag.length) : at + 1;
		} else if (rest === '\\') {
			at += 2;
		} else if (/^\sATOMIC\s/i.test(sql.slice(at, at + 8))) {
			const end = /\bEND\b/i.exec(sql.slice(at));
			at = end ? at + end.index + 3 : sql.length;
		} else if (rest === ';') {
			at += 1;
			emit(at);
		} else {
			at += 1;
		}
	}
	emit(sql.length);
	return statements;
}

function endOfBlockComment(sql: string, start: number): number {
	let depth = 0;
	let at = start;
	while (at < sql.length) {
		if (sql.startsWith('/*', at)) {
			depth += 1;
			at += 2;
		} else if (sql.startsWith('*/', at)) {
			depth -= 1;
			at += 2;
			if (depth === 0) return at;
		} else {
			at += 1;
		}
	}
	return sql.length;
}
