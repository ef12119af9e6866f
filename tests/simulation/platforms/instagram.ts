import type { HttpResponse } from '../../../core/ports';
import { PlatformModel, answer, formBody, type Received } from './platform';

const CONTAINER_LIFE_MS = 24 * 3_600_000;
const TOKEN_LIFE_S = 60 * 86_400;
const PREFIX = /^\/v26\.0/;

interface Container {
	id: string;
	remoteAccount: string;
	caption: string;
	madeAt: number;
	readyAt: number;
	published: string | null;
	/** Its status says PUBLISHED from then on. */
	statusAt: number;
}

function refused(code: number, subcode: number, message: string): HttpResponse {
	return answer(400, { error: { message, type: 'OAuthException', code, error_subcode: subcode } });
}

/** Instagram: containers with states and an end, each published once, whose status lags. */
export class InstagramModel extends PlatformModel {
	private readonly containers = new Map<string, Container>();

	handle(received: Received): HttpResponse {
		const { query, now, request } = received;
		const path = received.path.replace(PREFIX, '');
		if (path === '/refresh_access_token') {
			return this.token(query.get('access_token') ?? '', received, now);
		}
		const account = this.accountOf(received);
		if (account === null) return refused(190, 463, 'Error validating access token');
		if (path === `/${account}/media_publish`) return this.publish(received, account);
		if (path === `/${account}/media`) {
			return request.method === 'POST' ? this.prepare(received, account) : this.list(account, now);
		}
		return this.read(path.slice(1), now);
	}

	private token(token: string, received: Received, now: number): HttpResponse {
		const asBearer = { ...received.request, headers: { authorization: `Bearer ${token}` } };
		const account = this.accountOf({ ...received, request: asBearer });
		if (account === null) return refused(190, 463, 'Error validating access token');
		const pair = this.grant(account, now + TOKEN_LIFE_S * 1000);
		return answer(200, { access_token: pair.accessToken, expires_in: TOKEN_LIFE_S });
	}

	private prepare({ request, now }: Received, remoteAccount: string): HttpResponse {
		const id = this.newId(now, this.next());
		const caption = formBody(request).get('caption') ?? '';
		const readyAt = now + this.chance.between(`ready ${id}`, 0, 9_000);
		const statusAt = Infinity;
		const made = { id, remoteAccount, caption, madeAt: now, readyAt, published: null, statusAt };
		this.containers.set(id, made);
		return answer(200, { id });
	}

	private publish({ request, now, post }: Received, remoteAccount: string): HttpResponse {
		const container = this.containers.get(formBody(request).get('creation_id') ?? '');
		if (container === undefined || container.remoteAccount !== remoteAccount) {
			return refused(24, 2207006, 'The media could not be found');
		}
		// The duplicate rule of Instagram: what a container became cannot be made of it again.
		if (container.published !== null && this.rules.duplicates) {
			return refused(24, 2207006, 'The media could not be found');
		}
		if (container.madeAt + CONTAINER_LIFE_MS <= now) return refused(-1, 2207020, 'It has expired');
		if (container.readyAt > now) return refused(9007, 2207027, 'The media is not ready');
		const { caption: text, id } = container;
		const entry = this.enter({ remoteAccount, text, post, media: [id], container: id }, now);
		if (container.published === null) {
			container.published = entry.id;
			container.statusAt = now + this.lag(`status ${id}`);
		}
		return answer(200, { id: entry.id });
	}

	private list(account: string, now: number): HttpResponse {
		return answer(200, {
			data: this.listed(account, now).map((entry) => ({
				id: entry.id,
				caption: entry.text,
				timestamp: new Date(entry.createdAt).toISOString().replace(/\.\d{3}Z$/, '+0000'),
				permalink: `https://www.instagram.com/p/${entry.id}/`,
				username: 'demo',
				owner: { id: account },
			})),
		});
	}

	private read(id: string, now: number): HttpResponse {
		const container = this.containers.get(id);
		if (container !== undefined) {
			const { published, readyAt, madeAt, statusAt } = container;
			if (published !== null && statusAt <= now) {
				return answer(200, { id, status_code: 'PUBLISHED', status: 'Published' });
			}
			if (madeAt + CONTAINER_LIFE_MS <= now) return answer(200, { id, status_code: 'EXPIRED' });
			return answer(200, { id, status_code: readyAt > now ? 'IN_PROGRESS' : 'FINISHED' });
		}
		const entry = this.entries.find((each) => each.id === id);
		return entry === undefined
			? refused(100, 33, 'Unsupported get request')
			: answer(200, { id, permalink: `https://www.instagram.com/p/${id}/` });
	}
}
