import type { Request, Response, Router } from 'express';
import { jsonBody, multipartBody, queryParam, routeParam } from '../body';
import { callOf } from '../calls';
import { snowflake } from '../ids';
import { sniffImage } from '../images';
import type { Account, XMedia } from '../records';
import type { SandboxState } from '../state';
import { invalidRequest } from './errors';

const MB = 1024 * 1024;
const USABLE_MS = 86_400_000;
const SESSION_SECONDS = 1_295_999;
const IMAGE_TYPES = ['image/jpeg', 'image/png', 'image/gif', 'image/webp'];
const CATEGORIES = ['tweet_image', 'tweet_gif'];

/** Upload of pictures; videos are not part of the sandbox and are refused. */
export function xMedia(router: Router, state: SandboxState): void {
	router.post('/2/media/upload/initialize', (req, res) => initialize(req, res, state));
	router.post('/2/media/upload/:id/append', async (req, res) => await append(req, res, state));
	router.post('/2/media/upload/:id/finalize', (req, res) => {
		const media = owned(res, state, routeParam(req, 'id'));
		if (!media) return;
		const chunks = state.chunks.get(media.id);
		if (media.finalizedAt !== null || !chunks) {
			return invalidRequest(res, 'Invalid media id. The upload is not open.', { id: [media.id] });
		}
		const ordered = [...chunks.entries()].sort(([a], [b]) => a - b);
		const gap = ordered.some(([index], position) => index !== position);
		const bytes = Buffer.concat(ordered.map(([, chunk]) => chunk));
		if (gap || bytes.length !== media.totalBytes) {
			return invalidRequest(res, `Segments do not add up to provided total file size.`, {
				id: [media.id],
			});
		}
		state.chunks.delete(media.id);
		complete(res, state, media, bytes);
	});
	router.get('/2/media/upload', (req, res) => {
		if (queryParam(req, 'command') !== 'STATUS') {
			return invalidRequest(res, 'The `command` query parameter value is not one of [STATUS]', {
				command: [queryParam(req, 'command') ?? ''],
			});
		}
		const media = owned(res, state, queryParam(req, 'media_id') ?? '');
		if (media) res.status(200).json({ data: view(state, media) });
	});
	router.post('/2/media/upload', async (req, res) => await upload(req, res, state));
	router.post('/2/media/metadata', (req, res) => describe(req, res, state));
}

/** The picture if this account may post it now. */
export function usableMedia(state: SandboxState, account: Account, id: string): XMedia | undefined {
	const media = state.xMedia.get(id);
	if (!media || media.accountId !== account.id || media.finalizedAt === null) return undefined;
	if (media.problem !== null || media.readyAt > state.now()) return undefined;
	return state.now() - media.finalizedAt < USABLE_MS ? media : undefined;
}

function initialize(req: Request, res: Response, state: SandboxState): void {
	const body = jsonBody(req);
	if (!body) return invalidRequest(res, 'The request body is not valid JSON.');
	const { media_type: mime, media_category: category, total_bytes: total } = body;
	const known = ['media_type', 'media_category', 'total_bytes', 'additional_owners', 'shared'];
	const unknown = Object.keys(body).find((name) => !known.includes(name));
	if (unknown !== undefined) {
		return invalidRequest(
			res,
			`$.${unknown}: is not defined in the schema and the schema does not allow additional properties`,
		);
	}
	const problem = declaredProblem(mime, category, total);
	if (problem) return invalidRequest(res, problem);
	const media = newMedia(state, callOf(res).account, String(mime), String(category), Number(total));
	state.chunks.set(media.id, new Map());
	res.status(200).json({
		data: { id: media.id, media_key: `3_${media.id}`, expires_after_secs: SESSION_SECONDS },
	});
}

function declaredProblem(mime: unknown, category: unknown, total: unknown): string | null {
	if (typeof mime !== 'string' || !IMAGE_TYPES.includes(mime)) {
		return `$.media_type: [${String(mime)}] is not a supported media type`;
	}
	if (typeof category !== 'string' || !CATEGORIES.includes(category)) {
		return `$.media_category: [${String(category)}] is not a supported media category`;
	}
	if (typeof total !== 'number' || !Number.isInteger(total) || total < 1) {
		return '$.total_bytes: must be a positive integer';
	}
	return total > maxBytes(category) ? `File size exceeds ${maxBytes(category)} bytes.` : null;
}

function maxBytes(category: string): number {
	return category === 'tweet_gif' ? 15 * MB : 5 * MB;
}

function newMedia(
	state: SandboxState,
	account: Account | null,
	mime: string,
	category: string,
	totalBytes: number,
): XMedia {
	const createdAt = state.now();
	const id = snowflake(createdAt);
	return state.xMedia.put(id, {
		id,
		accountId: account?.id ?? '',
		category,
		mime,
		totalBytes,
		createdAt,
		finalizedAt: null,
		readyAt: createdAt,
		sha256: null,
		size: 0,
		problem: null,
		altText: null,
	});
}

