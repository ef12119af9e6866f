import { useId } from 'react';
import { Field } from '../../ui/field';
import { deviceZone } from './wall-time';

/** Every zone that this browser knows; UTC is not always among them. */
function zones(current: string): string[] {
	return [...new Set([current, deviceZone(), 'UTC', ...Intl.supportedValuesOf('timeZone')])].sort();
}

/** An IANA zone: typed with suggestions, because the list is long. */
export function ZoneField({
	label,
	help,
	value,
	error,
	onChange,
}: {
	label: string;
	help?: string;
	value: string;
	error?: string | null;
	onChange: (value: string) => void;
}) {
	const list = useId();
	return (
		<>
			<Field
				label={label}
				help={help}
				error={error}
				list={list}
				value={value}
				autoComplete="off"
				onChange={(event) => onChange(event.target.value.trim())}
			/>
			<datalist id={list}>
				{zones(value).map((zone) => (
					<option key={zone} value={zone} />
				))}
			</datalist>
		</>
	);
}
