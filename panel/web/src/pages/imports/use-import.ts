import { useCallback, useEffect, useRef, useState } from 'react';
import type { ApiProblem } from '../../../../shared/api';
import type {
	ImportAnswer,
	ImportRequest,
	ImportRow,
	ImportVerdict,
} from '../../../../shared/imports';
import { ApiError, call, problemOf } from '../../api/client';
import { batchesOf } from './batches';
import { forgetStopped, keepStopped } from './stopped';
import type { ReadFile } from './read-file';

/** How soon a panel or store that did not answer is asked again. */
const RETRY_MS = 3_000;

export interface Progress {
	phase: 'idle' | 'checking' | 'importing';
	done: number;
	total: number;
	/** Nobody answers; it goes on by itself. */
	waiting: boolean;
}

const IDLE: Progress = { phase: 'idle', done: 0, total: 0, waiting: false };

/** Waits unless it was called off meanwhile. */
function pause(ms: number, signal: AbortSignal): Promise<void> {
	return new Promise((resolve) => {
		const timer = setTimeout(resolve, ms);
		signal.addEventListener('abort', () => {
			clearTimeout(timer);
			resolve();
		});
	});
}

/** Only rows that were not there are sent: what is found was made by a try whose answer was lost. */
function madeNow(verdict: ImportVerdict): ImportVerdict {
	return verdict.state === 'imported' ? { ...verdict, state: 'created' } : verdict;
}

function isPassing(error: unknown): boolean {
	return error instanceof ApiError && (error.status === 0 || error.status >= 500);
}

/** Checks and imports the rows of a file, batch after batch; each may be stopped between two. */
export function useImport(owner: string, file: ReadFile, timeZone: string) {
	const [verdicts, setVerdicts] = useState<ReadonlyMap<number, ImportVerdict>>(new Map());
	const [progress, setProgress] = useState<Progress>(IDLE);
	const [problem, setProblem] = useState<ApiProblem | null>(null);
	const [ended, setEnded] = useState<'no' | 'done' | 'stopped'>('no');
	const control = useRef<AbortController | null>(null);

	const run = useCallback(
		async (phase: 'checking' | 'importing', rows: ImportRow[]) => {
			control.current?.abort();
			const { signal } = (control.current = new AbortController());
			const total = rows.length;
			let done = 0;
			setProblem(null);
			setEnded('no');
			setProgress({ phase, done, total, waiting: false });
			const path = phase === 'checking' ? '/api/posts/import/check' : '/api/posts/import';
			for (const batch of batchesOf(rows)) {
				const body: ImportRequest = { owner, file: file.hash, timeZone, rows: batch };
				for (;;) {
					if (signal.aborted) break;
					try {
						const answer = await call<ImportAnswer>('POST', path, body);
						// A newer run has the word.
						if (control.current?.signal !== signal) return;
						setVerdicts((before) => {
							const next = new Map(before);
							for (const verdict of answer.verdicts)
								next.set(verdict.row, phase === 'importing' ? madeNow(verdict) : verdict);
							return next;
						});
						done += batch.length;
						if (phase === 'importing') keepStopped(owner, { name: file.name, done, total });
						break;
					} catch (error) {
						if (signal.aborted) break;
						if (!isPassing(error)) {
							setProblem(problemOf(error));
							setProgress(IDLE);
							return;
						}
						setProgress({ phase, done, total, waiting: true });
						await pause(RETRY_MS, signal);
					}
				}
				if (signal.aborted) break;
				setProgress({ phase, done, total, waiting: false });
			}
			if (control.current?.signal !== signal) return;
			setProgress(IDLE);
			if (phase === 'checking') return;
			if (!signal.aborted) forgetStopped(owner);
			setEnded(signal.aborted ? 'stopped' : 'done');
		},
		[file, owner, timeZone],
	);

	const sendable = file.rows.filter(({ broken }) => broken === null);
	const check = useCallback(
		() =>
			void run(
				'checking',
				file.rows.filter(({ broken }) => broken === null),
			),
		[file, run],
	);
	useEffect(() => {
		setVerdicts(new Map());
		check();
		return () => control.current?.abort();
	}, [check]);
	return {
		verdicts,
		progress,
		problem,
		ended,
		check,
		start: () =>
			void run(
				'importing',
				sendable.filter(({ row }) => verdicts.get(row)?.state === 'ready'),
			),
		stop: () => control.current?.abort(),
	};
}
