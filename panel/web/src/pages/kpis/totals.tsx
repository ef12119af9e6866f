import { type KpisAnswer, successRate } from '../../../../shared/kpis';
import { kpiWords } from '../../strings/kpis';
import { count, duration, percent } from '../../ui/duration';
import { Card } from '../../ui/surface';
import { Figure } from '../overview/week';

const words = kpiWords.cards;

/** The range as a whole, in five numbers. */
export function Totals({ answer: { totals } }: { answer: KpisAnswer }) {
	const rate = successRate(totals);
	const late = totals.lateness;
	return (
		<Card>
			<dl className="grid grid-cols-2 gap-x-4 gap-y-5 lg:grid-cols-5">
				<Figure label={words.created} value={count(totals.created)} note={null} />
				<Figure label={words.published} value={count(totals.published)} note={null} />
				<Figure
					label={words.success}
					value={rate === null ? words.nothing : percent(rate)}
					note={words.successHelp(count(totals.published + totals.failed + totals.missed))}
				/>
				<Figure
					label={words.lateness}
					value={late ? duration(late.p50) : words.nothing}
					note={words.latenessHelp}
				/>
				<Figure
					label={words.lateness95}
					value={late ? duration(late.p95) : words.nothing}
					note={words.lateness95Help}
				/>
			</dl>
		</Card>
	);
}
