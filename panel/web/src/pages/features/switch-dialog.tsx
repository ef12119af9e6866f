import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import type { Toggle } from '../../../../../core/store/contract';
import type { FeaturesAnswer, ReachAnswer, SwitchRequest } from '../../../../shared/features';
import { call } from '../../api/client';
import { useSend } from '../../api/queries';
import { strings } from '../../strings';
import { featureWords as words, toggleName } from '../../strings/features';
import { Button } from '../../ui/button';
import { Dialog } from '../../ui/dialog';
import { LoadFailed, ProblemNotice } from '../../ui/notice';
import { RadioCard } from '../../ui/radio-card';
import { Time } from '../../ui/time';
import { useToast } from '../../ui/toast';
import { reachQuery, switchPath } from './queries';

/** What a switch would change, in sentences. */
function sentencesOf(toggle: Toggle, on: boolean, reach: ReachAnswer): string[] {
	const { scheduled, due, accounts, series } = reach;
	const connect = toggle.endsWith(':connect');
	const all = !toggle.startsWith('feature:');
	const said = words.preview;
	if (on) {
		return [
			...(scheduled > 0 ? [said.onPosts(scheduled)] : []),
			...(due > 0 ? [said.onDue(due)] : []),
		];
	}
	return [
		...(scheduled > 0 ? [said.offPosts(scheduled)] : []),
		...(accounts > 0 && connect ? [said.offConnect(accounts)] : []),
		...(accounts > 0 && all ? [said.offAccounts(accounts)] : []),
		...(series > 0 && (all || toggle.endsWith(':recurrence') || toggle.endsWith(':publish'))
			? [said.offSeries(series)]
			: []),
	];
}

/** Shows what a switch is about before it is turned. */
export function SwitchDialog({
	toggle,
	on,
	close,
}: {
	/** Null: closed. */
	toggle: Toggle | null;
	/** What it becomes. */
	on: boolean;
	close: () => void;
}) {
	const name = toggle === null ? '' : toggleName(toggle);
	return (
		<Dialog
			open={toggle !== null}
			onOpenChange={(open) => !open && close()}
			title={on ? words.preview.titleOn(name) : words.preview.titleOff(name)}
		>
			{toggle !== null && <Preview toggle={toggle} on={on} close={close} />}
		</Dialog>
	);
}

function Preview({ toggle, on, close }: { toggle: Toggle; on: boolean; close: () => void }) {
	const say = useToast();
	const reach = useQuery(reachQuery(toggle));
	const [late, setLate] = useState(true);
	const turn = useSend(
		(wish: SwitchRequest) => call<FeaturesAnswer>('PUT', switchPath(toggle), wish),
		{
			changes: ['features', 'feature-checks', 'module-status', 'connectors', 'ability', 'wizard'],
			done: () => {
				say(words.switched(toggleName(toggle), on));
				close();
			},
		},
	);
	const asks = on && (reach.data?.late ?? 0) > 0;
	return (
		<div className="grid gap-4">
			{reach.isPending && (
				<p role="status" className="text-muted-foreground">
					{words.preview.loading}
				</p>
			)}
			{reach.isError && <LoadFailed error={reach.error} again={() => void reach.refetch()} />}
			{reach.data && <Sentences toggle={toggle} on={on} reach={reach.data} />}
			{asks && <LateChoice count={reach.data?.late ?? 0} late={late} choose={setLate} />}
			{turn.problem && <ProblemNotice problem={turn.problem} />}
			<div className="flex justify-end gap-2">
				<Button look="outline" onClick={close}>
					{strings.common.cancel}
				</Button>
				<Button
					look={on ? 'primary' : 'danger'}
					busy={turn.isPending}
					disabled={!reach.data}
					onClick={() => turn.mutate({ on, ...(asks ? { late } : {}) })}
				>
					{words.preview.apply(on)}
				</Button>
			</div>
		</div>
	);
}

function Sentences({ toggle, on, reach }: { toggle: Toggle; on: boolean; reach: ReachAnswer }) {
	const sentences = sentencesOf(toggle, on, reach);
	return (
		<div className="grid gap-2 text-sm">
			{sentences.length === 0 && <p>{words.preview.nothing}</p>}
			<ul className="grid list-disc gap-1.5 pl-5">
				{sentences.map((sentence) => (
					<li key={sentence}>{sentence}</li>
				))}
			</ul>
			{reach.next && reach.scheduled > 0 && (
				<p className="text-muted-foreground">
					{words.preview.next}: <Time iso={reach.next} />
				</p>
			)}
			{!on && <p className="text-muted-foreground">{words.preview.offNew}</p>}
		</div>
	);
}

function LateChoice({
	count,
	late,
	choose,
}: {
	count: number;
	late: boolean;
	choose: (late: boolean) => void;
}) {
	const ways = [
		{ value: true, label: words.preview.lateSend, help: words.preview.lateSendHelp },
		{ value: false, label: words.preview.lateMiss, help: words.preview.lateMissHelp },
	];
	return (
		<fieldset className="grid gap-2">
			<legend className="mb-2 text-sm font-medium">{words.preview.lateTitle(count)}</legend>
			{ways.map(({ value, label, help }) => (
				<RadioCard
					key={label}
					group="late"
					chosen={late === value}
					choose={() => choose(value)}
					label={label}
					help={help}
				/>
			))}
		</fieldset>
	);
}
