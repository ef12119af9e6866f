import type { ReactNode } from 'react';
import { strings } from '../strings';
import { Brand } from './brand';

/** The frame of pages without navigation: set-up, sign-in, a client's connect page. */
export function Door({
	title,
	lead,
	children,
}: {
	title: string;
	lead?: ReactNode;
	children?: ReactNode;
}) {
	return (
		<main className="mx-auto grid min-h-dvh w-full max-w-md content-start gap-8 px-5 py-10 sm:content-center">
			<Brand />
			<div className="grid gap-6 rounded-xl bg-card sm:border sm:p-7 sm:shadow-card max-sm:bg-transparent">
				<div className="grid gap-1.5">
					<title>{strings.app.title(title)}</title>
					<h1 className="text-2xl font-semibold tracking-tight text-balance">{title}</h1>
					{lead && <p className="text-muted-foreground">{lead}</p>}
				</div>
				{children}
			</div>
		</main>
	);
}
