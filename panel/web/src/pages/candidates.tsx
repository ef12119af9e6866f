import { useState } from 'react';
import type {
	ConnectCandidate,
	FinishConnectRequest,
	LinkConnectedAnswer,
	LinkFlowAnswer,
} from '../../../shared/api';
import { call } from '../api/client';
import { useSend } from '../api/queries';
import { strings } from '../strings';
import { Button } from '../ui/button';
import { cn } from '../ui/class-names';
import { Form } from '../ui/form';
import { Notice, ProblemNotice } from '../ui/notice';
import { Time } from '../ui/time';

const words = strings.choose;

/** The accounts that a consent allows; those that can be chosen are, to begin with, when there is one. */
export function Candidates({
	path,
	flow,
	done,
	single = false,
}: {
	path: string;
	flow: LinkFlowAnswer;
	done: (answer: LinkConnectedAnswer) => void;
	/** One account and no more. */
	single?: boolean;
}) {
	const open = flow.candidates.filter(({ unavailable }) => unavailable === null);
	const [chosen, setChosen] = useState<string[]>(
		open.length === 1 ? open.map(({ remoteId }) => remoteId) : [],
	);
	const finish = useSend(
		(body: FinishConnectRequest) => call<LinkConnectedAnswer>('POST', path, body),
		{ changes: ['accounts'], done },
	);
	if (flow.candidates.length === 0) {
		return (
			<Notice tone="warning" title={words.none}>
				{words.noneHelp}
			</Notice>
		);
	}
	const toggle = (id: string) =>
		setChosen((now) => {
			if (single) return [id];
			return now.includes(id) ? now.filter((one) => one !== id) : [...now, id];
		});
	return (
		<Form onSubmit={() => finish.mutate({ remoteIds: chosen })}>
			<fieldset className="grid gap-2">
				<legend className="sr-only">{words.title}</legend>
				{flow.candidates.map((candidate) => (
					<Candidate
						key={candidate.remoteId}
						candidate={candidate}
						single={single}
						checked={chosen.includes(candidate.remoteId)}
						toggle={() => toggle(candidate.remoteId)}
					/>
				))}
			</fieldset>
			{finish.problem && <ProblemNotice problem={finish.problem} />}
			<div className="flex flex-wrap items-center gap-x-4 gap-y-2">
				<Button type="submit" busy={finish.isPending} disabled={chosen.length === 0}>
					{words.submit(Math.max(chosen.length, 1))}
				</Button>
				<p className="text-sm text-muted-foreground">
					{words.until} <Time iso={flow.expiresAt} />
				</p>
			</div>
		</Form>
	);
}

function Candidate({
	candidate,
	single,
	checked,
	toggle,
}: {
	candidate: ConnectCandidate;
	single: boolean;
	checked: boolean;
	toggle: () => void;
}) {
	const closed = candidate.unavailable !== null;
	return (
		<label
			className={cn(
				'flex items-start gap-3 rounded-lg border bg-card p-4',
				checked && 'border-primary bg-accent',
				closed ? 'bg-muted' : 'cursor-pointer hover:border-input',
			)}
		>
			<input
				type={single ? 'radio' : 'checkbox'}
				name="account"
				className="mt-0.5 size-5 accent-primary"
				checked={checked}
				disabled={closed}
				onChange={toggle}
			/>
			<span className="grid min-w-0 gap-0.5">
				<span className="font-medium break-words">{candidate.displayName || candidate.handle}</span>
				<span className="text-sm text-muted-foreground">
					{candidate.handle && `@${candidate.handle.replace(/^@/, '')} · `}
					{words[candidate.kind]}
				</span>
				{candidate.unavailable && (
					<span className="text-sm text-danger">{candidate.unavailable}</span>
				)}
			</span>
		</label>
	);
}
