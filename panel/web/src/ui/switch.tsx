import { LoaderCircle } from 'lucide-react';
import { Switch as Radix } from 'radix-ui';
import { cn } from './class-names';

/** On or off, at once or after a question. The label is for screen readers; words stand beside it. */
export function Switch({
	checked,
	onChange,
	label,
	disabled = false,
	busy = false,
}: {
	checked: boolean;
	onChange: (checked: boolean) => void;
	label: string;
	disabled?: boolean;
	busy?: boolean;
}) {
	return (
		<Radix.Root
			checked={checked}
			onCheckedChange={onChange}
			disabled={disabled || busy}
			aria-label={label}
			aria-busy={busy || undefined}
			className={cn(
				'relative inline-flex h-6 w-11 shrink-0 items-center rounded-full border transition-colors',
				'data-[state=checked]:border-primary data-[state=checked]:bg-primary',
				'data-[state=unchecked]:border-input data-[state=unchecked]:bg-muted',
				'disabled:cursor-not-allowed disabled:opacity-60',
				// The finger needs more room than the eye.
				'before:absolute before:-inset-2.5',
			)}
		>
			<Radix.Thumb className="grid size-5 place-items-center rounded-full bg-card shadow-sm transition-transform data-[state=checked]:translate-x-5 data-[state=unchecked]:translate-x-px">
				{busy && <LoaderCircle className="size-3.5 animate-spin text-foreground" aria-hidden />}
			</Radix.Thumb>
		</Radix.Root>
	);
}
