import type { KpiBucket } from '../../../../../core/store/contract';

const FORMATS: Record<KpiBucket, Intl.DateTimeFormatOptions> = {
	hour: { hour: '2-digit', minute: '2-digit', day: 'numeric', month: 'short' },
	day: { day: 'numeric', month: 'short' },
	week: { day: 'numeric', month: 'short' },
	month: { month: 'short', year: 'numeric' },
};

const formats = Object.fromEntries(
	Object.entries(FORMATS).map(([bucket, format]) => [
		bucket,
		new Intl.DateTimeFormat(undefined, { ...format, timeZone: 'UTC' }),
	]),
) as Record<KpiBucket, Intl.DateTimeFormat>;

/** How the beginning of a step is written; steps are counted in UTC. */
export function stepName(iso: string, bucket: KpiBucket): string {
	return formats[bucket].format(new Date(iso));
}
