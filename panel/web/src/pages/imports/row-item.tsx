import { Link } from 'react-router';
import type { ImportProblem, ImportVerdict } from '../../../../shared/imports';
import { importStrings } from '../../strings/imports';
import { platformName } from '../../ui/platform-mark';
import { Badge, type Tone } from '../../ui/surface';
import { Time } from '../../ui/time';
import type { FileRow } from './read-file';

const words = importStrings.check;

const TONES: Record<ImportVerdict['state'], Tone> = {
	ready: 'info',
	created: 'success',
	imported: 'neutral',
	duplicate: 'warning',
	invalid: 'danger',
};

const TEXT_SHOWN = 160;
const TWO_DAYS_MS = 172_800_000;

/** One row of the file: where it goes, when, and what is wrong with it. */
export function RowItem({ row, verdict }: { row: FileRow; verdict: ImportVerdict | undefined }) {
	const state = row.broken ? 'invalid' : verdict?.state;
	const problems: (Partial<ImportProblem> & { message: string; remedy: string })[] = row.broken
		? [row.broken]
		: (verdict?.problems ?? []);
	const { account, text = '' } = row.cells;
	return (
		<li className="grid gap-1.5 py-3">
			<div className="flex flex-wrap items-center gap-x-3 gap-y-1">
				<span className="text-sm font-medium tabular-nums">{words.row(row.row)}</span>
				<span className="min-w-0 truncate text-sm text-muted-foreground">
					{verdict?.account
						? `${platformName(verdict.account.platform)} · @${verdict.account.handle}`
						: (account ?? '')}
				</span>
				<span className="ml-auto">
					{state ? (
						<Badge tone={TONES[state]}>{words.states[state]}</Badge>
					) : (
						<Badge>{words.waiting}</Badge>
					)}
				</span>
			</div>
			{text !== '' && (
				<p className="line-clamp-2 text-sm break-words">
					{text.length > TEXT_SHOWN ? `${text.slice(0, TEXT_SHOWN)}…` : text}
				</p>
			)}
			{verdict && state !== 'invalid' && (
				<p className="flex flex-wrap gap-x-4 text-sm text-muted-foreground">
					<span>{verdict.at === null ? words.draft : <Time iso={verdict.at} />}</span>
					{verdict.pictures > 0 && <span>{words.images(verdict.pictures)}</span>}
					{verdict.postId !== null && (
						<Link
							to={`/posts/${verdict.postId}`}
							className="font-medium text-accent-foreground underline underline-offset-4 hover:no-underline"
						>
							{words.details}
						</Link>
					)}
				</p>
			)}
			{state === 'duplicate' && <p className="text-sm text-warning">{words.duplicate}</p>}
			{state === 'ready' && verdict?.equal && <Near verdict={verdict} />}
			{problems.map(({ column, message, remedy }, line) => (
				<p key={line} className="text-sm">
					{column && <span className="text-muted-foreground">{words.column(column)} </span>}
					<span className="text-danger">{message}</span> {remedy}
				</p>
			))}
			{(verdict?.warnings ?? []).map(({ message, remedy }, line) => (
				<p key={line} className="text-sm text-warning">
					{message} {remedy}
				</p>
			))}
		</li>
	);
}

/** The same text at a time so near that some platforms refuse the second one. */
function Near({ verdict: { at, equal } }: { verdict: ImportVerdict }) {
	if (!equal) return null;
	if (equal.scheduledAt === null) return <p className="text-sm text-warning">{words.nearDraft}</p>;
	const apart = Math.abs(
		Date.parse(equal.scheduledAt) - (at === null ? Date.now() : Date.parse(at)),
	);
	if (apart > TWO_DAYS_MS) return null;
	return (
		<p className="text-sm text-warning">
			{words.near} <Time iso={equal.scheduledAt} />
		</p>
	);
}
