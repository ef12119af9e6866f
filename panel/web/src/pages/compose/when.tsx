import { useId } from 'react';
import { composeStrings } from '../../strings/compose';
import { Field } from '../../ui/field';
import { cn } from '../../ui/class-names';
import { Card } from '../../ui/surface';
import { ZoneField } from '../../ui/zone-field';
import { isZone } from '../../ui/zones';

const words = composeStrings.when;

export type When = 'now' | 'scheduled' | 'draft' | 'keep';

export interface WhenValue<Choice extends When> {
	as: Choice;
	wallTime: string;
	timeZone: string;
}

const HELP: Partial<Record<When, string>> = { now: words.nowHelp, draft: words.draftHelp };

/** When the post goes out: a choice, and for a time its wall time and zone. */
export function WhenFields<Choice extends When>({
	choices,
	value,
	onChange,
	past,
}: {
	choices: readonly Choice[];
	value: WhenValue<Choice>;
	onChange: (change: Partial<WhenValue<Choice>>) => void;
	/** The time has passed, by the store. */
	past: boolean;
}) {
	const group = useId();
	return (
		<Card>
			<fieldset className="grid gap-4">
				<legend className="sr-only">{words.legend}</legend>
				<h2 className="text-base font-semibold">{words.legend}</h2>
				<div className="flex flex-wrap gap-2">
					{choices.map((choice) => (
						<label
							key={choice}
							className={cn(
								'flex cursor-pointer items-center gap-2 rounded-md border px-3 py-2 text-sm font-medium transition-colors hover:bg-muted',
								value.as === choice && 'border-primary bg-accent hover:bg-accent',
							)}
						>
							<input
								type="radio"
								name={group}
								checked={value.as === choice}
								onChange={() => onChange({ as: choice } as Partial<WhenValue<Choice>>)}
								className="accent-primary"
							/>
							{words[choice]}
						</label>
					))}
				</div>
				{HELP[value.as] && <p className="text-sm text-muted-foreground">{HELP[value.as]}</p>}
				{value.as === 'scheduled' && (
					<div className="grid gap-4 sm:grid-cols-2">
						<Field
							label={words.date}
							type="datetime-local"
							value={value.wallTime}
							error={past ? words.past : null}
							onChange={(event) =>
								onChange({ wallTime: event.target.value } as Partial<WhenValue<Choice>>)
							}
						/>
						<ZoneField
							label={words.zone}
							value={value.timeZone}
							error={isZone(value.timeZone) ? null : words.zoneUnknown}
							onChange={(timeZone) => onChange({ timeZone } as Partial<WhenValue<Choice>>)}
						/>
					</div>
				)}
			</fieldset>
		</Card>
	);
}
