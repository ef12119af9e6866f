const KEY = 'musekit-first-steps';

/** The person leaves to connect a real account, on pages of the panel and of a platform. */
export function comeBackHere(): void {
	sessionStorage.setItem(KEY, '1');
}

/** True once after the person left from the first steps. */
export function takeComeBack(): boolean {
	const left = sessionStorage.getItem(KEY) !== null;
	sessionStorage.removeItem(KEY);
	return left;
}
