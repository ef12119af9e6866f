import type { HttpResponse } from '../../../core/ports';
import { PlatformModel, answer, jsonBody, type Received } from './platform';

const SESSION_LIFE_MS = 2 * 3_600_000;

/** Bluesky: a record stands under a key that we choose, so a second one cannot come to be. */
export class BlueskyModel extends PlatformModel {
	private readonly records = new Map<string, { value: unknown; text: string; cid: string }>();
	private readonly blobs = new Set<string>();

	handle(received: Received): HttpResponse {
		const { path } = received;
		switch (path) {
			case '/xrpc/com.atproto.server.refreshSession':
				return this.session(received);
			case '/xrpc/com.atproto.repo.getRecord':
				return this.read(received);
			case '/xrpc/com.atproto.sync.getRepoStatus':
				return answer(200, { did: received.query.get('did'), active: true, rev: '3k' });
		}
		const account = this.accountOf(received);
		if (account === null) {
			return answer(400, { error: 'ExpiredToken', message: 'Token has expired' });
		}
		if (path === '/xrpc/com.atproto.repo.uploadBlob') return this.upload(received);
		if (path === '/xrpc/com.atproto.repo.putRecord') return this.put(received, account);
		return answer(404, { error: 'MethodNotImplemented', message: path });
	}

	private session({ request, now }: Received): HttpResponse {
		const token = (request.headers.authorization ?? '').replace(/^Bearer /, '');
		const pair = this.refresh(token, now + SESSION_LIFE_MS, false);
		return pair === null
			? answer(400, { error: 'ExpiredToken', message: 'Token has been revoked' })
			: answer(200, { accessJwt: pair.accessToken, refreshJwt: pair.refreshToken });
	}

	private upload({ request }: Received): HttpResponse {
		const size = request.body?.length ?? 0;
		const link = `bafkrei${size}`;
		this.blobs.add(link);
		const mimeType = request.headers['content-type'];
		return answer(200, { blob: { $type: 'blob', ref: { $link: link }, mimeType, size } });
	}

	private put({ request, now, post }: Received, account: string): HttpResponse {
		const body = jsonBody(request);
		const uri = `at://${account}/${String(body.collection)}/${String(body.rkey)}`;
		const text = JSON.stringify(body.record);
		const there = this.records.get(uri);
		if (there !== undefined) {
			return there.text === text
				? answer(200, { uri, cid: there.cid })
				: answer(400, { error: 'InvalidSwap', message: `Record was at ${there.cid}` });
		}
		const cid = `bafyrei${this.next()}`;
		this.records.set(uri, { value: body.record, text, cid });
		const shown = String((body.record as { text?: string }).text ?? '');
		this.enter({ remoteAccount: account, text: shown, post, media: [] }, now, uri);
		return answer(200, { uri, cid, commit: { cid, rev: '3k' } });
	}

	private read({ query, now }: Received): HttpResponse {
		const uri = `at://${query.get('repo')}/${query.get('collection')}/${query.get('rkey')}`;
		const record = this.records.get(uri);
		const entry = this.entries.find((each) => each.id === uri);
		if (record === undefined || entry === undefined || entry.listedAt > now) {
			return answer(400, { error: 'RecordNotFound', message: `Could not locate record: ${uri}` });
		}
		return answer(200, { uri, cid: record.cid, value: record.value });
	}
}
