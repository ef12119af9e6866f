import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import type { ConnectLinkAnswer, ConnectLinkRequest, ConnectorView } from '../../../shared/api';
import { connectorsQuery } from '../api/connect';
import { call } from '../api/client';
import { useSend, useSession } from '../api/queries';
import { strings } from '../strings';
import { Button } from '../ui/button';
import { CopyField } from '../ui/copy-field';
import { Dialog, type DialogState } from '../ui/dialog';
import { Field, SelectField } from '../ui/field';
import { Form } from '../ui/form';
import { Notice, ProblemNotice } from '../ui/notice';
import { QueryState } from '../ui/query-state';
import { Time } from '../ui/time';

const words = strings.clientLink;

/** Makes a link by which a client connects one account, and shows it once. */
export function ClientLink({ open, onOpenChange }: DialogState) {
	return (
		<Dialog open={open} onOpenChange={onOpenChange} title={words.title} description={words.lead}>
			<Ways done={() => onOpenChange(false)} />
		</Dialog>
	);
}

function Ways({ done }: { done: () => void }) {
	const connectors = useQuery(connectorsQuery);
	if (!connectors.data) return <QueryState query={connectors} rows={1} />;
	const ways = connectors.data.filter(({ unavailable }) => unavailable === null);
	if (ways.length === 0) {
		return (
			<Notice tone="info" title={words.none}>
				{words.noneHelp}
			</Notice>
		);
	}
	return <LinkForm ways={ways} done={done} />;
}

function LinkForm({ ways, done }: { ways: ConnectorView[]; done: () => void }) {
	const session = useSession();
	const [way, setWay] = useState(0);
	const [owner, setOwner] = useState(session.user?.owner ?? 'default');
	const [hours, setHours] = useState('72');
	const [tried, setTried] = useState(false);
	const make = useSend((body: ConnectLinkRequest) =>
		call<ConnectLinkAnswer>('POST', '/api/connect-links', body),
	);
	if (make.data) return <Made link={make.data} done={done} />;
	const { problem } = make;
	const wrong = {
		owner: owner.trim() === '' ? words.ownerMissing : null,
		hours: Number(hours) >= 1 && Number(hours) <= 720 ? null : words.hoursWrong,
	};
	return (
		<Form
			onSubmit={() => {
				setTried(true);
				if (wrong.owner !== null || wrong.hours !== null) return;
				const { id, mode } = ways[way];
				make.mutate({
					connector: id,
					mode,
					owner: owner.trim(),
					expiresInHours: Number(hours),
				});
			}}
		>
			{problem && <ProblemNotice problem={problem} />}
			<SelectField
				label={words.connector}
				value={way}
				onChange={(event) => setWay(Number(event.target.value))}
			>
				{ways.map(({ id, mode, label }, index) => (
					<option key={`${id} ${mode}`} value={index}>
						{mode === 'sandbox' ? `${label} (${strings.modes.sandbox})` : label}
					</option>
				))}
			</SelectField>
			<Field
				label={words.owner}
				help={words.ownerHelp}
				autoCapitalize="none"
				autoComplete="off"
				value={owner}
				error={tried ? wrong.owner : null}
				onChange={(event) => setOwner(event.target.value)}
			/>
			<Field
				label={words.hours}
				help={words.hoursHelp}
				type="number"
				min={1}
				max={720}
				inputMode="numeric"
				value={hours}
				error={tried ? wrong.hours : null}
				onChange={(event) => setHours(event.target.value)}
			/>
			<div className="flex justify-end">
				<Button type="submit" busy={make.isPending}>
					{words.make}
				</Button>
			</div>
		</Form>
	);
}

function Made({ link, done }: { link: ConnectLinkAnswer; done: () => void }) {
	return (
		<div className="grid gap-4">
			<Notice tone="success" title={words.made} live>
				{words.until} <Time iso={link.expiresAt} />
			</Notice>
			<CopyField label={words.url} value={link.url} help={words.urlHelp} />
			<div className="flex justify-end">
				<Button onClick={done}>{words.done}</Button>
			</div>
		</div>
	);
}
