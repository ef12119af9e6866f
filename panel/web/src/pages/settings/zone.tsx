import { useState } from 'react';
import type { SettingsAnswer } from '../../../../shared/settings';
import { useMayChange } from '../../api/queries';
import { settingsWords } from '../../strings/settings';
import { Button } from '../../ui/button';
import { SelectField } from '../../ui/field';
import { Form } from '../../ui/form';
import { Card } from '../../ui/surface';
import { deviceZone, zonesWith } from '../../ui/zones';
import { useSaveSettings } from './queries';
import { SaveBar } from './save-bar';

const words = settingsWords.zone;

/** The time zone for owners that have none of their own. */
export function Zone({ settings }: { settings: SettingsAnswer }) {
	const mayChange = useMayChange();
	const save = useSaveSettings();
	const [edited, setEdited] = useState<string | null>(null);
	const chosen = edited ?? settings.timeZone ?? '';
	const own = deviceZone();
	return (
		<Form
			className="gap-5"
			onSubmit={() =>
				save.mutate({ timeZone: chosen || null }, { onSuccess: () => setEdited(null) })
			}
		>
			<Card className="grid gap-3">
				<SelectField
					label={words.label}
					value={chosen}
					disabled={!mayChange}
					onChange={(event) => setEdited(event.target.value)}
				>
					<option value="">{words.utc}</option>
					{zonesWith(chosen).map((zone) => (
						<option key={zone}>{zone}</option>
					))}
				</SelectField>
				<p className="text-sm text-muted-foreground">{words.help}</p>
				{mayChange && own !== chosen && (
					<p className="flex flex-wrap items-center gap-2 text-sm">
						{words.yours(own)}
						<Button look="outline" size="small" onClick={() => setEdited(own)}>
							{words.take}
						</Button>
					</p>
				)}
			</Card>
			{mayChange && <SaveBar dirty={edited !== null} busy={save.isPending} error={save.error} />}
		</Form>
	);
}
