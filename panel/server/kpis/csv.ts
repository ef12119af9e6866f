/**
 * One cell of a CSV file (RFC 4180). A text that a spreadsheet would take for a formula gets an
 * apostrophe in front: https://owasp.org/www-community/attacks/CSV_Injection
 */
export function csvCell(value: string | number | null): string {
	if (value === null) return '';
	if (typeof value === 'number') return String(value);
	const harmless = /^[=+\-@\t\r\n]/.test(value) ? `'${value}` : value;
	return /[",\r\n]/.test(harmless) ? `"${harmless.replaceAll('"', '""')}"` : harmless;
}

/** Lines of cells as a file. */
export function csvFile(lines: (string | number | null)[][]): string {
	return lines.map((line) => `${line.map(csvCell).join(',')}\r\n`).join('');
}
