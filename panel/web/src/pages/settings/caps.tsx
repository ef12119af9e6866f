import { useState } from 'react';
import { Link } from 'react-router';
import type { CapName, Caps as CapValues, Tier } from '../../../../../core/store/contract';
import type { SettingsAnswer } from '../../../../shared/settings';
import { useMayChange } from '../../api/queries';
import { featureWords, tierNames } from '../../strings/features';
import { settingsWords } from '../../strings/settings';
import { Form } from '../../ui/form';
import { Card } from '../../ui/surface';
import { NumberField, numberOf } from './number-field';
import { useSaveSettings } from './queries';
import { SaveBar } from './save-bar';

const words = settingsWords.caps;
const TIERS = Object.keys(tierNames) as Tier[];
const NAMES = Object.keys(words.names) as CapName[];

type Texts = Record<Tier, Record<CapName, string>>;

const textsOf = (caps: SettingsAnswer['caps']): Texts =>
	Object.fromEntries(
		TIERS.map((tier) => [
			tier,
			Object.fromEntries(NAMES.map((name) => [name, caps[tier][name]?.toString() ?? ''])),
		]),
	) as Texts;

/** What an owner of each tier may have at most. */
export function Caps({ settings }: { settings: SettingsAnswer }) {
	const mayChange = useMayChange();
	const save = useSaveSettings();
	const [edited, setEdited] = useState<Texts | null>(null);
	const texts = edited ?? textsOf(settings.caps);
	const wrong = TIERS.some((tier) =>
		NAMES.some((name) => numberOf(texts[tier][name]) === undefined),
	);
	const change = (tier: Tier, name: CapName, text: string) =>
		setEdited({ ...texts, [tier]: { ...texts[tier], [name]: text } });
	const send = () => {
		const caps = Object.fromEntries(
			TIERS.map((tier) => [
				tier,
				Object.fromEntries(NAMES.map((name) => [name, numberOf(texts[tier][name])])) as CapValues,
			]),
		) as Record<Tier, CapValues>;
		save.mutate({ caps }, { onSuccess: () => setEdited(null) });
	};
	return (
		<Form
			className="gap-5"
			onSubmit={() => {
				if (!wrong) send();
			}}
		>
			<p className="text-muted-foreground">
				{words.help} {words.day}
			</p>
			<div className="grid gap-4 md:grid-cols-2">
				{TIERS.map((tier) => (
					<Card key={tier} className="grid content-start gap-4">
						<h3 className="font-semibold">{tierNames[tier]}</h3>
						{NAMES.map((name) => (
							<NumberField
								key={name}
								label={words.names[name]}
								value={texts[tier][name]}
								placeholder={words.none}
								disabled={!mayChange}
								error={numberOf(texts[tier][name]) === undefined ? settingsWords.notNumber : null}
								onChange={(text) => change(tier, name, text)}
							/>
						))}
					</Card>
				))}
			</div>
			<p className="text-sm text-muted-foreground">
				<Link to="/features" className="text-accent-foreground underline underline-offset-4">
					{featureWords.title}
				</Link>{' '}
				{words.features}
			</p>
			{mayChange && <SaveBar dirty={edited !== null} busy={save.isPending} error={save.error} />}
		</Form>
	);
}
