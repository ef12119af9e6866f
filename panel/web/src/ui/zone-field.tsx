import { useId, useState } from 'react';
import { Field } from './field';
import { deviceZone, zonesWith } from './zones';

/** An IANA zone: typed with suggestions, because the list is long. */
export function ZoneField({
	label,
	value,
	error,
	onChange,
}: {
	label: string;
	value: string;
	error?: string | null;
	onChange: (value: string) => void;
}) {
	const list = useId();
	const [suggestions] = useState(() =>
		[...zonesWith(value, deviceZone(), 'UTC')]
			.sort()
			.map((zone) => <option key={zone} value={zone} />),
	);
	return (
		<>
			<Field
				label={label}
				error={error}
				list={list}
				value={value}
				autoComplete="off"
				onChange={(event) => onChange(event.target.value.trim())}
			/>
			<datalist id={list}>{suggestions}</datalist>
		</>
	);
}
