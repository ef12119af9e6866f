/** How a person decides on the sandbox's consent page. */
export interface Decision {
	/** Handle of an account, made when there is none; or `account` by its id at the platform. */
	handle?: string;
	account?: string;
	deny?: boolean;
	/** Instagram: the scopes that stay ticked; all when absent. */
	granted?: string[];
}

/**
 * Opens a consent page as a browser does and decides on it.
 * @returns the address that the platform sends the browser to
 * @throws Error when the page refuses the request
 */
export async function decide(page: string, decision: Decision): Promise<URL> {
	const { origin, pathname, searchParams } = new URL(page);
	const shown = await fetch(page);
	if (shown.status !== 200) throw new Error(`${shown.status} ${await shown.text()}`);
	const form = new URLSearchParams({
		...Object.fromEntries(searchParams),
		decision: decision.deny ? 'deny' : 'approve',
		account: decision.account ?? 'new',
		handle: decision.handle ?? '',
	});
	if (decision.granted) {
		form.set('choice', '1');
		for (const scope of decision.granted) form.append('granted', scope);
	}
	const response = await fetch(`${origin}${pathname}`, {
		method: 'POST',
		redirect: 'manual',
		body: form,
	});
	return new URL(response.headers.get('location') ?? '');
}
