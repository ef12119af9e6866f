import type { ReactNode } from 'react';
import { Field } from '../../ui/field';

/** Whole number of a text field; null when it is empty, undefined when it is none. */
export function numberOf(text: string): number | null | undefined {
	const trimmed = text.trim();
	if (trimmed === '') return null;
	return /^\d{1,12}$/.test(trimmed) ? Number(trimmed) : undefined;
}

/** A field for a whole number. */
export function NumberField({
	label,
	help,
	value,
	onChange,
	error,
	placeholder,
	disabled,
}: {
	label: string;
	help?: ReactNode;
	value: string;
	onChange: (value: string) => void;
	error?: string | null;
	placeholder?: string;
	disabled?: boolean;
}) {
	return (
		<Field
			label={label}
			help={help}
			inputMode="numeric"
			autoComplete="off"
			value={value}
			error={error}
			placeholder={placeholder}
			disabled={disabled}
			onChange={(event) => onChange(event.target.value)}
		/>
	);
}
