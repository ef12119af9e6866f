import { useState } from 'react';
import type { Platform } from '../../../../../core/store/contract';
import type { ComposeAnswer, ComposeRequest } from '../../../../shared/compose';
import { PICTURES_MAX } from '../../../../shared/compose';
import { ApiError, call, problemOf } from '../../api/client';
import { useSend } from '../../api/queries';
import { composeStrings } from '../../strings/compose';
import { Button } from '../../ui/button';
import { Confirm } from '../../ui/dialog';
import { Form } from '../../ui/form';
import { Notice, ProblemNotice } from '../../ui/notice';
import { Card } from '../../ui/surface';
import { AccountPicker } from './account-picker';
import { Counters } from './counters';
import { OwnTexts } from './own-texts';
import { Pictures } from './pictures';
import { Previews } from './previews';
import { TextArea } from './text-area';
import { useCheck } from './use-check';
import { useUploads } from './use-uploads';
import { WhenFields } from './when';
import { type Change, contentOf, emptyWish, isUntouched, keepWish, type Wish } from './wish';

const words = composeStrings;
const CHOICES = ['now', 'scheduled', 'draft'] as const;

interface FormProps {
	owner: string;
	/** Where the wish is kept. */
	place: string;
	wish: Wish;
	change: (change: Change) => void;
	onDone: (answer: ComposeAnswer) => void;
}

/** Nobody knows whether the request was carried out. */
function isUnclear(error: unknown): boolean {
	return error instanceof ApiError && (error.status === 0 || error.status >= 500);
}

/** Sends a wish: marked as sent before it leaves, until a clear answer has come. */
function useSubmit({ owner, place, wish, change, onDone }: FormProps) {
	return useSend(
		async () => {
			const request: ComposeRequest = {
				...contentOf(wish, owner),
				key: wish.key,
				...(wish.allowRepeat ? { allowRepeat: true } : {}),
			};
			keepWish(place, { ...wish, sent: true });
			change({ sent: true });
			try {
				return await call<ComposeAnswer>('POST', '/api/posts', request);
			} catch (error) {
				if (!isUnclear(error)) change({ sent: false });
				throw error;
			}
		},
		{ changes: ['posts'], done: onDone },
	);
}

/** The form, and beside it the post as every platform shows it. */
export function ComposeForm(props: FormProps) {
	const { owner, wish, change } = props;
	const submit = useSubmit(props);
	const check = useCheck(contentOf(wish, owner));
	const uploads = useUploads(owner, PICTURES_MAX - wish.pictures.length, (media) =>
		change(({ pictures }) =>
			pictures.some((picture) => picture.media.hash === media.hash)
				? {}
				: { pictures: [...pictures, { media, altText: '' }] },
		),
	);
	const locked = wish.sent;
	const platforms = [...new Set(wish.accounts.map(({ platform }) => platform))];
	const past = check.answer?.at != null && Date.parse(check.answer.at) < Date.now();
	return (
		<div className="grid items-start gap-6 lg:grid-cols-[minmax(0,1fr)_22rem]">
			<Form className="min-w-0 gap-5" onSubmit={() => submit.mutate(undefined)}>
				<fieldset disabled={locked} className="grid min-w-0 gap-5">
					<AccountPicker
						owner={owner}
						chosen={wish.accounts}
						onChange={(accounts) => change({ accounts })}
					/>
					<Card className="grid gap-4">
						<TextArea
							label={words.text.label}
							placeholder={words.text.placeholder}
							value={wish.text}
							onChange={(text) => change({ text })}
							onPaste={(event) => {
								const files = [...event.clipboardData.files];
								if (files.length === 0) return;
								event.preventDefault();
								uploads.add(files);
							}}
							note={<Counters text={wish.text} platforms={commonPlatforms(wish, platforms)} />}
						/>
						<OwnTexts wish={wish} change={change} />
					</Card>
					<Pictures
						owner={owner}
						pictures={wish.pictures}
						onChange={(pictures) => change({ pictures })}
						uploads={uploads}
					/>
					<WhenFields
						choices={CHOICES}
						value={{ as: wish.as, wallTime: wish.wallTime, timeZone: wish.timeZone }}
						onChange={change}
						past={wish.as === 'scheduled' && past}
					/>
				</fieldset>
				<Send
					wish={wish}
					change={change}
					submit={submit}
					refused={check.answer?.results.filter(({ problems }) => problems.length > 0).length ?? 0}
					current={check.current}
					uploading={uploads.running.length > 0}
				/>
			</Form>
			<section aria-labelledby="previews" className="grid gap-4 lg:sticky lg:top-6">
				<div className="flex items-baseline justify-between gap-3">
					<h2 id="previews" className="text-base font-semibold">
						{words.preview.title}
					</h2>
					<span className="text-sm text-muted-foreground" aria-hidden>
						{check.answer && !check.current && words.preview.stale}
					</span>
				</div>
				{check.error && <ProblemNotice problem={problemOf(check.error)} />}
				<Previews
					wish={{ ...wish, owner }}
					results={check.answer?.results ?? []}
					at={check.answer?.at ?? null}
				/>
			</section>
		</div>
	);
}

