import { BENCHMARKS } from './benchmarks';
import type { Scale } from './metric';

const TINY: Scale = { tiny: true, runs: 1, say: () => undefined };

/** Those that need no n8n: it is killed in the takeover slice already. */
const QUICK = ['throughput', 'drain', 'claim-cost', 'memory', 'panel'];

test.each(QUICK)(
	'%s runs, measures something, and finds nothing twice',
	async (name) => {
		const metrics = await BENCHMARKS[name](TINY);
		expect(metrics.length).toBeGreaterThan(0);
		for (const metric of metrics) {
			expect(metric.name.startsWith(`${name}: `)).toBe(true);
			expect(Number.isFinite(metric.value)).toBe(true);
			const { value, reference, ratio } = metric;
			expect(ratio === null).toBe(reference === null);
			if (reference !== null && ratio !== null) expect(ratio).toBeCloseTo(value / reference, 1);
			if (/duplicates|lost/.test(metric.name)) expect(metric.value).toBe(0);
		}
		expect(new Set(metrics.map((metric) => metric.name)).size).toBe(metrics.length);
	},
	240_000,
);
