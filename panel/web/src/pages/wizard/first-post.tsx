import { useQuery } from '@tanstack/react-query';
import { LoaderCircle } from 'lucide-react';
import { useId, useState } from 'react';
import { Link } from 'react-router';
import type { AccountsAnswer } from '../../../../shared/api';
import type { ComposeAnswer, ComposeRequest, MadeView } from '../../../../shared/compose';
import type { StatusAnswer } from '../../../../shared/features';
import { ApiError, call } from '../../api/client';
import { useSend } from '../../api/queries';
import { wizardWords } from '../../strings/wizard';
import { Button } from '../../ui/button';
import { SelectField } from '../../ui/field';
import { LoadFailed, Notice } from '../../ui/notice';
import { OutsideLink } from '../../ui/outside-link';
import { platformName } from '../../ui/platform-mark';
import { ListLoading } from '../../ui/surface';
import { StepFrame, type StepProps } from './step-frame';

const words = wizardWords.post;
const LOOK_MS = 1_500;
const ENDED = new Set(['published', 'failed', 'missed', 'needs_review', 'cancelled']);

type Props = StepProps & {
	/** Made earlier. */
	postId: string | null;
	made: (postId: string) => void;
};

/** Writes one post and watches it go out. */
export function FirstPost(props: Props) {
	return props.postId === null ? <Write {...props} /> : <Watch {...props} postId={props.postId} />;
}

function Write({ next, back, made }: Props) {
	const id = useId();
	// The same wish keeps its key, so that a lost answer makes no second post.
	const [key] = useState(() => crypto.randomUUID());
	const [text, setText] = useState(words.sample);
	const [chosen, setChosen] = useState<string | null>(null);
	const accounts = useQuery({
		queryKey: ['accounts', 'first-post'],
		queryFn: () => call<AccountsAnswer>('GET', '/api/accounts?limit=50'),
	});
	const able = (accounts.data?.accounts ?? [])
		.filter(({ status }) => status === 'connected')
		// A first try belongs into the sandbox where there is one.
		.sort((left, right) => Number(right.mode === 'sandbox') - Number(left.mode === 'sandbox'));
	const accountId = chosen ?? able[0]?.id;
	const send = useSend(async (body: ComposeRequest) => {
		const { results } = await call<ComposeAnswer>('POST', '/api/posts', body);
		const [result] = results;
		if (result?.post) return result.post.id;
		const [problem] = result?.problems ?? [];
		throw new ApiError(422, {
			code: problem?.code ?? 'not_made',
			message: problem?.message ?? words.stuck,
			remedy: problem?.remedy ?? '',
		});
	});
	return (
		<StepFrame
			title={words.title}
			error={send.error}
			back={back}
			skip={() => next(true)}
			action={
				<Button
					busy={send.isPending}
					disabled={accountId === undefined || text.trim() === ''}
					onClick={() =>
						accountId !== undefined &&
						send.mutate(
							{ key, text, targets: [{ accountId }], when: { as: 'now' }, allowRepeat: true },
							{ onSuccess: made },
						)
					}
				>
					{words.submit}
				</Button>
			}
		>
			{accounts.isPending && <ListLoading rows={1} />}
			{accounts.isError && (
				<LoadFailed error={accounts.error} again={() => void accounts.refetch()} />
			)}
			{accounts.data && able.length === 0 && (
				<Notice tone="warning" title={words.none}>
					{words.noneHelp}
				</Notice>
			)}
			{able.length > 0 && (
				<SelectField
					label={words.account}
					value={accountId}
					onChange={(event) => setChosen(event.target.value)}
				>
					{able.map((account) => (
						<option key={account.id} value={account.id}>
							@{account.handle} · {platformName(account.platform)}
							{account.mode === 'sandbox' ? ' · sandbox' : ''}
						</option>
					))}
				</SelectField>
			)}
			<div className="grid gap-1.5">
				<label htmlFor={id} className="text-sm font-medium">
					{words.text}
				</label>
				<textarea
					id={id}
					rows={4}
					value={text}
					onChange={(event) => setText(event.target.value)}
					className="w-full rounded-md border border-input bg-card px-3 py-2.5 text-base outline-offset-0 sm:text-[0.9375rem]"
				/>
			</div>
		</StepFrame>
	);
}

function Watch({ next, postId }: Props & { postId: string }) {
	const post = useQuery({
		queryKey: ['compose', 'posts', postId],
		queryFn: async () => {
			const { posts } = await call<MadeView>('GET', `/api/compose/posts?ids=${postId}`);
			return posts[0] ?? null;
		},
		refetchInterval: (query) => (ENDED.has(query.state.data?.state ?? '') ? false : LOOK_MS),
	});
	const accounts = useQuery({
		queryKey: ['accounts', 'first-post'],
		queryFn: () => call<AccountsAnswer>('GET', '/api/accounts?limit=50'),
	});
	const state = post.data?.state;
	const live = state === 'published';
	const account = accounts.data?.accounts.find(({ id }) => id === post.data?.accountId);
	const page = account?.profileUrl ?? null;
	return (
		<StepFrame
			title={live ? words.live : words.title}
			error={post.data ? null : post.error}
			back={null}
			skip={null}
			action={<Button onClick={() => next()}>{wizardWords.finish}</Button>}
		>
			{live && (
				<Notice tone="success" title={words.liveHelp} live>
					<p className="mt-1 flex flex-wrap gap-x-6 gap-y-2">
						{page && (
							<OutsideLink href={page}>
								{account?.mode === 'sandbox' ? words.timeline : words.page}
							</OutsideLink>
						)}
						<Details postId={postId} />
					</p>
				</Notice>
			)}
			{state !== undefined && !live && ENDED.has(state) && (
				<Notice tone="danger" title={post.data?.error?.message ?? words.stuck} live>
					<p>{post.data?.error?.remedy}</p>
					<Details postId={postId} />
				</Notice>
			)}
			{(state === undefined || !ENDED.has(state)) && <Waiting />}
		</StepFrame>
	);
}

function Details({ postId }: { postId: string }) {
	return (
		<Link
			to={`/posts/${postId}`}
			className="font-medium text-accent-foreground underline underline-offset-4"
		>
			{words.details}
		</Link>
	);
}

/** Says so when nobody is there to publish. */
function Waiting() {
	const status = useQuery({
		queryKey: ['module-status'],
		queryFn: () => call<StatusAnswer>('GET', '/api/status'),
		refetchInterval: 5_000,
	});
	if (status.data?.light === 'red' || status.data?.light === 'off') {
		return (
			<Notice tone="warning" title={words.nobody} live>
				<p>{status.data.reasons[0]?.message}</p>
				<p>{status.data.reasons[0]?.remedy}</p>
				<p className="mt-2">
					<Link
						to="/features"
						className="font-medium text-accent-foreground underline underline-offset-4"
					>
						{words.checks}
					</Link>
				</p>
			</Notice>
		);
	}
	return (
		<p role="status" className="flex items-center gap-2.5 text-muted-foreground">
			<LoaderCircle className="size-4 shrink-0 animate-spin" aria-hidden />
			{words.waiting}
		</p>
	);
}
