import type { ReactNode } from 'react';
import { problemOf } from '../../api/client';
import { wizardWords as words } from '../../strings/wizard';
import { Button } from '../../ui/button';
import { ProblemNotice } from '../../ui/notice';

export interface StepProps {
	/** Goes on; `skipped` is remembered. */
	next: (skipped?: boolean) => void;
	back: (() => void) | null;
}

/** Title, content, what went wrong, and the way on. */
export function StepFrame({
	title,
	children,
	error,
	back,
	skip,
	action,
}: {
	title: string;
	children: ReactNode;
	error?: unknown;
	back: (() => void) | null;
	skip: (() => void) | null;
	action: ReactNode;
}) {
	return (
		<div className="grid gap-5">
			<h2 className="text-xl font-semibold tracking-tight text-balance">{title}</h2>
			{children}
			{error ? <ProblemNotice problem={problemOf(error)} /> : null}
			<div className="flex flex-wrap items-center justify-end gap-2">
				{back && (
					<Button look="quiet" className="mr-auto" onClick={back}>
						{words.back}
					</Button>
				)}
				{skip && (
					<Button look="outline" onClick={skip}>
						{words.skip}
					</Button>
				)}
				{action}
			</div>
		</div>
	);
}
