import { createContext, type RefObject, useCallback, useContext } from 'react';

/** The post that was moved last by keys or by a dialog. */
export const Followed = createContext<RefObject<string | null>>({ current: null });

/**
 * For the control of a post: a post on another day is another element, and the focus would be lost with
 * the one before. The new one takes it when nothing else has it.
 */
export function useFollowed(id: string): (control: HTMLElement | null) => void {
	const followed = useContext(Followed);
	return useCallback(
		(control) => {
			if (followed.current === id && document.activeElement === document.body) control?.focus();
		},
		[followed, id],
	);
}
