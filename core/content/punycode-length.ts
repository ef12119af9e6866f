/** Bootstring parameters of Punycode (RFC 3492 §5). */
const BASE = 36;
const T_MIN = 1;
const T_MAX = 26;
const SKEW = 38;
const DAMP = 700;
const FIRST_POINT = 128;
const FIRST_BIAS = 72;

function adapt(delta: number, points: number, first: boolean): number {
	let rest = first ? Math.floor(delta / DAMP) : delta >> 1;
	rest += Math.floor(rest / points);
	let bias = 0;
	for (; rest > ((BASE - T_MIN) * T_MAX) >> 1; bias += BASE)
		rest = Math.floor(rest / (BASE - T_MIN));
	return bias + Math.floor(((BASE - T_MIN + 1) * rest) / (rest + SKEW));
}

/** How many digits the variable-length integer takes (RFC 3492 §3.3). */
function digits(delta: number, bias: number): number {
	let count = 1;
	let rest = delta;
	for (let k = BASE; ; k += BASE) {
		const threshold = k <= bias ? T_MIN : k >= bias + T_MAX ? T_MAX : k - bias;
		if (rest < threshold) return count;
		rest = Math.floor((rest - threshold) / (BASE - threshold));
		count += 1;
	}
}

/** Length of a domain label as it goes on the wire: `xn--…` when it holds anything but ASCII. */
export function wireLength(label: string): number {
	const points = [...label].map((character) => character.codePointAt(0) ?? 0);
	const basic = points.filter((point) => point < FIRST_POINT).length;
	if (basic === points.length) return label.length;
	let length = 'xn--'.length + basic + (basic > 0 ? 1 : 0);
	let delta = 0;
	let bias = FIRST_BIAS;
	let current = FIRST_POINT;
	for (let handled = basic; handled < points.length; ) {
		const next = Math.min(...points.filter((point) => point >= current));
		delta += (next - current) * (handled + 1);
		for (const point of points) {
			if (point < next) delta += 1;
			if (point !== next) continue;
			length += digits(delta, bias);
			bias = adapt(delta, handled + 1, handled === basic);
			delta = 0;
			handled += 1;
		}
		delta += 1;
		current = next + 1;
	}
	return length;
}
