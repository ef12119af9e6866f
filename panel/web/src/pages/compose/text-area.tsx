import { type ClipboardEvent, type ReactNode, useId } from 'react';
import { cn } from '../../ui/class-names';

interface TextAreaProps {
	label: string;
	value: string;
	onChange: (value: string) => void;
	onPaste?: (event: ClipboardEvent<HTMLTextAreaElement>) => void;
	placeholder?: string;
	/** Something below it that describes it, such as counters. */
	note?: ReactNode;
	rows?: number;
	invalid?: boolean;
	autoFocus?: boolean;
}

/** A labelled text of several lines; it grows with what is written where the browser can do that. */
export function TextArea({
	label,
	value,
	onChange,
	onPaste,
	placeholder,
	note,
	rows = 6,
	invalid = false,
	autoFocus = false,
}: TextAreaProps) {
	const id = useId();
	return (
		<div className="grid gap-1.5">
			<label htmlFor={id} className="text-sm font-medium">
				{label}
			</label>
			<textarea
				id={id}
				rows={rows}
				value={value}
				placeholder={placeholder}
				autoFocus={autoFocus}
				aria-invalid={invalid || undefined}
				aria-describedby={note ? `${id}-note` : undefined}
				onChange={(event) => onChange(event.target.value)}
				onPaste={onPaste}
				className={cn(
					'w-full resize-y rounded-md border border-input bg-card px-3 py-2.5 text-base placeholder:text-muted-foreground sm:text-[0.9375rem]',
					'field-sizing-content min-h-32 max-h-[60dvh]',
					invalid && 'border-danger',
				)}
			/>
			{note && <div id={`${id}-note`}>{note}</div>}
		</div>
	);
}
