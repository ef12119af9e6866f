import { TriangleAlert } from 'lucide-react';
import type { PostError } from '../../../../../core/store/contract';
import { appearance } from '../../../../shared/appearance';
import type { PreviewResult } from '../../../../shared/compose';
import { strings } from '../../strings';
import { composeStrings } from '../../strings/compose';
import { PlatformMark, platformName } from '../../ui/platform-mark';
import { Badge, Card } from '../../ui/surface';
import { Time } from '../../ui/time';
import { Counters } from './counters';
import { pictureAddress } from './upload';
import type { ChosenAccount, ChosenPicture } from './wish';

const words = composeStrings.preview;

export interface Previewed {
	owner: string;
	text: string;
	own: Record<string, string>;
	accounts: ChosenAccount[];
	pictures: ChosenPicture[];
}

/** Every chosen account's post as its platform shows it, with what speaks against it. */
export function Previews({
	wish,
	results,
	at,
}: {
	wish: Previewed;
	results: PreviewResult[];
	at: string | null;
}) {
	if (wish.accounts.length === 0) {
		return (
			<p className="rounded-xl border border-dashed p-6 text-center text-sm text-muted-foreground">
				{words.none}
			</p>
		);
	}
	return (
		<ul className="grid gap-4">
			{wish.accounts.map((account) => (
				<Preview
					key={account.id}
					account={account}
					wish={wish}
					result={results.find(({ accountId }) => accountId === account.id)}
					at={at}
				/>
			))}
		</ul>
	);
}

/** What is known to stand against one post, the worst first. */
export function remarksOf(
	account: ChosenAccount,
	result: PreviewResult | undefined,
): { problems: PostError[]; warnings: { message: string; remedy: string }[] } {
	return {
		problems: (result?.problems ?? []).map((problem) => ({
			...problem,
			// Nobody has tried to create anything yet.
			message: problem.message.replace(/ Nothing was created\.$/, ''),
		})),
		warnings: [
			...(result?.warnings ?? []),
			...account.warnings,
			...(account.missingScopes.length > 0
				? [
						{
							message: `${strings.accounts.missing}: ${account.missingScopes.join(', ')}.`,
							remedy: strings.accounts.missingRemedy,
						},
					]
				: []),
		],
	};
}

function Preview({
	account,
	wish,
	result,
	at,
}: {
	account: ChosenAccount;
	wish: Previewed;
	result: PreviewResult | undefined;
	at: string | null;
}) {
	const text = wish.own[account.id] ?? wish.text;
	const { problems, warnings } = remarksOf(account, result);
	const pieces = appearance(account.platform, text);
	const bare = wish.pictures.filter(({ altText }) => altText.trim() === '').length;
	const equal = result?.equal ?? null;
	return (
		<li>
			<Card className="grid gap-3">
				<div className="flex items-center gap-3">
					<PlatformMark platform={account.platform} />
					<div className="min-w-0 flex-1">
						<h3 className="truncate text-sm font-medium">
							{account.displayName || `@${account.handle}`}
						</h3>
						<p className="truncate text-sm text-muted-foreground">
							{platformName(account.platform)} · @{account.handle}
						</p>
					</div>
					{problems.length > 0 ? (
						<Badge tone="danger">{words.refused}</Badge>
					) : warnings.length > 0 || equal !== null ? (
						<Badge tone="warning">{words.warned}</Badge>
					) : (
						result && <Badge tone="success">{words.ready}</Badge>
					)}
				</div>
				{text === '' && wish.pictures.length === 0 ? (
					<p className="text-sm text-muted-foreground">{words.empty}</p>
				) : (
					<p className="break-words whitespace-pre-wrap">
						{pieces.map(({ kind, text: piece }, place) =>
							kind === 'text' ? (
								piece
							) : (
								<span key={place} className="text-accent-foreground underline underline-offset-2">
									{piece}
								</span>
							),
						)}
					</p>
				)}
				{wish.pictures.length > 0 && (
					<ul className="flex flex-wrap gap-2">
						{wish.pictures.map(({ media, altText }) => (
							<li key={media.hash}>
								<img
									src={pictureAddress(media.hash, wish.owner)}
									alt={altText}
									className="size-20 rounded-md bg-muted object-cover"
								/>
							</li>
						))}
					</ul>
				)}
				<Counters text={text} platforms={[account.platform]} />
				<Remarks lines={problems} tone="danger" />
				<Remarks lines={warnings} tone="warning" />
				{equal !== null && (
					<p className="text-sm text-warning">
						{equal.scheduledAt === null ? words.equalDraft : <Equal iso={equal.scheduledAt} />}
					</p>
				)}
				{at !== null && problems.length === 0 && (
					<p className="text-sm text-muted-foreground">
						{strings.posts.scheduledFor} <Time iso={at} />
					</p>
				)}
				<ul className="grid gap-0.5 text-sm text-muted-foreground empty:hidden">
					{bare > 0 && <li>{words.altMissing(bare)}</li>}
					{account.platform === 'x' && pieces.some(({ kind }) => kind === 'link') && (
						<li>{words.linkWeight}</li>
					)}
					{account.platform === 'bluesky' && pieces.some(({ kind }) => kind === 'mention') && (
						<li>{words.mention}</li>
					)}
				</ul>
			</Card>
		</li>
	);
}

function Equal({ iso }: { iso: string }) {
	return (
		<>
			{words.equal} <Time iso={iso} />
		</>
	);
}

function Remarks({
	lines,
	tone,
}: {
	lines: { message: string; remedy: string }[];
	tone: 'danger' | 'warning';
}) {
	if (lines.length === 0) return null;
	return (
		<ul
			className={
				tone === 'danger'
					? 'grid gap-1.5 rounded-lg bg-danger-soft px-3 py-2 text-sm'
					: 'grid gap-1.5 rounded-lg bg-warning-soft px-3 py-2 text-sm'
			}
		>
			{lines.map(({ message, remedy }, line) => (
				<li key={line} className="flex gap-2">
					<TriangleAlert
						className={
							tone === 'danger'
								? 'mt-0.5 size-4 shrink-0 text-danger'
								: 'mt-0.5 size-4 shrink-0 text-warning'
						}
						aria-hidden
					/>
					<span className="min-w-0 break-words">
						{message} {remedy}
					</span>
				</li>
			))}
		</ul>
	);
}
