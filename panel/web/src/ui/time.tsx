import { useEffect, useState } from 'react';

const STEPS: [Intl.RelativeTimeFormatUnit, number][] = [
	['day', 86_400_000],
	['hour', 3_600_000],
	['minute', 60_000],
];

const relative = new Intl.RelativeTimeFormat(undefined, { numeric: 'auto' });
const exact = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'short' });
const precise = new Intl.DateTimeFormat(undefined, { dateStyle: 'full', timeStyle: 'long' });

/** The instant in the reader's own zone; its title says it to the second, with the zone. */
export function Time({ iso }: { iso: string }) {
	const date = new Date(iso);
	return (
		<time dateTime={date.toISOString()} title={precise.format(date)}>
			{exact.format(date)}
		</time>
	);
}

function fromNow(iso: string): string {
	const left = Date.parse(iso) - Date.now();
	for (const [unit, length] of STEPS) {
		if (Math.abs(left) >= length) return relative.format(Math.round(left / length), unit);
	}
	return relative.format(0, 'minute');
}

/** "in 3 days", "2 hours ago"; its title says the instant. Kept true while it shows. */
export function Ago({ iso }: { iso: string }) {
	const [text, setText] = useState(() => fromNow(iso));
	useEffect(() => {
		setText(fromNow(iso));
		const timer = setInterval(() => setText(fromNow(iso)), 30_000);
		return () => clearInterval(timer);
	}, [iso]);
	return (
		<time dateTime={new Date(iso).toISOString()} title={precise.format(new Date(iso))}>
			{text}
		</time>
	);
}
