/** An import that did not come to its end; the rows that were done are known by the store. */
export interface Stopped {
	name: string;
	done: number;
	total: number;
}

const placeOf = (owner: string) => `musekit.import.${owner}`;

/** Outlives the tab, because the tab may be what was lost. */
export function keepStopped(owner: string, stopped: Stopped): void {
	try {
		localStorage.setItem(placeOf(owner), JSON.stringify(stopped));
	} catch {
		// Without storage the import goes on all the same; only the reminder is lost.
	}
}

export function forgetStopped(owner: string): void {
	try {
		localStorage.removeItem(placeOf(owner));
	} catch {
		// As above.
	}
}

export function stoppedImport(owner: string): Stopped | null {
	try {
		const text = localStorage.getItem(placeOf(owner));
		return text === null ? null : (JSON.parse(text) as Stopped);
	} catch {
		return null;
	}
}
