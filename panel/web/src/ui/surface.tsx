import type { HTMLAttributes, ReactNode } from 'react';
import { strings } from '../strings';
import { cn } from './class-names';

export function Card({ className, ...rest }: HTMLAttributes<HTMLDivElement>) {
	return (
		<div
			className={cn(
				'min-w-0 rounded-xl border bg-card p-4 shadow-card sm:p-5 [&>*]:min-w-0',
				className,
			)}
			{...rest}
		/>
	);
}

const TONES = {
	neutral: 'bg-muted text-foreground',
	accent: 'bg-accent text-accent-foreground',
	success: 'bg-success-soft text-success',
	warning: 'bg-warning-soft text-warning',
	danger: 'bg-danger-soft text-danger',
	info: 'bg-info-soft text-info',
};

export type Tone = keyof typeof TONES;

export function Badge({ tone = 'neutral', children }: { tone?: Tone; children: ReactNode }) {
	return (
		<span
			className={cn(
				'inline-flex items-center rounded-full px-2.5 py-0.5 text-xs font-medium whitespace-nowrap',
				TONES[tone],
			)}
		>
			{children}
		</span>
	);
}

/** Grey shapes where a list will be, so that nothing jumps when it comes. */
export function ListLoading({ rows = 3 }: { rows?: number }) {
	return (
		<div role="status" className="grid gap-3">
			<span className="sr-only">{strings.app.loading}</span>
			{Array.from({ length: rows }, (_, row) => (
				<div key={row} aria-hidden className="grid gap-3 rounded-xl border bg-card p-5">
					<div className="h-4 w-1/3 animate-pulse rounded bg-muted" />
					<div className="h-4 w-4/5 animate-pulse rounded bg-muted" />
					<div className="h-4 w-1/2 animate-pulse rounded bg-muted" />
				</div>
			))}
		</div>
	);
}

/** Where a list has nothing to show: why, and the next step. */
export function Empty({
	title,
	children,
	action,
}: {
	title: string;
	children?: ReactNode;
	action?: ReactNode;
}) {
	return (
		<div className="grid justify-items-center gap-2 rounded-xl border border-dashed px-6 py-14 text-center">
			<h2 className="text-base font-semibold">{title}</h2>
			{children && <p className="max-w-md text-muted-foreground">{children}</p>}
			{action && <div className="mt-3">{action}</div>}
		</div>
	);
}

/** Title of a page with what it is for and its main action. */
export function PageHead({
	title,
	lead,
	action,
}: {
	title: string;
	lead?: ReactNode;
	action?: ReactNode;
}) {
	return (
		<header className="mb-6 flex flex-wrap items-end justify-between gap-x-6 gap-y-4">
			<div className="grid gap-1">
				<title>{strings.app.title(title)}</title>
				<h1 className="text-2xl font-semibold tracking-tight text-balance">{title}</h1>
				{lead && <p className="max-w-2xl text-muted-foreground">{lead}</p>}
			</div>
			{action}
		</header>
	);
}
