import { Check, CircleHelp, Send, X } from 'lucide-react';
import { useState } from 'react';
import type { PostRowView } from '../../../../../core/store/contract';
import type { ResolveRequest } from '../../../../shared/posts';
import { useMayChange } from '../../api/queries';
import { postStrings } from '../../strings/posts';
import { Button } from '../../ui/button';
import { Field } from '../../ui/field';
import { Form } from '../../ui/form';
import { ProblemNotice } from '../../ui/notice';
import { OutsideLink } from '../../ui/outside-link';
import { useToast } from '../../ui/toast';
import { act, newKey, usePostAction } from './actions';

const words = postStrings.resolve;

type Decision = ResolveRequest['decision'];

const DONE: Record<Decision['to'], string> = {
	live: words.liveDone,
	publish: words.sendDone,
	drop: words.dropDone,
};

/** The one question about a post whose fate is not known, with its three answers. */
export function ResolveBox({
	post,
	profileUrl,
}: {
	post: PostRowView;
	/** The account's page, where one can look. */
	profileUrl?: string | null;
}) {
	const say = useToast();
	const mayChange = useMayChange();
	// A repeat after a lost answer is the same decision.
	const [key] = useState(newKey);
	const [naming, setNaming] = useState(false);
	const [address, setAddress] = useState('');
	const decide = usePostAction(
		(decision: Decision) => act(post, 'resolve', { key, decision }),
		(_answer, { to }) => say(DONE[to]),
	);
	const { problem } = decide;
	const busy = decide.isPending ? decide.variables.to : null;
	return (
		<div className="grid gap-3 rounded-lg bg-warning-soft p-4">
			<div className="flex gap-3 text-sm">
				<CircleHelp className="mt-0.5 size-4 shrink-0 text-warning" aria-hidden />
				<div className="grid min-w-0 gap-1">
					<p className="font-medium text-warning">{post.held ? words.heldTitle : words.title}</p>
					<p className="break-words">
						{post.held ? words.heldWhy : (post.error?.message ?? words.why)}
					</p>
					<p>{words.lead}</p>
					{profileUrl && <OutsideLink href={profileUrl}>{words.look}</OutsideLink>}
					{!mayChange && <p className="font-medium">{words.viewer}</p>}
				</div>
			</div>
			{problem && problem.field !== 'address' && <ProblemNotice problem={problem} />}
			{mayChange && !naming && (
				<div className="flex flex-wrap gap-2">
					<Button size="small" disabled={busy !== null} onClick={() => setNaming(true)}>
						<Check aria-hidden />
						{words.live}
					</Button>
					<Button
						size="small"
						look="outline"
						title={words.sendHelp}
						busy={busy === 'publish'}
						disabled={busy !== null}
						onClick={() => decide.mutate({ to: 'publish' })}
					>
						<Send aria-hidden />
						{words.send}
					</Button>
					<Button
						size="small"
						look="outline"
						title={words.dropHelp}
						busy={busy === 'drop'}
						disabled={busy !== null}
						onClick={() => decide.mutate({ to: 'drop' })}
					>
						<X aria-hidden />
						{words.drop}
					</Button>
				</div>
			)}
			{mayChange && naming && (
				<Form className="gap-3" onSubmit={() => decide.mutate({ to: 'live', address })}>
					<Field
						label={words.address}
						help={words.addressHelp}
						type="url"
						autoFocus
						value={address}
						error={problem?.field === 'address' ? `${problem.message} ${problem.remedy}` : null}
						onChange={(event) => setAddress(event.target.value)}
					/>
					<div className="flex flex-wrap gap-2">
						<Button type="submit" size="small" busy={decide.isPending}>
							{words.confirm}
						</Button>
						<Button size="small" look="outline" onClick={() => setNaming(false)}>
							{postStrings.resolveBack}
						</Button>
					</div>
				</Form>
			)}
		</div>
	);
}
