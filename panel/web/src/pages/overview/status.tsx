import type { ReactNode } from 'react';
import type { AccountView } from '../../../../../core/store/contract';
import type { OverviewAnswer } from '../../../../shared/overview';
import { strings } from '../../strings';
import { overviewWords as words } from '../../strings/overview';
import { cn } from '../../ui/class-names';
import { duration } from '../../ui/duration';
import { platformName } from '../../ui/platform-mark';
import { Badge } from '../../ui/surface';
import { Ago, Time } from '../../ui/time';
import { Section } from './section';

/** A queue that is on its way is behind for moments; what waits longer is worth a word. */
const LAG_TOLD_MS = 30_000;

type Health = 'good' | 'warning' | 'bad' | 'none';

const DOTS: Record<Health, string> = {
	good: 'bg-success',
	warning: 'bg-warning',
	bad: 'bg-danger',
	none: 'border-2 border-input',
};

function Line({ health, name, children }: { health: Health; name: string; children: ReactNode }) {
	return (
		<li className="flex items-baseline gap-3 py-2 first:pt-0 last:pb-0">
			<span aria-hidden className={cn('size-2.5 shrink-0 rounded-full', DOTS[health])} />
			<span className="min-w-0 flex-1">
				<span className="font-medium">{name}</span>{' '}
				<span className="text-sm text-muted-foreground">{children}</span>
			</span>
		</li>
	);
}

export function CarriersStatus({ answer }: { answer: OverviewAnswer }) {
	const { status } = words;
	const carrier = (kind: 'n8n' | 'runner', missing: string) => {
		const known = answer.carriers.filter((one) => one.kind === kind);
		if (known.length === 0) {
			return (
				<Line health="none" name={status[kind]}>
					{status.missing}. {missing}
				</Line>
			);
		}
		return known.slice(0, 3).map(({ carrier: name, fresh, lastAt }) => (
			<Line key={name} health={fresh ? 'good' : 'warning'} name={status[kind]}>
				({name}) {fresh ? status.working : status.silent} {!fresh && <Ago iso={lastAt} />}
			</Line>
		));
	};
	const late = answer.lagMs > LAG_TOLD_MS;
	return (
		<Section title={status.title}>
			<ul className="divide-y">
				{carrier('n8n', status.missingN8n)}
				{carrier('runner', status.missingRunner)}
				<Line health={late ? 'warning' : 'good'} name={status.queue}>
					{late ? status.behind(duration(answer.lagMs)) : status.onTime}
				</Line>
				<Line health="good" name={status.store}>
					{status.answers(answer.storeMs)}
				</Line>
			</ul>
		</Section>
	);
}

/** Red is a platform on which more goes wrong than right. */
function healthOf(paused: boolean, bad: number, published: number): Health {
	if (paused) return 'warning';
	if (bad > 0) return bad > published ? 'bad' : 'warning';
	return published > 0 ? 'good' : 'none';
}

export function PlatformsStatus({ answer }: { answer: OverviewAnswer }) {
	const { platforms } = words;
	return (
		<Section title={platforms.title}>
			{answer.platforms.length === 0 ? (
				<p className="text-muted-foreground">{platforms.nothing}</p>
			) : (
				<ul className="divide-y">
					{answer.platforms.map(({ platform, mode, pausedUntil, reason }) => {
						const seen = answer.outcomes[platform];
						const bad = seen ? seen.failed + seen.missed + seen.needsReview : 0;
						const parts = seen
							? [
									seen.published > 0 && platforms.published(seen.published),
									seen.failed > 0 && platforms.failed(seen.failed),
									seen.missed > 0 && platforms.missed(seen.missed),
									seen.needsReview > 0 && platforms.review(seen.needsReview),
								].filter(Boolean)
							: [];
						const health = healthOf(pausedUntil !== null, bad, seen?.published ?? 0);
						return (
							<Line
								key={`${platform} ${mode}`}
								health={health}
								name={`${platformName(platform)}${mode === 'sandbox' ? ` (${strings.modes.sandbox})` : ''}`}
							>
								{pausedUntil !== null && (
									<>
										{reason}, {platforms.paused} <Time iso={pausedUntil} />{' '}
									</>
								)}
								{parts.length > 0 ? parts.join(', ') : platforms.quiet}
							</Line>
						);
					})}
				</ul>
			)}
		</Section>
	);
}

const TONES: Record<AccountView['status'], 'success' | 'warning' | 'neutral'> = {
	connected: 'success',
	reconnect: 'warning',
	disconnected: 'neutral',
};

export function AccountsStatus({ answer }: { answer: OverviewAnswer }) {
	const { accounts } = words;
	return (
		<Section title={accounts.title} more={{ to: '/accounts', label: accounts.all }}>
			{answer.accounts.length === 0 ? (
				<p className="text-muted-foreground">{accounts.nothing}</p>
			) : (
				<ul className="divide-y">
					{answer.accounts.map((account) => (
						<li
							key={account.id}
							className="flex items-center justify-between gap-3 py-2 first:pt-0 last:pb-0"
						>
							<span className="min-w-0 truncate">
								@{account.handle}{' '}
								<span className="text-sm text-muted-foreground">
									{platformName(account.platform)}
									{account.mode === 'sandbox' && ` (${strings.modes.sandbox})`}
								</span>
							</span>
							<Badge tone={TONES[account.status]}>{accounts[account.status]}</Badge>
						</li>
					))}
				</ul>
			)}
		</Section>
	);
}
