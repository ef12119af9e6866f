import { useState } from 'react';
import type { SettingsAnswer } from '../../../../shared/settings';
import { useMayChange } from '../../api/queries';
import { settingsWords } from '../../strings/settings';
import { Field } from '../../ui/field';
import { Form } from '../../ui/form';
import { Card } from '../../ui/surface';
import { NumberField, numberOf } from './number-field';
import { useSaveSettings } from './queries';
import { SaveBar } from './save-bar';

const words = settingsWords.timing;
const SECOND = 1_000;
const MINUTE = 60_000;

interface Texts {
	grace: string;
	lateness: string;
	gap: string;
	media: string;
}

const textsOf = ({ timing, publicMediaUrl }: SettingsAnswer): Texts => ({
	grace: timing.graceMs === null ? '' : String(timing.graceMs / SECOND),
	lateness: String(timing.maxLatenessMs / MINUTE),
	gap: String(timing.gapMs / SECOND),
	media: publicMediaUrl ?? '',
});

/** How long carriers wait for each other, and how late a post may be. */
export function Timing({ settings }: { settings: SettingsAnswer }) {
	const mayChange = useMayChange();
	const save = useSaveSettings();
	const [edited, setEdited] = useState<Texts | null>(null);
	const texts = edited ?? textsOf(settings);
	const change = (part: Partial<Texts>) => setEdited({ ...texts, ...part });
	const grace = numberOf(texts.grace);
	const lateness = numberOf(texts.lateness);
	const gap = numberOf(texts.gap);
	const needed = (value: number | null | undefined) =>
		value == null ? settingsWords.needNumber : null;
	const send = () => {
		if (grace === undefined || lateness == null || gap == null) return;
		save.mutate(
			{
				timing: {
					graceMs: grace === null ? null : grace * SECOND,
					maxLatenessMs: lateness * MINUTE,
					gapMs: gap * SECOND,
				},
				publicMediaUrl: texts.media.trim() || null,
			},
			{ onSuccess: () => setEdited(null) },
		);
	};
	return (
		<Form className="gap-5" onSubmit={send}>
			<Card className="grid gap-5">
				<NumberField
					label={words.grace}
					help={words.graceHelp}
					value={texts.grace}
					placeholder={words.graceAuto}
					disabled={!mayChange}
					error={grace === undefined ? settingsWords.notNumber : null}
					onChange={(text) => change({ grace: text })}
				/>
				<NumberField
					label={words.lateness}
					help={words.latenessHelp}
					value={texts.lateness}
					disabled={!mayChange}
					error={needed(lateness)}
					onChange={(text) => change({ lateness: text })}
				/>
				<NumberField
					label={words.gap}
					help={words.gapHelp}
					value={texts.gap}
					disabled={!mayChange}
					error={needed(gap)}
					onChange={(text) => change({ gap: text })}
				/>
			</Card>
			<Card>
				<Field
					label={words.media}
					help={words.mediaHelp}
					type="url"
					optional
					autoComplete="off"
					placeholder="https://media.example.com"
					value={texts.media}
					disabled={!mayChange}
					onChange={(event) => change({ media: event.target.value })}
				/>
			</Card>
			{mayChange && <SaveBar dirty={edited !== null} busy={save.isPending} error={save.error} />}
		</Form>
	);
}
