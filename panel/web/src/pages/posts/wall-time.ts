const formats = new Map<string, Intl.DateTimeFormat>();

function formatOf(zone: string): Intl.DateTimeFormat {
	let format = formats.get(zone);
	if (format === undefined) {
		format = new Intl.DateTimeFormat('en-GB', {
			timeZone: zone,
			hourCycle: 'h23',
			year: 'numeric',
			month: '2-digit',
			day: '2-digit',
			hour: '2-digit',
			minute: '2-digit',
		});
		formats.set(zone, format);
	}
	return format;
}

/** What a clock on the wall shows in a zone at an instant: `YYYY-MM-DDTHH:mm`. */
export function wallTimeOf(iso: string, zone: string): string {
	const parts = Object.fromEntries(
		formatOf(zone)
			.formatToParts(new Date(iso))
			.map(({ type, value }) => [type, value]),
	);
	return `${parts.year}-${parts.month}-${parts.day}T${parts.hour}:${parts.minute}`;
}
