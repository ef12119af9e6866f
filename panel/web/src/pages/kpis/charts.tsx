import type { ReactNode } from 'react';
import {
	Bar,
	BarChart,
	CartesianGrid,
	ComposedChart,
	Legend,
	Line,
	LineChart,
	ResponsiveContainer,
	Tooltip,
	XAxis,
	YAxis,
} from 'recharts';
import type { KpiBucket, KpiGroup } from '../../../../../core/store/contract';
import { successRate } from '../../../../shared/kpis';
import { kpiWords } from '../../strings/kpis';
import { count, duration, percent } from '../../ui/duration';
import { stepName } from './steps';

const words = kpiWords.columns;

/** Colours of the theme, also where they change while the chart shows. */
const COLOURS = {
	created: 'var(--info)',
	published: 'var(--primary)',
	failed: 'var(--danger)',
	missed: 'var(--warning)',
	p50: 'var(--primary)',
	p95: 'var(--warning)',
};

const axis = {
	tick: { fill: 'var(--muted-foreground)', fontSize: 12 },
	tickLine: false,
	axisLine: false,
} as const;

const tooltip = {
	contentStyle: {
		background: 'var(--card)',
		border: '1px solid var(--border)',
		borderRadius: '0.5rem',
		fontSize: '0.8125rem',
	},
	labelStyle: { color: 'var(--muted-foreground)' },
	itemStyle: { color: 'var(--foreground)', padding: 0 },
	cursor: { fill: 'var(--muted)', stroke: 'var(--border)' },
	isAnimationActive: false,
} as const;

const legend = (
	<Legend
		iconSize={9}
		wrapperStyle={{ fontSize: '0.8125rem' }}
		formatter={(name: string) => <span className="text-foreground">{name}</span>}
	/>
);

const grid = <CartesianGrid vertical={false} stroke="var(--border)" />;

/** What ended, by how, on top of each other. */
const endedBars = (maxBarSize: number) =>
	(['published', 'failed', 'missed'] as const).map((name) => (
		<Bar
			key={name}
			dataKey={name}
			name={words[name]}
			stackId="ended"
			fill={COLOURS[name]}
			isAnimationActive={false}
			maxBarSize={maxBarSize}
		/>
	));

interface Series {
	series: KpiGroup[];
	bucket: KpiBucket;
}

const named = ({ series, bucket }: Series) =>
	series.map((group) => ({ ...group, step: stepName(group.key, bucket) }));

function Frame({ children }: { children: ReactNode }) {
	return (
		<ResponsiveContainer width="100%" height="100%">
			{children}
		</ResponsiveContainer>
	);
}

/** What ended as bars, what was created as a line. */
export function PostsChart(props: Series) {
	return (
		<Frame>
			<ComposedChart
				data={named(props)}
				accessibilityLayer={false}
				margin={{ top: 4, right: 4, left: -16, bottom: 0 }}
			>
				{grid}
				<XAxis dataKey="step" {...axis} minTickGap={24} />
				<YAxis {...axis} allowDecimals={false} tickFormatter={count} />
				<Tooltip {...tooltip} />
				{legend}
				{endedBars(36)}
				<Line
					dataKey="created"
					name={words.created}
					stroke={COLOURS.created}
					strokeWidth={2}
					dot={false}
					isAnimationActive={false}
				/>
			</ComposedChart>
		</Frame>
	);
}

/** A step in which nothing ended has no rate: the line is broken off there by its dots alone. */
export function SuccessChart(props: Series) {
	const data = named(props).map((group) => ({ step: group.step, success: successRate(group) }));
	return (
		<Frame>
			<LineChart
				data={data}
				accessibilityLayer={false}
				margin={{ top: 4, right: 8, left: -8, bottom: 0 }}
			>
				{grid}
				<XAxis dataKey="step" {...axis} minTickGap={24} />
				<YAxis {...axis} domain={[0, 1]} tickFormatter={percent} />
				<Tooltip {...tooltip} formatter={(value) => percent(Number(value))} />
				<Line
					dataKey="success"
					name={words.success}
					stroke={COLOURS.published}
					strokeWidth={2}
					dot={{ r: 2 }}
					connectNulls
					isAnimationActive={false}
				/>
			</LineChart>
		</Frame>
	);
}

export function LatenessChart(props: Series) {
	const data = named(props).map(({ step, lateness }) => ({
		step,
		p50: lateness?.p50 ?? null,
		p95: lateness?.p95 ?? null,
	}));
	return (
		<Frame>
			<LineChart
				data={data}
				accessibilityLayer={false}
				margin={{ top: 4, right: 8, left: 0, bottom: 0 }}
			>
				{grid}
				<XAxis dataKey="step" {...axis} minTickGap={24} />
				<YAxis {...axis} tickFormatter={duration} />
				<Tooltip {...tooltip} formatter={(value) => duration(Number(value))} />
				{legend}
				{(['p50', 'p95'] as const).map((name) => (
					<Line
						key={name}
						dataKey={name}
						name={words[name]}
						stroke={COLOURS[name]}
						strokeWidth={2}
						dot={{ r: 2 }}
						connectNulls
						isAnimationActive={false}
					/>
				))}
			</LineChart>
		</Frame>
	);
}

export function GroupsChart({
	groups,
	name,
}: {
	groups: KpiGroup[];
	name: (key: string) => string;
}) {
	const data = groups.map((group) => ({ ...group, step: name(group.key) }));
	return (
		<Frame>
			<BarChart
				data={data}
				layout="vertical"
				accessibilityLayer={false}
				margin={{ top: 4, right: 8, left: 4, bottom: 0 }}
			>
				<XAxis type="number" {...axis} allowDecimals={false} tickFormatter={count} />
				<YAxis type="category" dataKey="step" {...axis} width={84} />
				<Tooltip {...tooltip} />
				{endedBars(28)}
			</BarChart>
		</Frame>
	);
}
