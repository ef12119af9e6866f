import { useCallback, useEffect, useRef, useState } from 'react';
import type { MediaInfo } from '../../../../../core/store/contract';
import type { ApiProblem } from '../../../../shared/api';
import { PICTURE_BYTES_MAX, PICTURES_MAX } from '../../../../shared/compose';
import { ApiError, problemOf } from '../../api/client';
import { composeStrings } from '../../strings/compose';
import { upload } from './upload';

const words = composeStrings.pictures;

interface Running {
	id: number;
	name: string;
	/** 0 to 1. */
	share: number;
}

interface Failed {
	id: number;
	name: string;
	problem: ApiProblem;
	/** Only where another try may help. */
	again: (() => void) | null;
}

export interface Uploads {
	running: Running[];
	failed: Failed[];
	add: (files: File[]) => void;
	cancel: (id: number) => void;
	dismiss: (id: number) => void;
}

let lastId = 0;

/** Uploads files, each by itself; `done` gets every picture that the store has taken. */
export function useUploads(owner: string, room: number, done: (media: MediaInfo) => void): Uploads {
	const [running, setRunning] = useState<Running[]>([]);
	const [failed, setFailed] = useState<Failed[]>([]);
	const cancels = useRef(new Map<number, () => void>());
	const latest = useRef(done);
	latest.current = done;
	useEffect(() => {
		const open = cancels.current;
		return () => open.forEach((cancel) => cancel());
	}, []);
	const drop = useCallback((id: number) => {
		cancels.current.delete(id);
		setRunning((before) => before.filter((one) => one.id !== id));
	}, []);
	const start = useCallback(
		(file: File) => {
			const id = ++lastId;
			const { name } = file;
			setRunning((before) => [...before, { id, name, share: 0 }]);
			const { done: sent, cancel } = upload(file, owner, (share) =>
				setRunning((before) => before.map((one) => (one.id === id ? { ...one, share } : one))),
			);
			cancels.current.set(id, cancel);
			sent.then(
				(media) => {
					drop(id);
					latest.current(media);
				},
				(error: unknown) => {
					drop(id);
					const passing = error instanceof ApiError && (error.status === 0 || error.status >= 500);
					const again = passing
						? () => {
								setFailed((before) => before.filter((one) => one.id !== id));
								start(file);
							}
						: null;
					setFailed((before) => [...before, { id, name, problem: problemOf(error), again }]);
				},
			);
		},
		[drop, owner],
	);
	const refuse = useCallback((name: string, problem: Omit<ApiProblem, 'code'>, code: string) => {
		const id = ++lastId;
		setFailed((before) => [...before, { id, name, problem: { ...problem, code }, again: null }]);
	}, []);
	const add = (files: File[]) => {
		setFailed([]);
		const free = Math.max(0, room - running.length);
		for (const file of files.slice(0, free)) {
			if (file.size <= PICTURE_BYTES_MAX) start(file);
			else {
				const message = words.tooLarge(file.name);
				refuse(file.name, { message, remedy: words.tooLargeRemedy }, 'media_too_large');
			}
		}
		if (files.length > free) {
			const message = words.tooMany(PICTURES_MAX);
			refuse(files[free].name, { message, remedy: '' }, 'media_too_many');
		}
	};
	return {
		running,
		failed,
		add,
		cancel: (id) => {
			cancels.current.get(id)?.();
			drop(id);
		},
		dismiss: (id) => setFailed((before) => before.filter((one) => one.id !== id)),
	};
}
