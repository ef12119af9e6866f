import { useState } from 'react';
import type { OwnerView, Tier } from '../../../../../core/store/contract';
import type { SaveOwnerRequest } from '../../../../shared/settings';
import { call } from '../../api/client';
import { useSend } from '../../api/queries';
import { strings } from '../../strings';
import { tierNames } from '../../strings/features';
import { settingsWords } from '../../strings/settings';
import { Button } from '../../ui/button';
import { Dialog } from '../../ui/dialog';
import { Field, SelectField } from '../../ui/field';
import { Form } from '../../ui/form';
import { ProblemNotice } from '../../ui/notice';
import { useToast } from '../../ui/toast';
import { zonesWith } from '../../ui/zones';

const words = settingsWords.owners;

/** Makes an owner, or changes tier and time zone of one. */
export function OwnerDialog({
	editing,
	close,
}: {
	editing: OwnerView | 'new' | null;
	close: () => void;
}) {
	const owner = editing === 'new' ? null : editing;
	return (
		<Dialog
			open={editing !== null}
			onOpenChange={(open) => !open && close()}
			title={owner === null ? words.addTitle : words.changeTitle(owner.id)}
		>
			{editing !== null && <OwnerForm owner={owner} close={close} />}
		</Dialog>
	);
}

function OwnerForm({ owner, close }: { owner: OwnerView | null; close: () => void }) {
	const say = useToast();
	const [id, setId] = useState(owner?.id ?? '');
	const [tier, setTier] = useState<Tier>(owner?.tier ?? 'universal');
	const [zone, setZone] = useState(owner?.timeZone ?? '');
	const save = useSend(
		(body: SaveOwnerRequest) =>
			call<OwnerView>('PUT', `/api/owners/${encodeURIComponent(id.trim())}`, body),
		{
			changes: ['owners', 'ability'],
			done: (saved) => {
				say(words.saved(saved.id));
				close();
			},
		},
	);
	const { problem, errorOf } = save;
	return (
		<Form onSubmit={() => save.mutate({ tier, timeZone: zone || null })}>
			{problem && problem.field !== 'id' && <ProblemNotice problem={problem} />}
			{owner === null && (
				<Field
					label={words.id}
					help={words.idHelp}
					autoComplete="off"
					autoCapitalize="none"
					value={id}
					error={errorOf('id')}
					onChange={(event) => setId(event.target.value)}
				/>
			)}
			<SelectField
				label={words.tier}
				value={tier}
				onChange={(event) => setTier(event.target.value as Tier)}
			>
				{Object.entries(tierNames).map(([value, name]) => (
					<option key={value} value={value}>
						{name}
					</option>
				))}
			</SelectField>
			<SelectField
				label={words.zone}
				value={zone}
				onChange={(event) => setZone(event.target.value)}
			>
				<option value="">{words.zonePanel}</option>
				{zonesWith(zone).map((name) => (
					<option key={name}>{name}</option>
				))}
			</SelectField>
			<div className="flex justify-end">
				<Button type="submit" busy={save.isPending} disabled={id.trim() === ''}>
					{strings.common.save}
				</Button>
			</div>
		</Form>
	);
}
