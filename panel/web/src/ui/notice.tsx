import { CircleCheck, CircleX, Info, TriangleAlert } from 'lucide-react';
import type { ReactNode } from 'react';
import type { ApiProblem } from '../../../shared/api';
import { problemOf } from '../api/client';
import { strings } from '../strings';
import { Button } from './button';
import { cn } from './class-names';

const LOOKS = {
	info: { icon: Info, classes: 'bg-info-soft text-info' },
	success: { icon: CircleCheck, classes: 'bg-success-soft text-success' },
	warning: { icon: TriangleAlert, classes: 'bg-warning-soft text-warning' },
	danger: { icon: CircleX, classes: 'bg-danger-soft text-danger' },
};

interface NoticeProps {
	tone: keyof typeof LOOKS;
	title: ReactNode;
	children?: ReactNode;
	action?: ReactNode;
	/** Read out when it appears. */
	live?: boolean;
	className?: string;
}

/** A sentence that matters, with what to do about it. */
export function Notice({ tone, title, children, action, live, className }: NoticeProps) {
	const { icon: Icon, classes } = LOOKS[tone];
	const role = live ? (tone === 'danger' ? 'alert' : 'status') : undefined;
	return (
		<div role={role} className={cn('flex gap-3 rounded-lg p-4 text-sm', classes, className)}>
			<Icon className="mt-0.5 size-4 shrink-0" aria-hidden />
			<div className="grid min-w-0 gap-1 break-words">
				<p className="font-medium">{title}</p>
				{children && <div className="text-foreground">{children}</div>}
				{action && <div className="mt-2">{action}</div>}
			</div>
		</div>
	);
}

/** What the server said of a request that did not succeed. */
export function ProblemNotice({
	problem,
	tone = 'danger',
	action,
}: {
	problem: ApiProblem;
	tone?: keyof typeof LOOKS;
	action?: ReactNode;
}) {
	return (
		<Notice tone={tone} title={problem.message} action={action} live>
			{problem.remedy}
		</Notice>
	);
}

/** A list or page that could not be loaded. */
export function LoadFailed({ error, again }: { error: unknown; again: () => void }) {
	return (
		<ProblemNotice
			problem={problemOf(error)}
			action={
				<Button look="outline" size="small" className="text-foreground" onClick={again}>
					{strings.common.tryAgain}
				</Button>
			}
		/>
	);
}
