import { strings } from '../strings';

export function Brand() {
	return (
		<span className="flex items-center gap-2.5 font-semibold tracking-tight">
			<svg viewBox="0 0 32 32" className="size-7" aria-hidden>
				<rect width="32" height="32" rx="8" className="fill-primary" />
				<path
					d="M8 22V11l5.5 7 2.5-3.2 2.5 3.2L24 11v11"
					className="fill-none stroke-primary-foreground"
					strokeWidth="2.6"
					strokeLinecap="round"
					strokeLinejoin="round"
				/>
			</svg>
			{strings.app.name}
		</span>
	);
}
