import { useState } from 'react';
import type { MadeKeyAnswer, MakeKeyRequest } from '../../../../shared/settings';
import { call } from '../../api/client';
import { useSend } from '../../api/queries';
import { settingsWords } from '../../strings/settings';
import { Button } from '../../ui/button';
import { CopyField } from '../../ui/copy-field';
import { Dialog, type DialogState } from '../../ui/dialog';
import { Field } from '../../ui/field';
import { Form } from '../../ui/form';
import { Notice, ProblemNotice } from '../../ui/notice';

const words = settingsWords.keys;

/** Names a key, then shows it this once. Closing forgets it. */
export function MakeKey({ open, onOpenChange }: DialogState) {
	return (
		<Dialog open={open} onOpenChange={onOpenChange} title={words.makeTitle}>
			<Making close={() => onOpenChange(false)} />
		</Dialog>
	);
}

function Making({ close }: { close: () => void }) {
	const [name, setName] = useState('');
	const make = useSend((body: MakeKeyRequest) => call<MadeKeyAnswer>('POST', '/api/keys', body), {
		changes: ['keys'],
	});
	const { problem } = make;
	if (make.data) {
		return (
			<div className="grid gap-4">
				<Notice tone="success" title={words.made} live>
					{words.madeHelp}
				</Notice>
				<CopyField label={words.value} value={make.data.key} />
				<div className="flex justify-end">
					<Button onClick={close}>{words.done}</Button>
				</div>
			</div>
		);
	}
	return (
		<Form onSubmit={() => make.mutate({ name })}>
			{problem && <ProblemNotice problem={problem} />}
			<Field
				label={words.name}
				help={words.nameHelp}
				autoComplete="off"
				value={name}
				onChange={(event) => setName(event.target.value)}
			/>
			<div className="flex justify-end">
				<Button type="submit" busy={make.isPending} disabled={name.trim() === ''}>
					{words.make}
				</Button>
			</div>
		</Form>
	);
}
