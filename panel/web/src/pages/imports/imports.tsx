import { useState } from 'react';
import { useSearchParams } from 'react-router';
import type { ApiProblem } from '../../../../shared/api';
import { useMayChange, useSession } from '../../api/queries';
import { importStrings } from '../../strings/imports';
import { Button } from '../../ui/button';
import { Notice, ProblemNotice } from '../../ui/notice';
import { PageHead } from '../../ui/surface';
import { isZone } from '../../ui/zones';
import { localZone } from '../compose/wish';
import { Checked } from './checked';
import { FilePicker } from './file-picker';
import { readFile, type ReadFile } from './read-file';
import { forgetStopped, stoppedImport } from './stopped';

const words = importStrings;

/** Bulk import: choose a file, see what becomes of its rows, import. */
export function Imports() {
	const [search] = useSearchParams();
	const session = useSession();
	const owner = search.get('owner') ?? session.user?.owner ?? 'default';
	const mayChange = useMayChange();
	const [file, setFile] = useState<ReadFile | null>(null);
	const [timeZone, setTimeZone] = useState(localZone);
	// What is being typed is no zone yet, and nothing is checked with it.
	const [zone, setZone] = useState(timeZone);
	const [problem, setProblem] = useState<ApiProblem | null>(null);
	const [busy, setBusy] = useState(false);
	const [stopped, setStopped] = useState(() => stoppedImport(owner));
	const choose = async (chosen: File) => {
		setBusy(true);
		const reading = await readFile(chosen);
		setBusy(false);
		setProblem('problem' in reading ? reading.problem : null);
		setFile('file' in reading ? reading.file : null);
	};
	if (!mayChange) {
		return (
			<>
				<PageHead title={words.title} />
				<Notice tone="info" title={words.viewer} />
			</>
		);
	}
	return (
		<>
			<PageHead title={words.title} lead={words.lead} />
			<div className="grid gap-5">
				{stopped !== null && file === null && (
					<Notice
						tone="info"
						title={words.file.stopped(stopped.name, stopped.done, stopped.total)}
						action={
							<Button
								look="outline"
								size="small"
								className="text-foreground"
								onClick={() => {
									forgetStopped(owner);
									setStopped(null);
								}}
							>
								{words.file.forget}
							</Button>
						}
					>
						{words.file.stoppedHelp}
					</Notice>
				)}
				<FilePicker
					file={file}
					busy={busy}
					timeZone={timeZone}
					onTimeZone={(name) => {
						setTimeZone(name);
						if (isZone(name)) setZone(name);
					}}
					onChoose={(chosen) => void choose(chosen)}
				/>
				{problem && <ProblemNotice problem={problem} />}
				{file && <Checked key={file.hash + zone} owner={owner} file={file} timeZone={zone} />}
			</div>
		</>
	);
}
