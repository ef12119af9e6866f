import { cva, type VariantProps } from 'class-variance-authority';
import { LoaderCircle } from 'lucide-react';
import { Slot } from 'radix-ui';
import type { ButtonHTMLAttributes, Ref } from 'react';
import { cn } from './class-names';

const looks = cva(
	'inline-flex items-center justify-center gap-2 rounded-md font-medium whitespace-nowrap transition-colors disabled:pointer-events-none disabled:opacity-60 [&_svg]:size-4 [&_svg]:shrink-0',
	{
		variants: {
			look: {
				primary: 'bg-primary text-primary-foreground hover:bg-primary-hover',
				outline: 'border border-border bg-card hover:bg-muted',
				quiet: 'hover:bg-muted',
				danger: 'bg-danger text-card hover:opacity-90',
			},
			size: {
				normal: 'h-10 px-4 text-sm',
				small: 'h-9 px-3 text-sm',
				icon: 'size-10',
			},
		},
		defaultVariants: { look: 'primary', size: 'normal' },
	},
);

export interface ButtonProps
	extends ButtonHTMLAttributes<HTMLButtonElement>,
		VariantProps<typeof looks> {
	/** The child is the element, with the button's look; for links. */
	asChild?: boolean;
	ref?: Ref<HTMLButtonElement>;
	/** Shows a spinner and takes no click. */
	busy?: boolean;
}

export function Button({
	look,
	size,
	asChild,
	busy = false,
	className,
	children,
	disabled,
	type = 'button',
	...rest
}: ButtonProps) {
	const classes = cn(looks({ look, size }), className);
	if (asChild) {
		return (
			<Slot.Root className={classes} {...rest}>
				{children}
			</Slot.Root>
		);
	}
	return (
		<button
			type={type}
			className={classes}
			disabled={disabled === true || busy}
			aria-busy={busy || undefined}
			{...rest}
		>
			{busy && <LoaderCircle className="animate-spin" aria-hidden />}
			{children}
		</button>
	);
}
