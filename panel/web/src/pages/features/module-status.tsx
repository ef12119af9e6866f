import { useQuery } from '@tanstack/react-query';
import { ArrowRight } from 'lucide-react';
import { Link } from 'react-router';
import type { StatusAnswer } from '../../../../shared/features';
import { cn } from '../../ui/class-names';
import { LoadFailed } from '../../ui/notice';
import { Card } from '../../ui/surface';
import { featureWords } from '../../strings/features';
import { LIGHTS } from './light';
import { statusQuery } from './queries';

const words = featureWords.status;
/** What matters most is at the front; the page has the rest. */
const SHOWN = 3;

/**
 * Whether posts can go out: green, amber or red with the reason and how to mend it. For the Overview
 * (`details` leads to Features & Integrations) and for that page itself.
 */
export function ModuleStatus({ details = true }: { details?: boolean }) {
	const status = useQuery(statusQuery);
	if (status.isError && !status.data) {
		return <LoadFailed error={status.error} again={() => void status.refetch()} />;
	}
	return (
		<Card className="grid gap-4">
			<div className="flex flex-wrap items-center justify-between gap-x-4 gap-y-1">
				<h2 className="text-sm font-medium text-muted-foreground">{words.title}</h2>
				{details && (
					<Link
						to="/features"
						className="inline-flex items-center gap-1 text-sm font-medium text-accent-foreground underline-offset-4 hover:underline"
					>
						{words.details}
						<ArrowRight className="size-3.5" aria-hidden />
					</Link>
				)}
			</div>
			{status.data ? <Found status={status.data} /> : <Looking />}
		</Card>
	);
}

function Looking() {
	return (
		<div role="status" className="flex items-center gap-3">
			<span aria-hidden className="size-9 animate-pulse rounded-full bg-muted" />
			<p className="text-muted-foreground">{words.checking}</p>
		</div>
	);
}

function Found({ status: { light, reasons } }: { status: StatusAnswer }) {
	const { icon: Icon, text, soft } = LIGHTS[light];
	const more = reasons.length - SHOWN;
	return (
		<div role="status" className="grid gap-4">
			<div className="flex items-center gap-3">
				<span className={cn('grid size-9 shrink-0 place-items-center rounded-full', soft, text)}>
					<Icon className="size-5" aria-hidden />
				</span>
				<div>
					<p className="font-semibold text-balance">{words.headline[light]}</p>
					{light === 'off' && <p className="text-sm text-muted-foreground">{words.offHelp}</p>}
				</div>
			</div>
			{reasons.length > 0 && (
				<ul className="grid gap-3 border-t pt-4 text-sm">
					{reasons.slice(0, SHOWN).map(({ label, message, remedy, to }) => (
						<li key={label + message} className="grid gap-0.5">
							<p className="font-medium">{message}</p>
							{remedy && (
								<p className="text-muted-foreground">
									{remedy}{' '}
									{to && (
										<Link
											to={to}
											className="font-medium text-accent-foreground underline underline-offset-4"
										>
											{featureWords.checks.mend}
										</Link>
									)}
								</p>
							)}
						</li>
					))}
					{more > 0 && <li className="text-muted-foreground">{words.more(more)}</li>}
				</ul>
			)}
		</div>
	);
}
