/** A browser as far as these tests need one: cookies of one host, and no redirects by itself. */
export class Browser {
	/** Everything that came back, for the search for secrets. */
	readonly seen: string[] = [];
	private readonly cookies = new Map<string, string>();
	private csrf: string | null = null;

	constructor(private readonly origin: string) {}

	async get(path: string): Promise<Answer> {
		return await this.send(path, { method: 'GET' });
	}

	/** Sends JSON as a page of the panel does. */
	async send(path: string, init: { method: string; body?: unknown }): Promise<Answer> {
		const url = path.startsWith('http') ? path : `${this.origin}${path}`;
		const response = await fetch(url, {
			method: init.method,
			redirect: 'manual',
			headers: {
				origin: this.origin,
				cookie: [...this.cookies].map(([name, value]) => `${name}=${value}`).join('; '),
				...(this.csrf === null ? {} : { 'x-csrf-token': this.csrf }),
				...(init.body === undefined ? {} : { 'content-type': 'application/json' }),
			},
			...(init.body === undefined ? {} : { body: JSON.stringify(init.body) }),
		});
		for (const line of response.headers.getSetCookie()) {
			const [name, value] = line.split(';')[0].split('=', 2);
			this.cookies.set(name, value);
		}
		const text = await textOf(response);
		const headers = [...response.headers].map(([name, value]) => `${name}: ${value}`).join('\n');
		this.seen.push(`${headers}\n\n${text}`);
		return {
			status: response.status,
			location: response.headers.get('location'),
			text,
			json: <T>() => JSON.parse(text) as T,
		};
	}

	async post(path: string, body: unknown = {}): Promise<Answer> {
		return await this.send(path, { method: 'POST', body });
	}

	/** Keeps the session's CSRF token for the writes that follow. */
	async learnCsrf(): Promise<void> {
		const session = await this.get('/api/session');
		this.csrf = session.json<{ csrfToken: string | null }>().csrfToken;
	}
}

/** All of an answer; of live events, which have no end, what comes first. */
async function textOf(response: Response): Promise<string> {
	if (!response.headers.get('content-type')?.startsWith('text/event-stream')) {
		return await response.text();
	}
	let text = '';
	const decoder = new TextDecoder();
	for await (const part of response.body ?? []) {
		text += decoder.decode(part as Uint8Array, { stream: true });
		if (text.includes('event: ready')) break;
	}
	return text;
}

export interface Answer {
	status: number;
	location: string | null;
	text: string;
	json<T>(): T;
}
