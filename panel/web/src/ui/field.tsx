import { Eye, EyeOff } from 'lucide-react';
import {
	type InputHTMLAttributes,
	type ReactNode,
	type SelectHTMLAttributes,
	useId,
	useState,
} from 'react';
import { strings } from '../strings';
import { cn } from './class-names';

interface FieldProps extends Omit<InputHTMLAttributes<HTMLInputElement>, 'id'> {
	label: string;
	help?: ReactNode;
	/** What is wrong with what was entered. */
	error?: string | null;
	optional?: boolean;
}

const inputLook =
	'h-11 w-full rounded-md border border-input bg-card px-3 text-base outline-offset-0 placeholder:text-muted-foreground aria-invalid:border-danger sm:text-[0.9375rem]';

/** A labelled text field with its help and its error, tied together for screen readers. */
export function Field({ label, help, error, optional, type, className, ...rest }: FieldProps) {
	const id = useId();
	const [shown, setShown] = useState(false);
	const isPassword = type === 'password';
	const notes = [help ? `${id}-help` : '', error ? `${id}-error` : ''].filter(Boolean).join(' ');
	return (
		<div className={cn('grid gap-1.5', className)}>
			<label htmlFor={id} className="text-sm font-medium">
				{label}
				{optional && (
					<span className="font-normal text-muted-foreground"> ({strings.common.optional})</span>
				)}
			</label>
			<div className="relative">
				<input
					id={id}
					type={isPassword && shown ? 'text' : type}
					className={cn(inputLook, isPassword && 'pr-11')}
					aria-invalid={error ? true : undefined}
					aria-describedby={notes || undefined}
					spellCheck={false}
					{...rest}
				/>
				{isPassword && (
					<button
						type="button"
						className="absolute inset-y-0 right-0 grid w-11 place-items-center rounded-md text-muted-foreground hover:text-foreground"
						aria-label={shown ? strings.common.hidePassword : strings.common.showPassword}
						aria-pressed={shown}
						onClick={() => setShown(!shown)}
					>
						{shown ? (
							<EyeOff className="size-4" aria-hidden />
						) : (
							<Eye className="size-4" aria-hidden />
						)}
					</button>
				)}
			</div>
			{help && (
				<p id={`${id}-help`} className="text-sm text-muted-foreground">
					{help}
				</p>
			)}
			{error && (
				<p id={`${id}-error`} className="text-sm text-danger">
					{error}
				</p>
			)}
		</div>
	);
}

interface SelectFieldProps extends Omit<SelectHTMLAttributes<HTMLSelectElement>, 'id'> {
	label: string;
}

/** A labelled choice of one; the options are its children. */
export function SelectField({ label, children, ...rest }: SelectFieldProps) {
	const id = useId();
	return (
		<div className="grid gap-1.5">
			<label htmlFor={id} className="text-sm font-medium">
				{label}
			</label>
			<select id={id} className={inputLook} {...rest}>
				{children}
			</select>
		</div>
	);
}
