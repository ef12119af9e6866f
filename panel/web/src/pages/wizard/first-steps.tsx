import { AtSign, FlaskConical } from 'lucide-react';
import { useState } from 'react';
import { Link } from 'react-router';
import type { FeaturesAnswer } from '../../../../shared/features';
import type { SandboxAccountAnswer, WizardAnswer } from '../../../../shared/wizard';
import { call } from '../../api/client';
import { useSend } from '../../api/queries';
import { wizardWords } from '../../strings/wizard';
import { Button } from '../../ui/button';
import { SelectField } from '../../ui/field';
import { Notice } from '../../ui/notice';
import { Card } from '../../ui/surface';
import { useToast } from '../../ui/toast';
import { deviceZone, zonesWith } from '../../ui/zones';
import { useSaveSettings } from '../settings/queries';
import { Clip } from './clip';
import { comeBackHere } from './come-back';
import { StepFrame, type StepProps } from './step-frame';

const HOUR = 3_600_000;

/** The module is on, or is switched on. */
export function SwitchOn({ wizard, next, back }: StepProps & { wizard: WizardAnswer }) {
	const words = wizardWords.on;
	const turn = useSend(() => call<FeaturesAnswer>('PUT', '/api/features/module', { on: true }), {
		changes: ['wizard', 'features', 'module-status'],
		done: () => next(),
	});
	return (
		<StepFrame
			title={words.title}
			error={turn.error}
			back={back}
			skip={wizard.moduleOn ? null : () => next(true)}
			action={
				wizard.moduleOn ? (
					<Button onClick={() => next()}>{wizardWords.next}</Button>
				) : (
					<Button busy={turn.isPending} onClick={() => turn.mutate(undefined)}>
						{words.action}
					</Button>
				)
			}
		>
			<Notice
				tone={wizard.moduleOn ? 'success' : 'warning'}
				title={wizard.moduleOn ? words.isOn : words.isOff}
			>
				{wizard.moduleOn ? words.platforms : null}
			</Notice>
			<Clip />
		</StepFrame>
	);
}

/** An account of the sandbox in one click, or a real one on its own page. */
export function ConnectStep({ wizard, next, back }: StepProps & { wizard: WizardAnswer }) {
	const words = wizardWords.connect;
	const say = useToast();
	const connect = useSend(
		() => call<SandboxAccountAnswer>('POST', '/api/wizard/sandbox-account', {}),
		{
			changes: ['wizard', 'accounts', 'module-status'],
			done: ({ handle }) => {
				say(words.connected(handle));
				next();
			},
		},
	);
	const has = wizard.accounts > 0;
	return (
		<StepFrame
			title={words.title}
			error={connect.error}
			back={back}
			skip={has ? null : () => next(true)}
			action={has && <Button onClick={() => next()}>{wizardWords.next}</Button>}
		>
			{has && <Notice tone="success" title={words.has(wizard.accounts)} />}
			<div className="grid gap-3 sm:grid-cols-2">
				{wizard.sandbox && (
					<Card className="grid content-between gap-4">
						<div className="grid gap-1">
							<FlaskConical className="mb-1 size-5 text-muted-foreground" aria-hidden />
							<h3 className="font-medium">{words.sandbox}</h3>
							<p className="text-sm text-muted-foreground">{words.sandboxHelp}</p>
						</div>
						<Button
							look={has ? 'outline' : 'primary'}
							busy={connect.isPending}
							onClick={() => connect.mutate(undefined)}
						>
							{words.sandboxAction}
						</Button>
					</Card>
				)}
				<Card className="grid content-between gap-4">
					<div className="grid gap-1">
						<AtSign className="mb-1 size-5 text-muted-foreground" aria-hidden />
						<h3 className="font-medium">{words.real}</h3>
						<p className="text-sm text-muted-foreground">{words.realHelp}</p>
					</div>
					<Button asChild look="outline">
						<Link to="/accounts/connect" onClick={comeBackHere}>
							{words.realAction}
						</Link>
					</Button>
				</Card>
			</div>
		</StepFrame>
	);
}

const LATENESS_HOURS = [1, 6, 24, 72];

/** What counts for posts that say nothing of their own. */
export function Defaults({ wizard, next, back }: StepProps & { wizard: WizardAnswer }) {
	const words = wizardWords.defaults;
	const save = useSaveSettings();
	const [zone, setZone] = useState(wizard.timeZone ?? deviceZone());
	const [hours, setHours] = useState(wizard.maxLatenessMs / HOUR);
	const choices = [...new Set([...LATENESS_HOURS, hours])].sort((a, b) => a - b);
	return (
		<StepFrame
			title={words.title}
			error={save.error}
			back={back}
			skip={() => next(true)}
			action={
				<Button
					busy={save.isPending}
					onClick={() =>
						save.mutate(
							{ timeZone: zone, timing: { maxLatenessMs: Math.round(hours * HOUR) } },
							{ onSuccess: () => next() },
						)
					}
				>
					{words.save}
				</Button>
			}
		>
			<SelectField
				label={words.zone}
				value={zone}
				onChange={(event) => setZone(event.target.value)}
			>
				{zonesWith(zone).map((name) => (
					<option key={name}>{name}</option>
				))}
			</SelectField>
			<div className="grid gap-1.5">
				<SelectField
					label={words.late}
					value={hours}
					onChange={(event) => setHours(Number(event.target.value))}
				>
					{choices.map((choice) => (
						<option key={choice} value={choice}>
							{words.hours(choice)}
						</option>
					))}
				</SelectField>
				<p className="text-sm text-muted-foreground">{words.lateHelp}</p>
			</div>
		</StepFrame>
	);
}
