import type { ReactNode } from 'react';
import { successRate } from '../../../../shared/kpis';
import type { OverviewAnswer } from '../../../../shared/overview';
import { overviewWords } from '../../strings/overview';
import { count, duration, percent } from '../../ui/duration';
import { Section } from './section';

const words = overviewWords.week;

/** The key figures of seven days, beside those of the seven before. */
export function Week({ answer: { week, weekBefore, reviewCount } }: { answer: OverviewAnswer }) {
	const rate = successRate(week);
	const before = successRate(weekBefore);
	return (
		<Section title={words.title} more={{ to: '/kpis?range=7d', label: words.all }}>
			<dl className="grid grid-cols-2 gap-x-4 gap-y-5 lg:grid-cols-4">
				<Figure
					label={words.published}
					value={count(week.published)}
					note={
						week.published === weekBefore.published
							? words.asMany
							: words.before(count(weekBefore.published))
					}
				/>
				<Figure
					label={words.success}
					value={rate === null ? words.nothing : percent(rate)}
					note={before === null ? words.successHelp : words.before(percent(before))}
				/>
				<Figure
					label={words.lateness}
					value={week.lateness ? duration(week.lateness.p50) : words.nothing}
					note={week.lateness ? words.latenessHelp(duration(week.lateness.p95)) : null}
				/>
				<Figure
					label={words.waiting}
					value={reviewCount > 99 ? '99+' : count(reviewCount)}
					note={words.waitingHelp}
				/>
			</dl>
		</Section>
	);
}

/** A number with what it is and what it means. */
export function Figure({ label, value, note }: { label: string; value: string; note: ReactNode }) {
	return (
		<div className="grid min-w-0 content-start gap-0.5">
			<dt className="text-sm text-muted-foreground">{label}</dt>
			<dd className="text-2xl font-semibold tracking-tight tabular-nums">{value}</dd>
			{note && <dd className="text-xs text-balance text-muted-foreground">{note}</dd>}
		</div>
	);
}
