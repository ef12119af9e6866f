import type { HttpResponse } from '../../../core/ports';
import { PlatformModel, answer, formBody, jsonBody, type Entry, type Received } from './platform';

const EPOCH = 1_288_834_974_657n;
const MEDIA_LIFE_MS = 24 * 3_600_000;
const TOKEN_LIFE_S = 7_200;

interface Media {
	id: string;
	until: number;
	appended: boolean;
	finished: boolean;
	readyAt: number;
}

const UNAUTHORIZED = answer(401, { title: 'Unauthorized', type: 'about:blank', status: 401 });
const BAD_MEDIA = answer(400, {
	errors: [{ message: 'Your media IDs are invalid.' }],
	title: 'Invalid Request',
	detail: 'One or more parameters to your request was invalid.',
});

/** X: lists that lag, escaped texts, media that expire, refresh tokens used once. */
export class XModel extends PlatformModel {
	private readonly media = new Map<string, Media>();

	handle(received: Received): HttpResponse {
		const { path, request } = received;
		if (path === '/2/oauth2/token') return this.token(received);
		const account = this.accountOf(received);
		if (account === null) return UNAUTHORIZED;
		if (path === '/2/tweets' && request.method === 'POST') return this.post(received, account);
		if (path === `/2/users/${account}/tweets`) return this.timeline(received, account);
		if (path.startsWith('/2/media/')) return this.upload(received);
		return answer(404, { title: 'Not Found', status: 404 });
	}

	protected override newId(createdAt: number, number: number): string {
		return String(((BigInt(createdAt) - EPOCH) << 22n) + BigInt(number));
	}

	private token({ request, now }: Received): HttpResponse {
		const form = formBody(request);
		const pair = this.refresh(form.get('refresh_token') ?? '', now + TOKEN_LIFE_S * 1000, true);
		if (pair === null) {
			return answer(400, {
				error: 'invalid_request',
				error_description: 'Value passed for the token was invalid.',
			});
		}
		return answer(200, {
			token_type: 'bearer',
			expires_in: TOKEN_LIFE_S,
			access_token: pair.accessToken,
			refresh_token: pair.refreshToken,
		});
	}

	private post({ request, now, post }: Received, account: string): HttpResponse {
		const body = jsonBody(request);
		const text = String(body.text ?? '');
		const ids = ((body.media as { media_ids?: string[] } | undefined)?.media_ids ?? []).map(String);
		const usable = ids.every((id) => {
			const media = this.media.get(id);
			return media !== undefined && media.finished && media.until > now && media.readyAt <= now;
		});
		if (!usable) return BAD_MEDIA;
		if (text !== '' && this.duplicateOf(account, text, now) !== undefined) {
			return answer(403, {
				detail: 'You are not allowed to create a Tweet with duplicate content.',
				type: 'about:blank',
				title: 'Forbidden',
				status: 403,
			});
		}
		const entry = this.enter({ remoteAccount: account, text, post, media: ids }, now);
		return answer(201, { data: { id: entry.id, text: escaped(text) } });
	}

	private timeline({ query, now }: Received, account: string): HttpResponse {
		const start = Date.parse(query.get('start_time') ?? '');
		const size = Number(query.get('max_results') ?? 10);
		const from = Number(query.get('pagination_token') ?? 0);
		const all = this.listed(account, now).filter((entry) => entry.createdAt >= start);
		const page = all.slice(from, from + size);
		const more = from + size < all.length ? { next_token: String(from + size) } : {};
		return answer(200, {
			...(page.length === 0 ? {} : { data: page.map(shown) }),
			meta: { result_count: page.length, ...more },
		});
	}

	private upload({ path, request, query, now }: Received): HttpResponse {
		if (path === '/2/media/upload/initialize') {
			const id = String(1_800_000_000_000_000_000n + BigInt(this.next()));
			const until = now + MEDIA_LIFE_MS;
			this.media.set(id, { id, until, appended: false, finished: false, readyAt: now });
			return answer(200, { data: { id, media_key: `3_${id}`, expires_after_secs: 86_400 } });
		}
		if (path === '/2/media/metadata') {
			const known = this.usable(String(jsonBody(request).id ?? ''), now);
			return known === null ? BAD_MEDIA : answer(200, { data: { id: known.id } });
		}
		const named = /^\/2\/media\/upload\/(\d+)\/(append|finalize)$/.exec(path);
		const media = this.usable(named?.[1] ?? query.get('media_id') ?? '', now);
		if (media === null) return BAD_MEDIA;
		if (named?.[2] === 'append') media.appended = true;
		if (named?.[2] === 'finalize') {
			if (!media.appended) return BAD_MEDIA;
			media.finished = true;
			media.readyAt = now + this.chance.pick(`ready ${media.id}`, [0, 0, 1_500]);
		}
		const busy = media.readyAt > now;
		return answer(200, {
			data: {
				id: media.id,
				media_key: `3_${media.id}`,
				...(busy ? { processing_info: { state: 'in_progress', check_after_secs: 1 } } : {}),
			},
		});
	}

	private usable(id: string, now: number): Media | null {
		const media = this.media.get(id);
		return media !== undefined && media.until > now ? media : null;
	}
}

function escaped(text: string): string {
	return text.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;');
}

/** X appends a link for pictures, escapes the text and shortens every address. */
function shown(entry: Entry): Record<string, unknown> {
	const urls: Record<string, unknown>[] = [];
	let text = entry.text.replace(/https:\/\/\S+/g, (target) => {
		const url = `https://t.co/a${entry.id.slice(-9)}${urls.length}`;
		urls.push({ url, expanded_url: target });
		return url;
	});
	text = escaped(text);
	if (entry.media.length > 0) {
		const url = `https://t.co/m${entry.id.slice(-9)}`;
		urls.push({ url, expanded_url: `https://x.com/a/status/${entry.id}/photo/1` });
		text = `${text} ${url}`.trim();
	}
	return {
		id: entry.id,
		text,
		author_id: entry.remoteAccount,
		created_at: new Date(entry.createdAt).toISOString(),
		...(urls.length === 0 ? {} : { entities: { urls } }),
		...(entry.media.length === 0
			? {}
			: { attachments: { media_keys: entry.media.map((id) => `3_${id}`) } }),
	};
}