async function append(req: Request, res: Response, state: SandboxState): Promise<void> {
	const media = owned(res, state, routeParam(req, 'id'));
	if (!media) return;
	const chunks = state.chunks.get(media.id);
	if (media.finalizedAt !== null || !chunks) {
		return invalidRequest(res, 'Invalid media id. The upload is not open.', { id: [media.id] });
	}
	const parts = await multipartBody(req);
	const json = parts ? null : jsonBody(req);
	const index = Number(parts ? (parts.fields.segment_index ?? NaN) : (json?.segment_index ?? NaN));
	const bytes = parts ? parts.files.media : decodeMedia(json?.media);
	if (!Number.isInteger(index) || index < 0 || index > 999) {
		return invalidRequest(res, '$.segment_index: must be an integer between 0 and 999');
	}
	if (!bytes || bytes.length === 0) return invalidRequest(res, '$.media: is missing');
	chunks.set(index, bytes);
	const size = [...chunks.values()].reduce((sum, chunk) => sum + chunk.length, 0);
	if (size > media.totalBytes) {
		chunks.delete(index);
		return invalidRequest(res, 'Segments exceed the provided total file size.');
	}
	const expiresAt = Math.floor(media.createdAt / 1000) + SESSION_SECONDS;
	res.status(200).json({ data: { expires_at: expiresAt } });
}

function decodeMedia(value: unknown): Buffer | undefined {
	if (typeof value !== 'string' || !/^[A-Za-z0-9+/]+={0,2}$/.test(value)) return undefined;
	return Buffer.from(value, 'base64');
}

async function upload(req: Request, res: Response, state: SandboxState): Promise<void> {
	const parts = await multipartBody(req);
	const json = parts ? null : jsonBody(req);
	const bytes = parts ? parts.files.media : decodeMedia(json?.media);
	const category = parts ? parts.fields.media_category : json?.media_category;
	if (!bytes || bytes.length === 0) return invalidRequest(res, '$.media: is missing');
	if (category !== 'tweet_image') {
		return invalidRequest(res, `$.media_category: [${String(category)}] is not supported here`);
	}
	const declared = parts ? parts.fields.media_type : json?.media_type;
	const mime = typeof declared === 'string' ? declared : (sniffImage(bytes)?.mime ?? '');
	const problem = declaredProblem(mime, category, bytes.length);
	if (problem) return invalidRequest(res, problem);
	const media = newMedia(state, callOf(res).account, mime, category, bytes.length);
	complete(res, state, media, bytes);
}

function complete(res: Response, state: SandboxState, media: XMedia, bytes: Buffer): void {
	const facts = sniffImage(bytes);
	const animated = media.category === 'tweet_gif';
	const problem =
		facts === null
			? 'Unsupported raw media type'
			: facts.mime === 'image/gif' && animated
				? gifProblem(facts)
				: animated
					? 'The media is not a GIF'
					: null;
	const waits = state.settings.processingMs.xMedia;
	if (problem !== null && waits === 0) {
		state.xMedia.put(media.id, { ...media, finalizedAt: state.now(), problem });
		return invalidRequest(res, problem, { id: [media.id] });
	}
	const done = state.xMedia.put(media.id, {
		...media,
		mime: facts?.mime ?? media.mime,
		finalizedAt: state.now(),
		readyAt: state.now() + waits,
		sha256: state.saveBlob(bytes),
		size: bytes.length,
		problem,
	});
	res.status(200).json({ data: view(state, done) });
}

function gifProblem(facts: { width: number; height: number; frames: number }): string | null {
	if (facts.width > 1280 || facts.height > 1080) return 'GIF dimensions exceed 1280x1080';
	if (facts.frames > 350) return 'GIF has more than 350 frames';
	return facts.width * facts.height * facts.frames > 300_000_000
		? 'GIF has more than 300 million pixels'
		: null;
}

function view(state: SandboxState, media: XMedia): Record<string, unknown> {
	const base = {
		id: media.id,
		media_key: `3_${media.id}`,
		size: media.size,
		expires_after_secs: USABLE_MS / 1000,
	};
	if (media.finalizedAt === null || media.readyAt === media.finalizedAt) return base;
	const left = media.readyAt - state.now();
	if (left > 0) {
		const total = media.readyAt - media.finalizedAt;
		return {
			...base,
			processing_info: {
				state: left < total ? 'in_progress' : 'pending',
				check_after_secs: Math.max(1, Math.ceil(left / 1000)),
				progress_percent: Math.floor((1 - left / total) * 100),
			},
		};
	}
	if (media.problem !== null) {
		return {
			...base,
			processing_info: {
				state: 'failed',
				error: { code: 1, name: 'InvalidMedia', message: media.problem },
			},
		};
	}
	return { ...base, processing_info: { state: 'succeeded', progress_percent: 100 } };
}

function owned(res: Response, state: SandboxState, id: string): XMedia | null {
	const media = state.xMedia.get(id);
	if (media && media.accountId === callOf(res).account?.id) return media;
	invalidRequest(res, 'Your media IDs are invalid.', { id: [id] });
	return null;
}

function describe(req: Request, res: Response, state: SandboxState): void {
	const body = jsonBody(req);
	const id = body?.id;
	const metadata = body?.metadata as { alt_text?: { text?: unknown } } | undefined;
	const text = metadata?.alt_text?.text;
	if (typeof id !== 'string' || typeof text !== 'string' || text === '') {
		return invalidRequest(res, '$.metadata.alt_text.text: is missing');
	}
	if ([...text].length > 1000) {
		return invalidRequest(res, '$.metadata.alt_text.text: must be at most 1000 characters long');
	}
	const media = owned(res, state, id);
	if (!media) return;
	state.xMedia.put(id, { ...media, altText: text });
	res.status(200).json({ data: { id, associated_metadata: { alt_text: { text } } } });
}
