/** The work is done by the first call; later ones wait for it and get the same answer. */
export function once<T>(work: () => Promise<T>): () => Promise<T> {
	let answer: Promise<T> | null = null;
	return () => (answer ??= work());
}
