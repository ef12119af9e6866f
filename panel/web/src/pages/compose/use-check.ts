import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import type { ComposeContent, PreviewAnswer } from '../../../../shared/compose';
import { call } from '../../api/client';

/** Long enough not to ask at every key, short enough to feel live. */
const PAUSE_MS = 350;

function useSettled<T>(value: T): T {
	const text = JSON.stringify(value);
	const [settled, setSettled] = useState(value);
	useEffect(() => {
		const timer = setTimeout(() => setSettled(JSON.parse(text) as T), PAUSE_MS);
		return () => clearTimeout(timer);
	}, [text]);
	return settled;
}

/** What the server says about a wish, asked again when nobody types; null while it is not known. */
export function useCheck(content: ComposeContent) {
	const settled = useSettled(content);
	const complete =
		settled.targets.length > 0 && (settled.when.as !== 'scheduled' || settled.when.wallTime !== '');
	const check = useQuery({
		queryKey: ['compose', 'check', settled],
		queryFn: () => call<PreviewAnswer>('POST', '/api/posts/preview', settled),
		enabled: complete,
		placeholderData: keepPreviousData,
		staleTime: 30_000,
		gcTime: 60_000,
	});
	return {
		answer: complete ? (check.data ?? null) : null,
		/** The answer is about what stands there now. */
		current: !check.isPlaceholderData && JSON.stringify(content) === JSON.stringify(settled),
		error: complete ? check.error : null,
		again: () => void check.refetch(),
	};
}
