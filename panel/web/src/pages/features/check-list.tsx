import { useQueries, useQueryClient } from '@tanstack/react-query';
import {
	ChevronDown,
	CircleCheck,
	CircleX,
	LoaderCircle,
	RefreshCw,
	TriangleAlert,
} from 'lucide-react';
import { useId, useState } from 'react';
import { Link } from 'react-router';
import type { Toggle } from '../../../../../core/store/contract';
import type { CheckResult, Light } from '../../../../shared/features';
import { problemOf } from '../../api/client';
import { useMayChange } from '../../api/queries';
import { featureWords as words } from '../../strings/features';
import { Button } from '../../ui/button';
import { cn } from '../../ui/class-names';
import { ProblemNotice } from '../../ui/notice';
import { LightBadge } from './light';
import { checksQuery, freshChecks } from './queries';

const SIGNS = {
	ok: { icon: CircleCheck, text: 'text-success' },
	warning: { icon: TriangleAlert, text: 'text-warning' },
	bad: { icon: CircleX, text: 'text-danger' },
};

const ORDER: Light[] = ['red', 'amber', 'green', 'off'];

/** The gravest light of several switches; those that are off count only when all are. */
function lightOf(lights: Light[]): Light {
	return ORDER.find((light) => lights.includes(light)) ?? 'off';
}

/** Whether what belongs to these switches is there, behind a button; each check says how to mend it. */
export function Checks({ toggles, name }: { toggles: Toggle[]; name: string }) {
	const id = useId();
	const client = useQueryClient();
	const mayChange = useMayChange();
	const [open, setOpen] = useState(false);
	const [asking, setAsking] = useState(false);
	const answers = useQueries({ queries: toggles.map((toggle) => checksQuery(toggle)) });
	const known = answers.flatMap(({ data }) => data ?? []);
	const failed = answers.find(({ isError, data }) => isError && data === undefined);
	const running = asking || answers.some(({ isPending }) => isPending);
	const checks = new Map(
		known.flatMap((answer) => answer.checks).map((check) => [check.id, check]),
	);
	const found = [...checks.values()];
	// The gravest one says why it is not green.
	const reason =
		found.find(({ state }) => state === 'bad') ?? found.find(({ state }) => state === 'warning');
	const again = async () => {
		setAsking(true);
		try {
			await Promise.all(
				toggles.map(async (toggle) => {
					client.setQueryData(checksQuery(toggle).queryKey, await freshChecks(toggle));
				}),
			);
			await client.invalidateQueries({ queryKey: ['module-status'] });
		} catch {
			// The next look says what is wrong.
			await client.invalidateQueries({ queryKey: ['feature-checks'] });
		} finally {
			setAsking(false);
		}
	};
	return (
		<div className="grid gap-3">
			<div className="flex flex-wrap items-center gap-2">
				{running ? (
					<span
						role="status"
						className="inline-flex items-center gap-1.5 text-sm text-muted-foreground"
					>
						<LoaderCircle className="size-4 animate-spin" aria-hidden />
						{words.checks.running}
					</span>
				) : (
					known.length > 0 && <LightBadge light={lightOf(known.map(({ light }) => light))} />
				)}
				<Button
					look="quiet"
					size="small"
					className="-my-1 text-muted-foreground"
					aria-expanded={open}
					aria-controls={id}
					aria-label={words.checks.show(name)}
					onClick={() => setOpen(!open)}
				>
					{words.checks.title}
					<ChevronDown className={cn('transition-transform', open && 'rotate-180')} aria-hidden />
				</Button>
			</div>
			{!open && reason && <p className="text-sm text-muted-foreground">{reason.message}</p>}
			<div id={id} hidden={!open} className="grid gap-3">
				{failed && <ProblemNotice problem={problemOf(failed.error)} />}
				<ul className="grid gap-3">
					{found.map((check) => (
						<Found key={check.id} check={check} />
					))}
				</ul>
				{mayChange && (
					<Button
						look="outline"
						size="small"
						className="justify-self-start"
						busy={asking}
						onClick={() => void again()}
					>
						{!asking && <RefreshCw aria-hidden />}
						{words.checks.again}
					</Button>
				)}
			</div>
		</div>
	);
}

function Found({ check }: { check: CheckResult }) {
	const { icon: Icon, text } = SIGNS[check.state];
	return (
		<li className="flex gap-2.5 text-sm">
			<Icon className={cn('mt-0.5 size-4 shrink-0', text)} aria-hidden />
			<div className="grid min-w-0 gap-0.5 break-words">
				<p>
					<span className="sr-only">{words.checks.states[check.state]}: </span>
					<span className="font-medium">{check.label}</span>
					<span className="text-muted-foreground"> · </span>
					{check.message}
				</p>
				{check.remedy && (
					<p className="text-muted-foreground">
						{check.remedy}{' '}
						{check.to && (
							<Link
								to={check.to}
								className="font-medium text-accent-foreground underline underline-offset-4"
							>
								{words.checks.mend}
								<span className="sr-only"> ({check.label})</span>
							</Link>
						)}
					</p>
				)}
			</div>
		</li>
	);
}
