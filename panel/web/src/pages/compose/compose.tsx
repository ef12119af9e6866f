import { useQuery, useQueryClient } from '@tanstack/react-query';
import { Upload as UploadIcon } from 'lucide-react';
import { useState } from 'react';
import { Link, useSearchParams } from 'react-router';
import type { ComposeAnswer, ComposeResult, EditView } from '../../../../shared/compose';
import { call } from '../../api/client';
import { useMayChange, useSession } from '../../api/queries';
import { composeStrings } from '../../strings/compose';
import { Button } from '../../ui/button';
import { LoadFailed, Notice } from '../../ui/notice';
import { ListLoading, PageHead } from '../../ui/surface';
import { ComposeForm } from './compose-form';
import { Result } from './result';
import { type ChosenAccount, emptyWish, forgetWish, placeOf, useWish, type Wish } from './wish';

const words = composeStrings;

/** Writing a post for several accounts: form, then what became of it. */
export function Compose() {
	const [search] = useSearchParams();
	const session = useSession();
	const owner = search.get('owner') ?? session.user?.owner ?? 'default';
	const from = search.get('from');
	const pattern = useQuery({
		queryKey: ['compose', 'from', owner, from],
		queryFn: () =>
			call<EditView>(
				'GET',
				`/api/posts/${encodeURIComponent(from ?? '')}/edit?${new URLSearchParams({ owner })}`,
			),
		enabled: from !== null,
		staleTime: Infinity,
	});
	if (!useMayChange()) {
		return (
			<>
				<PageHead title={words.title} />
				<Notice tone="info" title={words.viewer} />
			</>
		);
	}
	if (from !== null && pattern.isPending) return <ListLoading rows={1} />;
	if (from !== null && pattern.isError) {
		return <LoadFailed error={pattern.error} again={() => void pattern.refetch()} />;
	}
	return (
		<Composing
			key={`${owner} ${from}`}
			owner={owner}
			place={placeOf(session.user?.name ?? '', owner, from)}
			start={() => ({ ...fromAddress(search), ...(pattern.data ? like(pattern.data) : {}) })}
		/>
	);
}

/** What an address such as `?at=2026-12-24T18:00` begins with. */
function fromAddress(search: URLSearchParams): Partial<Wish> {
	const at = search.get('at');
	return at !== null && /^\d{4}-\d\d-\d\dT\d\d:\d\d$/.test(at)
		? { as: 'scheduled', wallTime: at }
		: {};
}

function like({ post, account }: EditView): Partial<Wish> {
	return {
		text: post.content.text,
		accounts: [{ ...account, missingScopes: [], warnings: [] } satisfies ChosenAccount],
		pictures: post.media.map((media, place) => ({
			media,
			altText: post.content.media?.[place]?.altText ?? '',
		})),
		as: 'draft',
	};
}

function Composing({
	owner,
	place,
	start,
}: {
	owner: string;
	place: string;
	start: () => Partial<Wish>;
}) {
	const client = useQueryClient();
	const [wish, change] = useWish(place, start);
	const [results, setResults] = useState<ComposeResult[] | null>(null);
	const finished = ({ results: made }: ComposeAnswer) => {
		setResults(made);
		void client.invalidateQueries({ queryKey: ['posts'] });
		forgetWish(place);
	};
	/** Goes on with some of the accounts as a wish of its own. */
	const goOn = (ids: string[], more: Partial<Wish>) => {
		change(({ accounts }) => ({
			key: emptyWish().key,
			sent: false,
			accounts: accounts.filter(({ id }) => ids.includes(id)),
			...more,
		}));
		setResults(null);
	};
	if (results !== null) {
		return (
			<Result
				owner={owner}
				as={wish.as}
				results={results}
				onCorrect={() =>
					goOn(
						results.flatMap(({ accountId, result }) => (result === 'invalid' ? [accountId] : [])),
						{},
					)
				}
				onRepeat={(ids) => goOn(ids, { allowRepeat: true })}
				onAnother={() => {
					change(emptyWish());
					setResults(null);
				}}
			/>
		);
	}
	return (
		<>
			<PageHead
				title={words.title}
				lead={words.lead}
				action={
					<Button look="outline" asChild>
						<Link to="/posts/import">
							<UploadIcon aria-hidden />
							{words.importLink}
						</Link>
					</Button>
				}
			/>
			<ComposeForm owner={owner} place={place} wish={wish} change={change} onDone={finished} />
		</>
	);
}
