/** Zones that the browser knows; the store refuses one that Postgres does not. */
export const ZONES: readonly string[] = Intl.supportedValuesOf('timeZone');

/** Of this device. */
export const ownZone = () => Intl.DateTimeFormat().resolvedOptions().timeZone;

/** The zones, with the chosen one also when this browser calls it by another name. */
export const zonesWith = (chosen: string | null) =>
	chosen === null || ZONES.includes(chosen) ? ZONES : [chosen, ...ZONES];
