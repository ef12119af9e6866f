import { type ReactNode, useId } from 'react';
import { kpiWords as words } from '../../strings/kpis';
import { Button } from '../../ui/button';
import { cn } from '../../ui/class-names';
import { platformName } from '../../ui/platform-mark';
import {
	bucketsFor,
	CARRIERS,
	type KpiFilters,
	PLATFORMS,
	rangesFor,
	TIERS,
	written,
} from './filters';

/** Time, steps, and whose, where, by whom. */
export function FilterBar({
	filters,
	change,
	maySeeAll,
}: {
	filters: KpiFilters;
	change: (next: Partial<KpiFilters>) => void;
	maySeeAll: boolean;
}) {
	const chosen = written({ ...filters, range: '30d', bucket: 'day' });
	chosen.delete('bucket');
	return (
		<form
			aria-label={words.filters}
			className="flex flex-wrap items-end gap-x-3 gap-y-3"
			onSubmit={(event) => event.preventDefault()}
		>
			<Choice
				label={words.range.label}
				value={filters.range}
				values={rangesFor(filters.scope)}
				name={(value) => words.range[value]}
				onChange={(range) => change({ range })}
			/>
			<Picker
				label={words.bucket.label}
				value={filters.bucket}
				onChange={(bucket) => change({ bucket: bucket as KpiFilters['bucket'] })}
			>
				{bucketsFor(filters.range, filters.scope).map((bucket) => (
					<option key={bucket} value={bucket}>
						{words.bucket[bucket]}
					</option>
				))}
			</Picker>
			<Picker
				label={words.platform.label}
				value={filters.platform}
				onChange={(platform) => change({ platform: platform as KpiFilters['platform'] })}
			>
				<option value="">{words.platform.all}</option>
				{PLATFORMS.map((platform) => (
					<option key={platform} value={platform}>
						{platformName(platform)}
					</option>
				))}
			</Picker>
			<Picker
				label={words.carrier.label}
				value={filters.carrier}
				onChange={(carrier) => change({ carrier: carrier as KpiFilters['carrier'] })}
			>
				<option value="">{words.carrier.all}</option>
				{CARRIERS.map((carrier) => (
					<option key={carrier} value={carrier}>
						{words.carrier[carrier]}
					</option>
				))}
			</Picker>
			<Picker
				label={words.tier.label}
				value={filters.tier}
				onChange={(tier) => change({ tier: tier as KpiFilters['tier'] })}
			>
				<option value="">{words.tier.all}</option>
				{TIERS.map((tier) => (
					<option key={tier} value={tier}>
						{words.tier[tier]}
					</option>
				))}
			</Picker>
			{maySeeAll && (
				<Choice
					label={words.scope.label}
					value={filters.scope}
					values={['own', 'all']}
					name={(value) => words.scope[value]}
					onChange={(scope) => change({ scope })}
				/>
			)}
			{chosen.size > 0 && (
				<Button
					look="quiet"
					size="small"
					onClick={() => change({ platform: '', carrier: '', tier: '', scope: 'own' })}
				>
					{words.reset}
				</Button>
			)}
		</form>
	);
}

function Picker({
	label,
	value,
	onChange,
	children,
}: {
	label: string;
	value: string;
	onChange: (value: string) => void;
	children: ReactNode;
}) {
	const id = useId();
	return (
		<div className="grid min-w-0 gap-1 max-sm:flex-1 max-sm:basis-[40%]">
			<label htmlFor={id} className="text-xs font-medium text-muted-foreground">
				{label}
			</label>
			<select
				id={id}
				value={value}
				onChange={(event) => onChange(event.target.value)}
				className="h-9 w-full rounded-md border border-input bg-card px-2 text-sm"
			>
				{children}
			</select>
		</div>
	);
}

/** Few values, all in view. */
function Choice<Value extends string>({
	label,
	value,
	values,
	name,
	onChange,
}: {
	label: string;
	value: Value;
	values: readonly Value[];
	name: (value: Value) => string;
	onChange: (value: Value) => void;
}) {
	return (
		<fieldset className="grid min-w-0 gap-1 max-sm:w-full">
			<legend className="mb-1 text-xs font-medium text-muted-foreground">{label}</legend>
			<div className="flex h-9 rounded-md border border-input bg-card p-0.5">
				{values.map((one) => (
					<label
						key={one}
						className={cn(
							'relative grid flex-1 place-items-center rounded-sm px-1 text-[0.8125rem] whitespace-nowrap sm:px-2.5 sm:text-sm transition-colors has-focus-visible:outline-2 has-focus-visible:outline-ring',
							one === value ? 'bg-accent font-medium text-accent-foreground' : 'hover:bg-muted',
						)}
					>
						<input
							type="radio"
							name={label}
							value={one}
							checked={one === value}
							onChange={() => onChange(one)}
							className="absolute inset-0 cursor-pointer opacity-0"
						/>
						{name(one)}
					</label>
				))}
			</div>
		</fieldset>
	);
}
