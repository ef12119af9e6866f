import type { Client } from 'pg';

/** A place in which no secret may stand, as text. */
export interface Searched {
	name: string;
	text: string;
}

/** Where a secret was found, and in which spelling; never the secret itself. */
export interface Leak {
	secret: string;
	where: string;
	spelling: string;
}

/** Shorter values would be found by chance. */
const SHORTEST = 8;

/** Ways in which a value shows up without being written as it is. */
function spellings(value: string): [string, string][] {
	const bytes = Buffer.from(value, 'utf8');
	const base64 = bytes.toString('base64').replace(/=+$/, '');
	const all: [string, string][] = [
		['plain', value],
		['URL-encoded', encodeURIComponent(value)],
		['JSON text', JSON.stringify(value).slice(1, -1)],
		['base64', base64],
		['base64url', base64.replace(/\+/g, '-').replace(/\//g, '_')],
		['hex', bytes.toString('hex')],
	];
	if (/^[0-9a-f]{64}$/i.test(value)) {
		all.push(['base64 of the bytes', Buffer.from(value, 'hex').toString('base64').slice(0, -1)]);
	}
	return all.filter(([, text], at) => all.findIndex(([, other]) => other === text) === at);
}

/**
 * Looks for every secret, in every common spelling, in every text.
 * @throws Error when a secret is too short to be looked for
 */
export function findLeaks(secrets: Record<string, string>, places: Searched[]): Leak[] {
	const leaks: Leak[] = [];
	for (const [secret, value] of Object.entries(secrets)) {
		if (value.length < SHORTEST) throw new Error(`${secret} is too short to be looked for`);
		for (const [spelling, text] of spellings(value)) {
			for (const place of places) {
				if (place.text.includes(text)) leaks.push({ secret, where: place.name, spelling });
			}
		}
	}
	return leaks;
}

/** Every row of every table of a database as text, all schemas but Postgres' own. */
export async function databaseText(database: Client): Promise<Searched[]> {
	const { rows: tables } = await database.query<{ name: string }>(`
		select format('%I.%I', schemaname, tablename) as name from pg_tables
		where schemaname not in ('pg_catalog', 'information_schema') order by 1`);
	const places: Searched[] = [];
	for (const { name } of tables) {
		const { rows } = await database.query<{ text: string }>(
			`select t::text as text from ${name} t`,
		);
		places.push({ name: `table ${name}`, text: rows.map(({ text }) => text).join('\n') });
	}
	return places;
}
