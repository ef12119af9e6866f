import { parseArgs } from 'node:util';
import { isMainThread } from 'node:worker_threads';
import { HTTP_FAULTS, OUTSIDE_HTTP_FAULTS, type HttpFault } from './fault-model';
import { GUARDS, KINDS, type Guard, type Kind, type RunOptions } from './plan';
import { shrink, storyOf } from './shrink';
import { simulate } from './simulate';
import { violationsOf, type Tally } from './tally';

/** `npm run simulate`: see docs/simulation.md. */
async function main(): Promise<number> {
	const { values } = parseArgs({
		options: {
			schedules: { type: 'string', default: '10000' },
			seed: { type: 'string', default: '1' },
			platform: { type: 'string' },
			outside: { type: 'boolean', default: false },
			'guards-off': { type: 'string', multiple: true, default: [] },
			fault: { type: 'string', multiple: true, default: [] },
			'equal-texts': { type: 'boolean', default: false },
			stories: { type: 'string', default: '1' },
			json: { type: 'boolean', default: false },
		},
	});
	const options: RunOptions = {
		platform: values.platform === undefined ? null : oneOf(values.platform, KINDS, 'platform'),
		outside: values.outside,
		guardsOff: values['guards-off'].map((name) => oneOf(name, GUARDS, 'guard')),
		visibleFaults: values.fault.length === 0 ? null : values.fault.map(httpFault),
		equalTexts: values['equal-texts'],
		duplicateRules: !values.outside && values['guards-off'].length === 0,
	};
	const schedules = wholeNumber(values.schedules, '--schedules');
	const seed = wholeNumber(values.seed, '--seed');
	const began = Date.now();
	const tally = await simulate(schedules, seed, options);
	const seconds = (Date.now() - began) / 1000;
	print(tally, options, seconds);
	for (const { seed: failing } of tally.failing.slice(0, Number(values.stories))) {
		const lines = storyOf(await shrink(failing, options));
		process.stdout.write(`\n${lines.join('\n')}\nReplay: ${replay(failing, options)}\n`);
	}
	if (values.json)
		process.stdout.write(`${JSON.stringify(report(tally, options, seed, seconds))}\n`);
	return violationsOf(tally) > 0 && !options.outside ? 1 : 0;
}

function report(tally: Tally, options: RunOptions, seed: number, seconds: number) {
	const { total, ...rest } = tally;
	return {
		...total,
		...rest,
		violations: violationsOf(tally),
		violationKinds: tally.violations,
		seed,
		outside: options.outside,
		guardsOff: options.guardsOff,
		seconds,
		schedulesPerSecond: Math.round(total.schedules / seconds),
	};
}

function print(tally: Tally, options: RunOptions, seconds: number): void {
	const columns = [
		'schedules',
		'posts',
		'published',
		'duplicated',
		'lost',
		'needsReview',
		'resolvedByLookup',
	] as const;
	const rows = [
		['', ...columns],
		...KINDS.filter((kind) => tally.perPlatform[kind].schedules > 0).map((kind) => [
			kind,
			...columns.map((name) => String(tally.perPlatform[kind][name])),
		]),
		['all', ...columns.map((name) => String(tally.total[name]))],
	];
	for (const row of rows) {
		const [name, ...cells] = row;
		const padded = cells.map((cell, index) => cell.padStart(columns[index].length + 2));
		process.stdout.write(`${name.padEnd(14)}${padded.join('')}\n`);
	}
	const where = options.outside ? 'outside the fault model' : 'inside the fault model';
	const off = options.guardsOff.length === 0 ? '' : `, without ${options.guardsOff.join(', ')}`;
	const kinds = Object.entries(tally.violations).map(([kind, number]) => `${number} ${kind}`);
	process.stdout.write(
		`${where}${off}: ${kinds.length === 0 ? 'no violation' : kinds.join(', ')}; ` +
			`${tally.faults} faults; ${seconds.toFixed(1)} s, ` +
			`${Math.round(tally.total.schedules / seconds)} schedules/s; trace ${tally.trace.toString(16)}\n`,
	);
	for (const { kind, messages, seed } of tally.failing) {
		process.stdout.write(`seed ${seed} (${kind}): ${messages.join('; ').slice(0, 300)}\n`);
	}
}

function replay(seed: number, options: RunOptions): string {
	const flags = [
		`--seed ${seed} --schedules 1`,
		...(options.platform === null ? [] : [`--platform ${options.platform}`]),
		...(options.outside ? ['--outside'] : []),
		...options.guardsOff.map((name) => `--guards-off ${name}`),
		...(options.visibleFaults ?? []).map((name) => `--fault ${name}`),
		...(options.equalTexts ? ['--equal-texts'] : []),
	];
	return `npm run simulate -- ${flags.join(' ')}`;
}

function httpFault(name: string): HttpFault {
	return oneOf(name, [...HTTP_FAULTS, ...OUTSIDE_HTTP_FAULTS], 'fault');
}

function oneOf<T extends Guard | HttpFault | Kind>(
	name: string,
	known: readonly T[],
	what: string,
): T {
	const found = known.find((each) => each === name);
	if (found === undefined)
		throw new Error(`There is no ${what} ${name}. Known: ${known.join(', ')}`);
	return found;
}

function wholeNumber(text: string, name: string): number {
	const value = Number(text);
	if (!Number.isSafeInteger(value) || value < 0) throw new Error(`${name} is a whole number`);
	return value;
}

// Workers run this file too (it is one bundle), and do their share only.
if (isMainThread) {
	main().then(
		(code) => {
			process.exitCode = code;
		},
		(thrown: unknown) => {
			process.stderr.write(`${thrown instanceof Error ? thrown.message : String(thrown)}\n`);
			process.exitCode = 2;
		},
	);
}
