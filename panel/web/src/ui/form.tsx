import type { FormHTMLAttributes } from 'react';
import { cn } from './class-names';

interface FormProps extends Omit<FormHTMLAttributes<HTMLFormElement>, 'onSubmit'> {
	onSubmit: () => void;
}

/** Fields below each other that a script sends; it also checks them, the browser does not. */
export function Form({ onSubmit, className, ...rest }: FormProps) {
	return (
		<form
			className={cn('grid gap-4', className)}
			noValidate
			onSubmit={(event) => {
				event.preventDefault();
				onSubmit();
			}}
			{...rest}
		/>
	);
}
