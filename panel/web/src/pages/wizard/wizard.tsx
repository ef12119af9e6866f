import { useQuery } from '@tanstack/react-query';
import { Check } from 'lucide-react';
import { useState } from 'react';
import { Navigate, useNavigate } from 'react-router';
import { type Step, STEPS, type WizardAnswer } from '../../../../shared/wizard';
import { wizardWords as words } from '../../strings/wizard';
import { Button } from '../../ui/button';
import { cn } from '../../ui/class-names';
import { ProblemNotice } from '../../ui/notice';
import { QueryState } from '../../ui/query-state';
import { Card, PageHead } from '../../ui/surface';
import { FirstPost } from './first-post';
import { ConnectStep, Defaults, SwitchOn } from './first-steps';
import { useKeepState, wizardQuery } from './queries';
import { takeComeBack } from './come-back';

/** The first steps. Shown while nothing can be done yet, and until they are finished or put away. */
export function Wizard() {
	const wizard = useQuery(wizardQuery);
	const [ending, setEnding] = useState(false);
	// Whoever is here again needs no more leading back.
	useState(takeComeBack);
	if (!wizard.data) return <QueryState query={wizard} />;
	if (!wizard.data.open && !ending) return <Navigate to="/" replace />;
	return <Steps wizard={wizard.data} end={() => setEnding(true)} />;
}

function Steps({ wizard, end }: { wizard: WizardAnswer; end: () => void }) {
	const navigate = useNavigate();
	const keep = useKeepState();
	const { state } = wizard;
	const step = state.step ?? 'on';
	const place = STEPS.indexOf(step);
	const previous = STEPS[place - 1];
	const back = previous === undefined ? null : () => keep.mutate({ step: previous });
	const leave = async (change: { finished: true } | { dismissed: true }) => {
		end();
		await keep.mutateAsync(change);
		await navigate('/');
	};
	const next = (skipped = false) => {
		const following = STEPS[place + 1];
		const others = (state.skipped ?? []).filter((one) => one !== step);
		const kept = { skipped: skipped ? [...others, step] : others };
		if (following === undefined) {
			void leave({ finished: true, ...kept });
			return;
		}
		keep.mutate({ step: following, ...kept });
	};
	return (
		<div className="mx-auto max-w-2xl">
			<PageHead
				title={words.title}
				lead={words.lead}
				action={
					<Button
						look="quiet"
						className="max-sm:-ml-4"
						onClick={() => void leave({ dismissed: true })}
					>
						{words.notNow}
					</Button>
				}
			/>
			<Progress step={step} skipped={state.skipped ?? []} />
			{keep.problem && (
				<div className="mb-4">
					<ProblemNotice problem={keep.problem} />
				</div>
			)}
			<Card key={step} className="animate-in p-5 sm:p-7">
				{step === 'on' && <SwitchOn wizard={wizard} next={next} back={back} />}
				{step === 'connect' && <ConnectStep wizard={wizard} next={next} back={back} />}
				{step === 'defaults' && <Defaults wizard={wizard} next={next} back={back} />}
				{step === 'post' && (
					<FirstPost
						next={next}
						back={back}
						postId={state.postId ?? null}
						made={(postId) => keep.mutate({ step: 'post', postId })}
					/>
				)}
			</Card>
		</div>
	);
}

function Progress({ step, skipped }: { step: Step; skipped: Step[] }) {
	const place = STEPS.indexOf(step);
	return (
		<nav aria-label={words.progress} className="mb-5">
			<p className="sr-only" role="status">
				{words.of(place + 1, STEPS.length)}: {words.steps[step]}
			</p>
			<ol className="grid grid-cols-4 gap-2">
				{STEPS.map((one, index) => {
					const passed = index < place;
					return (
						<li
							key={one}
							aria-current={one === step ? 'step' : undefined}
							className={cn(
								'grid gap-1.5 border-t-2 pt-2 text-xs font-medium sm:text-sm',
								index <= place ? 'border-primary' : 'border-border text-muted-foreground',
							)}
						>
							<span className="flex items-center gap-1.5">
								{passed && !skipped.includes(one) && (
									<Check className="size-3.5 text-success" aria-hidden />
								)}
								{words.steps[one]}
								{passed && (
									<span className="sr-only">
										({skipped.includes(one) ? words.skipped : words.done})
									</span>
								)}
							</span>
						</li>
					);
				})}
			</ol>
		</nav>
	);
}
