/** UTC is not always among them. The store refuses one that Postgres does not know. */
const LISTED: readonly string[] = Intl.supportedValuesOf('timeZone');

/** The zone of this device. */
export const deviceZone = () => Intl.DateTimeFormat().resolvedOptions().timeZone;

/** True for a zone that this browser can show times in. */
export function isZone(name: string): boolean {
	try {
		Intl.DateTimeFormat(undefined, { timeZone: name });
		return true;
	} catch {
		return false;
	}
}

/** The zones that this browser lists, after those of `more` that it does not. */
export const zonesWith = (...more: string[]): readonly string[] => [
	...new Set(more.filter((zone) => zone !== '' && !LISTED.includes(zone))),
	...LISTED,
];
