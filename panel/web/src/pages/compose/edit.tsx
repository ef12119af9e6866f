import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { Link, useNavigate, useParams, useSearchParams } from 'react-router';
import type { EditRequest, EditView } from '../../../../shared/compose';
import { PICTURES_MAX } from '../../../../shared/compose';
import { call } from '../../api/client';
import { useMayChange, useSend, useSession } from '../../api/queries';
import { strings } from '../../strings';
import { composeStrings } from '../../strings/compose';
import { Button } from '../../ui/button';
import { Form } from '../../ui/form';
import { LoadFailed, Notice, ProblemNotice } from '../../ui/notice';
import { Card, ListLoading, PageHead } from '../../ui/surface';
import { Time } from '../../ui/time';
import { useToast } from '../../ui/toast';
import { Counters } from './counters';
import { Pictures } from './pictures';
import { Previews } from './previews';
import { TextArea } from './text-area';
import { useUploads } from './use-uploads';
import { WhenFields, type WhenValue } from './when';
import { type ChosenPicture, localZone, mediaOf } from './wish';

const words = composeStrings;

const addressOf = (id: string, owner: string) =>
	`/api/posts/${encodeURIComponent(id)}/edit?${new URLSearchParams({ owner })}`;

/** Changing a draft or a post whose time has not come. */
export function Edit() {
	const { id = '' } = useParams();
	const [search] = useSearchParams();
	const session = useSession();
	const owner = search.get('owner') ?? session.user?.owner ?? 'default';
	const mayChange = useMayChange();
	const view = useQuery({
		queryKey: ['compose', 'edit', owner, id],
		queryFn: () => call<EditView>('GET', addressOf(id, owner)),
		// What somebody is changing is not replaced under their hands.
		staleTime: Infinity,
		gcTime: 0,
	});
	if (view.isPending) return <ListLoading rows={1} />;
	if (!view.data) {
		return (
			<>
				<PageHead title={words.editTitle} />
				<LoadFailed error={view.error} again={() => void view.refetch()} />
			</>
		);
	}
	const { account, closed, post } = view.data;
	const stop = closed ?? (mayChange ? null : { message: words.viewer, remedy: '' });
	return (
		<>
			<PageHead
				title={words.editTitle}
				lead={
					<>
						{words.edit.lead(`@${account.handle}`)}{' '}
						{post.state === 'scheduled' && post.scheduledAt !== null ? (
							<>
								{words.edit.planned} <Time iso={post.scheduledAt} />
							</>
						) : (
							strings.posts.states[post.state]
						)}
					</>
				}
			/>
			{stop === null ? (
				<EditForm owner={owner} view={view.data} />
			) : (
				<Notice
					tone="info"
					title={stop.message}
					action={
						<Button look="outline" size="small" className="text-foreground" asChild>
							<Link to="/posts">{words.edit.back}</Link>
						</Button>
					}
				>
					{stop.remedy}
				</Notice>
			)}
		</>
	);
}

function EditForm({ owner, view: { post, account } }: { owner: string; view: EditView }) {
	const say = useToast();
	const navigate = useNavigate();
	const client = useQueryClient();
	const [text, setText] = useState(post.content.text);
	const [pictures, setPictures] = useState<ChosenPicture[]>(
		post.media.map((media, place) => ({
			media,
			altText: post.content.media?.[place]?.altText ?? '',
		})),
	);
	const [when, setWhen] = useState<WhenValue<'keep' | 'now' | 'scheduled'>>({
		as: 'keep',
		wallTime: post.wallTime?.slice(0, 16) ?? '',
		timeZone: post.timeZone ?? localZone(),
	});
	const uploads = useUploads(owner, PICTURES_MAX - pictures.length, (media) =>
		setPictures((before) =>
			before.some((one) => one.media.hash === media.hash)
				? before
				: [...before, { media, altText: '' }],
		),
	);
	const save = useSend(
		() => {
			const { as, ...time } = when;
			const request: EditRequest = {
				owner,
				version: post.version,
				text,
				media: mediaOf(pictures),
				...(as === 'keep' ? {} : { when: as === 'now' ? { as } : { as, ...time } }),
			};
			return call<EditView>('PUT', `/api/posts/${encodeURIComponent(post.id)}/edit`, request);
		},
		{
			changes: ['posts', 'post'],
			done: () => {
				client.removeQueries({ queryKey: ['compose', 'edit', owner, post.id] });
				say(words.edit.saved);
				void navigate('/posts');
			},
		},
	);
	const chosen = { ...account, missingScopes: [], warnings: [] };
	const lacking = when.as === 'scheduled' && when.wallTime === '';
	return (
		<div className="grid items-start gap-6 lg:grid-cols-[minmax(0,1fr)_22rem]">
			<Form className="min-w-0 gap-5" onSubmit={() => save.mutate(undefined)}>
				<Card>
					<TextArea
						label={words.text.label}
						value={text}
						onChange={setText}
						invalid={save.errorOf('text') !== null}
						onPaste={(event) => {
							const files = [...event.clipboardData.files];
							if (files.length === 0) return;
							event.preventDefault();
							uploads.add(files);
						}}
						note={<Counters text={text} platforms={[account.platform]} />}
					/>
				</Card>
				<Pictures owner={owner} pictures={pictures} onChange={setPictures} uploads={uploads} />
				<WhenFields
					choices={['keep', 'now', 'scheduled'] as const}
					value={when}
					onChange={(change) => setWhen((before) => ({ ...before, ...change }))}
					past={false}
				/>
				{save.problem && <ProblemNotice problem={save.problem} />}
				<div className="flex flex-wrap items-center gap-x-4 gap-y-2">
					<Button
						type="submit"
						busy={save.isPending}
						disabled={lacking || uploads.running.length > 0}
					>
						{words.submit.save}
					</Button>
					<Button look="outline" asChild>
						<Link to="/posts">{words.edit.back}</Link>
					</Button>
					<p className="text-sm text-muted-foreground" aria-live="polite">
						{lacking && words.when.missing}
					</p>
				</div>
			</Form>
			<section aria-labelledby="previews" className="grid gap-4 lg:sticky lg:top-6">
				<h2 id="previews" className="text-base font-semibold">
					{words.preview.title}
				</h2>
				<Previews
					wish={{ owner, text, own: {}, accounts: [chosen], pictures }}
					results={[]}
					at={null}
				/>
			</section>
		</div>
	);
}