/** Platforms that get the common text. */
function commonPlatforms(wish: Wish, platforms: Platform[]): Platform[] {
	return platforms.filter((platform) =>
		wish.accounts.some(
			(account) => account.platform === platform && wish.own[account.id] === undefined,
		),
	);
}

/** What keeps a wish from being sent; null when nothing does. */
function missing(wish: Wish, uploading: boolean): string | null {
	if (wish.accounts.length === 0) return words.submit.noAccount;
	if (uploading) return words.submit.uploading;
	const texts = wish.accounts.map(({ id }) => wish.own[id] ?? wish.text);
	if (wish.pictures.length === 0 && texts.every((text) => text.trim() === '')) {
		return words.submit.noContent;
	}
	return wish.as === 'scheduled' && wish.wallTime === '' ? words.when.missing : null;
}

function Send({
	wish,
	change,
	submit,
	refused,
	current,
	uploading,
}: {
	wish: Wish;
	change: (change: Change) => void;
	submit: ReturnType<typeof useSubmit>;
	refused: number;
	current: boolean;
	uploading: boolean;
}) {
	const [asking, setAsking] = useState(false);
	const count = wish.accounts.length;
	const lacking = missing(wish, uploading);
	const allRefused = current && count > 0 && refused === count;
	const unclear = wish.sent && !submit.isPending;
	return (
		<div className="grid gap-3">
			{unclear ? (
				<Notice tone="warning" title={words.submit.unclear} live>
					{words.submit.unclearHelp}
				</Notice>
			) : (
				submit.problem && <ProblemNotice problem={submit.problem} />
			)}
			{!unclear && refused > 0 && (
				<Notice
					tone={allRefused ? 'danger' : 'warning'}
					title={
						refused === count ? words.submit.allRefused : words.submit.someRefused(refused, count)
					}
					live
				/>
			)}
			<div className="flex flex-wrap items-center gap-x-4 gap-y-2">
				<Button
					type="submit"
					busy={submit.isPending}
					disabled={!unclear && (lacking !== null || allRefused)}
				>
					{submit.isPending
						? words.submit.busy
						: unclear
							? words.submit.again
							: words.submit[wish.as](Math.max(1, count))}
				</Button>
				{!isUntouched(wish) && !wish.sent && (
					<Button look="quiet" onClick={() => setAsking(true)}>
						{words.submit.discard}
					</Button>
				)}
				<p className="text-sm text-muted-foreground" aria-live="polite">
					{lacking ?? (isUntouched(wish) ? '' : words.submit.kept)}
				</p>
			</div>
			<Confirm
				open={asking}
				onOpenChange={setAsking}
				title={words.submit.discardTitle}
				description={words.submit.discardHelp}
				action={words.submit.discard}
				onConfirm={() => {
					change({ ...emptyWish(), accounts: wish.accounts });
					return Promise.resolve();
				}}
			/>
		</div>
	);
}
