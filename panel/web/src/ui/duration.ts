const number = (digits: number) =>
	new Intl.NumberFormat(undefined, { maximumFractionDigits: digits });
const one = number(1);
const whole = number(0);

/** A length of time in words a glance takes in: "0.4 s", "12 s", "3 min", "5.2 h", "2 d". */
export function duration(ms: number): string {
	if (ms < 10_000) return `${one.format(ms / 1_000)} s`;
	if (ms < 60_000) return `${whole.format(ms / 1_000)} s`;
	if (ms < 3_600_000) return `${one.format(ms / 60_000)} min`;
	if (ms < 86_400_000) return `${one.format(ms / 3_600_000)} h`;
	return `${one.format(ms / 86_400_000)} d`;
}

export const count = (value: number) => whole.format(value);

/** A share from 0 to 1 as a percentage; what is not quite all is never shown as 100 %. */
export function percent(share: number): string {
	const shown = share < 1 ? Math.min(Math.floor(share * 1_000) / 10, 99.9) : 100;
	return `${one.format(shown)} %`;
}
