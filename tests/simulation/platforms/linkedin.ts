import type { HttpResponse } from '../../../core/ports';
import { PlatformModel, answer, formBody, jsonBody, type Received } from './platform';

const TOKEN_LIFE_S = 60 * 86_400;
const UPLOAD_LIFE_MS = 3_600_000;

interface Image {
	urn: string;
	uploadUntil: number;
	uploaded: boolean;
	readyAt: number;
}

/** LinkedIn: a finder for pages only, a duplicate rule that names the live post. */
export class LinkedinModel extends PlatformModel {
	private readonly images = new Map<string, Image>();

	handle(received: Received): HttpResponse {
		const { path, request } = received;
		if (path === '/oauth/v2/accessToken') return this.token(received);
		const account = this.accountOf(received);
		if (account === null) {
			return answer(401, { status: 401, serviceErrorCode: 65601, code: 'REVOKED_ACCESS_TOKEN' });
		}
		if (path === '/rest/posts' && request.method === 'POST') return this.post(received);
		if (path === '/rest/posts') return this.find(received);
		if (path === '/rest/images') return this.register(received);
		if (path.startsWith('/rest/images/')) return this.state(received);
		if (path.startsWith('/dms-uploads/')) return this.upload(received);
		return answer(404, { status: 404, code: 'NOT_FOUND', message: 'Not found' });
	}

	protected override newId(createdAt: number, number: number): string {
		return `urn:li:share:${(BigInt(createdAt) << 22n) + BigInt(number)}`;
	}

	private token({ request, now }: Received): HttpResponse {
		const form = formBody(request);
		const pair = this.refresh(form.get('refresh_token') ?? '', now + TOKEN_LIFE_S * 1000, false);
		return pair === null
			? answer(400, { error: 'invalid_grant' })
			: answer(200, { access_token: pair.accessToken, expires_in: TOKEN_LIFE_S });
	}

	private post({ request, now, post }: Received): HttpResponse {
		const body = jsonBody(request);
		const author = String(body.author);
		const text = String(body.commentary ?? '');
		const media = imagesOf(body);
		if (media.some((urn) => this.images.get(urn)?.uploaded !== true)) {
			return answer(400, { status: 400, message: 'The image does not exist', code: 'INVALID' });
		}
		const earlier = this.duplicateOf(author, text, now);
		if (earlier !== undefined) {
			return answer(422, {
				message: `Content is a duplicate of ${earlier.id}`,
				status: 422,
				errorDetails: {
					inputErrors: [
						{
							code: 'DUPLICATE_POST',
							description: `Content is a duplicate of ${earlier.id}`,
						},
					],
				},
			});
		}
		const entry = this.enter({ remoteAccount: author, text, post, media }, now);
		return answer(201, null, { 'x-restli-id': entry.id });
	}

	private find({ query, now }: Received): HttpResponse {
		const author = query.get('author') ?? '';
		if (!author.startsWith('urn:li:organization:')) {
			return answer(403, { status: 403, code: 'ACCESS_DENIED', message: 'Not enough permissions' });
		}
		const start = Number(query.get('start') ?? 0);
		const count = Number(query.get('count') ?? 10);
		const all = this.listed(author, now);
		return answer(200, {
			paging: { start, count, total: all.length },
			elements: all.slice(start, start + count).map((entry) => ({
				id: entry.id,
				author,
				commentary: entry.text,
				createdAt: entry.createdAt,
				lastModifiedAt: entry.createdAt,
				...(entry.media.length === 0 ? {} : { content: { media: { id: entry.media[0] } } }),
			})),
		});
	}

	private register({ now }: Received): HttpResponse {
		const number = this.next();
		const urn = `urn:li:image:D${number}`;
		const uploadUntil = now + UPLOAD_LIFE_MS;
		this.images.set(urn, { urn, uploadUntil, uploaded: false, readyAt: Infinity });
		return answer(200, {
			value: {
				uploadUrl: `https://www.linkedin.com/dms-uploads/${number}`,
				image: urn,
				uploadUrlExpiresAt: uploadUntil + this.rules.skewMs,
			},
		});
	}

	private upload({ path, now }: Received): HttpResponse {
		const image = this.images.get(`urn:li:image:D${path.split('/').pop()}`);
		if (image === undefined || image.uploadUntil <= now) return answer(404, { status: 404 });
		image.uploaded = true;
		image.readyAt = now + this.chance.between(`ready ${image.urn}`, 0, 4_000);
		return answer(201, null);
	}

	private state({ path, now }: Received): HttpResponse {
		const image = this.images.get(decodeURIComponent(path.split('/').pop() ?? ''));
		if (image === undefined) return answer(404, { status: 404, code: 'NOT_FOUND' });
		const status = !image.uploaded
			? 'WAITING_UPLOAD'
			: image.readyAt > now
				? 'PROCESSING'
				: 'AVAILABLE';
		return answer(200, { id: image.urn, status });
	}
}

function imagesOf(body: Record<string, unknown>): string[] {
	const content = (body.content ?? {}) as {
		media?: { id: string };
		multiImage?: { images: { id: string }[] };
	};
	if (content.media !== undefined) return [content.media.id];
	return (content.multiImage?.images ?? []).map(({ id }) => id);
}
