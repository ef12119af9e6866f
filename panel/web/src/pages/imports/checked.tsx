import { Download } from 'lucide-react';
import { useState } from 'react';
import { Link } from 'react-router';
import type { ImportVerdict } from '../../../../shared/imports';
import { importStrings } from '../../strings/imports';
import { Button } from '../../ui/button';
import { cn } from '../../ui/class-names';
import { Notice, ProblemNotice } from '../../ui/notice';
import { Card } from '../../ui/surface';
import { type FileRow, type ReadFile, toCsv } from './read-file';
import { RowItem } from './row-item';
import { saveAs } from './save-as';
import { type Progress, useImport } from './use-import';

const words = importStrings;

const PAGE = 50;
const STATES = ['invalid', 'duplicate', 'ready', 'created', 'imported'] as const;
type State = ImportVerdict['state'];

/** What is wrong with a row, by the browser or by the server. */
export function problemsOf(row: FileRow, verdict: ImportVerdict | undefined) {
	return row.broken ? [row.broken] : (verdict?.problems ?? []);
}

/** The rows of a file with what becomes of them, and the button that does it. */
export function Checked({
	owner,
	file,
	timeZone,
}: {
	owner: string;
	file: ReadFile;
	timeZone: string;
}) {
	const work = useImport(owner, file, timeZone);
	const [shown, setShown] = useState<State | null>(null);
	const [page, setPage] = useState(0);
	const stateOf = (row: FileRow): State | null =>
		row.broken ? 'invalid' : (work.verdicts.get(row.row)?.state ?? null);
	const counts = new Map<State, number>();
	for (const row of file.rows) {
		const state = stateOf(row);
		if (state !== null) counts.set(state, (counts.get(state) ?? 0) + 1);
	}
	const rows = file.rows.filter((row) => shown === null || stateOf(row) === shown);
	const pages = Math.max(1, Math.ceil(rows.length / PAGE));
	const at = Math.min(page, pages - 1);
	const download = () => {
		const faulty = file.rows.filter((row) => stateOf(row) === 'invalid');
		const lines = faulty.map((row) => {
			const problems = problemsOf(row, work.verdicts.get(row.row));
			const cells = file.header.map((_, place) => row.raw[place] ?? '');
			const said = problems.map(({ message, remedy }) => `${message} ${remedy}`);
			return [...cells, String(row.row), said.join(' ')];
		});
		saveAs(
			file.name.replace(/(\.\w+)?$/, '-to-correct.csv'),
			toCsv([[...file.header, 'row', 'problem'], ...lines]),
		);
	};
	return (
		<>
			<Doing work={work} ready={counts.get('ready') ?? 0} made={counts.get('created') ?? 0} />
			<Card className="grid gap-4">
				<div className="flex flex-wrap items-center justify-between gap-3">
					<h2 className="text-base font-semibold">{words.check.title}</h2>
					{(counts.get('invalid') ?? 0) > 0 && work.progress.phase === 'idle' && (
						<Button look="outline" size="small" onClick={download}>
							<Download aria-hidden />
							{words.check.download}
						</Button>
					)}
				</div>
				<div role="group" aria-label={words.check.show} className="flex flex-wrap gap-2">
					{([null, ...STATES] as const).map((state) => {
						const count = state === null ? file.rows.length : (counts.get(state) ?? 0);
						if (state !== null && count === 0 && shown !== state) return null;
						return (
							<button
								key={state ?? 'all'}
								type="button"
								aria-pressed={shown === state}
								onClick={() => {
									setShown(state);
									setPage(0);
								}}
								className={cn(
									'flex items-center gap-2 rounded-full border bg-card px-3 py-1.5 text-sm transition-colors hover:bg-muted',
									shown === state &&
										'border-transparent bg-accent font-medium text-accent-foreground hover:bg-accent',
								)}
							>
								{state === null ? words.check.all : words.check.states[state]}
								<span className="text-muted-foreground tabular-nums">{count}</span>
							</button>
						);
					})}
				</div>
				{rows.length === 0 ? (
					<p className="text-sm text-muted-foreground">{words.check.none}</p>
				) : (
					<ol className="grid divide-y border-y" start={rows[at * PAGE]?.row}>
						{rows.slice(at * PAGE, (at + 1) * PAGE).map((row) => (
							<RowItem key={row.row} row={row} verdict={work.verdicts.get(row.row)} />
						))}
					</ol>
				)}
				{pages > 1 && (
					<nav
						aria-label={words.check.pages}
						className="flex flex-wrap items-center justify-center gap-3"
					>
						<Button look="outline" size="small" disabled={at === 0} onClick={() => setPage(at - 1)}>
							{words.check.before}
						</Button>
						<span className="text-sm tabular-nums" aria-live="polite">
							{words.check.page(at + 1, pages)}
						</span>
						<Button
							look="outline"
							size="small"
							disabled={at === pages - 1}
							onClick={() => setPage(at + 1)}
						>
							{words.check.next}
						</Button>
					</nav>
				)}
			</Card>
		</>
	);
}

/** Progress, its end, and the button for the next step. */
function Doing({
	work,
	ready,
	made,
}: {
	work: ReturnType<typeof useImport>;
	ready: number;
	made: number;
}) {
	const { progress, problem, ended } = work;
	if (progress.phase !== 'idle') return <Running progress={progress} stop={work.stop} />;
	return (
		<>
			{problem && <ProblemNotice problem={problem} />}
			{ended === 'done' && made > 0 && (
				<Notice
					tone="success"
					title={words.run.done(made)}
					live
					action={
						<Button look="outline" size="small" className="text-foreground" asChild>
							<Link to="/posts">{words.run.list}</Link>
						</Button>
					}
				>
					{words.run.doneHelp}
				</Notice>
			)}
			{ended === 'stopped' && (
				<Notice tone="info" title={words.run.cancelled} live>
					{words.run.cancelledHelp}
				</Notice>
			)}
			<div className="flex flex-wrap items-center gap-3">
				<Button disabled={ready === 0} onClick={work.start}>
					{ended === 'stopped' && ready > 0 ? words.run.goOn : words.run.start(ready)}
				</Button>
				<Button look="outline" onClick={work.check}>
					{words.run.again}
				</Button>
				{ready === 0 && <p className="text-sm text-muted-foreground">{words.run.nothing}</p>}
			</div>
		</>
	);
}

function Running({ progress, stop }: { progress: Progress; stop: () => void }) {
	const { done, phase, total, waiting } = progress;
	const said =
		phase === 'checking' ? words.check.running(done, total) : words.run.running(done, total);
	return (
		<Card className="grid gap-3">
			<div className="flex flex-wrap items-center justify-between gap-3">
				<p className="text-sm font-medium tabular-nums">{said}</p>
				<Button look="outline" size="small" onClick={stop}>
					{words.run.cancel}
				</Button>
			</div>
			<progress aria-label={said} max={total} value={done} className="h-2 w-full accent-primary" />
			<p role="status" className="text-sm text-warning empty:hidden">
				{waiting && words.run.waiting}
			</p>
		</Card>
	);
}
