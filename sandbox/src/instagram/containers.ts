import type { Request, Response } from 'express';
import { faultOf } from '../faults';
import { graphId } from '../ids';
import { sniffImage } from '../images';
import type { Account, Container } from '../records';
import type { SandboxState } from '../state';
import {
	fetchFailed,
	GRAPH_ERRORS,
	graphAnswer,
	graphError,
	invalidParameter,
	missingParameter,
} from './errors';
import type { GraphError } from './errors';
import { fetchImage } from './fetch-image';
import { graphParams } from './params';

const MAX_BYTES = 8 * 1024 * 1024;
const LIFE_MS = 86_400_000;
const CONTAINERS_PER_DAY = 400;
const KNOWN_PARAMETERS = new Set([
	'access_token',
	'alt_text',
	'caption',
	'children',
	'collaborators',
	'image_url',
	'is_carousel_item',
	'location_id',
	'media_type',
	'user_tags',
	'video_url',
]);

export type ContainerStatus = 'IN_PROGRESS' | 'FINISHED' | 'PUBLISHED' | 'ERROR' | 'EXPIRED';

export function containerStatus(state: SandboxState, container: Container): ContainerStatus {
	if (container.publishedAs !== null) return 'PUBLISHED';
	if (state.now() - container.createdAt >= LIFE_MS) return 'EXPIRED';
	if (container.readyAt > state.now()) return 'IN_PROGRESS';
	return container.problem === null ? 'FINISHED' : 'ERROR';
}

/** The `status` sentence beside `status_code`. */
export function statusSentence(state: SandboxState, container: Container): string {
	const code = containerStatus(state, container);
	const sentences: Record<ContainerStatus, string> = {
		IN_PROGRESS: 'In Progress: Media is still being processed.',
		FINISHED: 'Finished: Media has been uploaded and it is ready to be published.',
		PUBLISHED: 'Published: Media has been published.',
		ERROR: container.problem ?? 'Error',
		EXPIRED: 'Expired: Media was not published within 24 hours.',
	};
	return sentences[code];
}

/** `POST /{ig-id}/media`. */
export async function createContainer(
	req: Request,
	res: Response,
	state: SandboxState,
	account: Account,
): Promise<void> {
	const params = graphParams(req);
	const unknown = Object.keys(params).find((name) => !KNOWN_PARAMETERS.has(name));
	if (unknown !== undefined) {
		return graphError(res, invalidParameter(`Param ${unknown} is not supported`));
	}
	if (!countContainer(state, account)) return graphError(res, GRAPH_ERRORS.dailyCap);
	const problem = captionProblem(params.caption ?? '') ?? altTextProblem(params);
	if (problem) return graphError(res, problem);
	const made =
		params.media_type === 'CAROUSEL'
			? makeCarousel(state, account, params)
			: await makeImage(state, account, params);
	if ('code' in made) return graphError(res, made);
	const failure = faultOf(res, 'container_error');
	const createdAt = state.now();
	const container: Container = {
		...made,
		id: graphId(createdAt),
		accountId: account.id,
		isCarouselItem: params.is_carousel_item === 'true',
		caption: params.caption ?? '',
		altText: params.alt_text ?? null,
		createdAt,
		readyAt: createdAt + state.settings.processingMs.instagramContainer,
		problem: failure ? `Error: Media upload has failed with error code ${failure.subcode}` : null,
		publishedAs: null,
	};
	state.containers.put(container.id, container);
	graphAnswer(res, { id: container.id });
}

/** False when the account has made its containers for today. */
function countContainer(state: SandboxState, account: Account): boolean {
	const { enabled, overrides } = state.settings.rateLimits;
	const limit = overrides['instagram:container.create']?.limit ?? CONTAINERS_PER_DAY;
	const key = `instagram:containers:${account.id}`;
	const known = state.counters.get(key);
	const fresh = known && state.now() - known.startedAt < LIFE_MS ? known : undefined;
	const counter = fresh ?? { startedAt: state.now(), count: 0 };
	if (enabled && counter.count >= limit) return false;
	counter.count += 1;
	state.counters.set(key, counter);
	return true;
}

type Made = Pick<Container, 'kind' | 'sha256' | 'mime' | 'children'>;

function makeCarousel(
	state: SandboxState,
	account: Account,
	params: Record<string, string>,
): Made | GraphError {
	const ids = (params.children ?? '').split(',').filter((id) => id !== '');
	const children = ids.map((id) => state.containers.get(id));
	const fits = children.every((child) => child?.accountId === account.id && child.isCarouselItem);
	if (ids.length < 2 || ids.length > 10 || !fits) return GRAPH_ERRORS.carousel;
	const ready = children.every((child) => child && containerStatus(state, child) === 'FINISHED');
	if (!ready) return GRAPH_ERRORS.notReady;
	return { kind: 'carousel', sha256: null, mime: null, children: ids };
}

async function makeImage(
	state: SandboxState,
	account: Account,
	params: Record<string, string>,
): Promise<Made | GraphError> {
	if (params.media_type !== undefined && params.media_type !== 'IMAGE') {
		return GRAPH_ERRORS.mediaType;
	}
	const uri = params.image_url;
	if (!uri) return missingParameter('image_url');
	if (account.restricted) return GRAPH_ERRORS.checkpoint;
	const fetched = await fetchImage(state, uri, MAX_BYTES);
	if ('tooLarge' in fetched) return GRAPH_ERRORS.imageTooLarge;
	if ('failed' in fetched) return fetchFailed(uri);
	const facts = sniffImage(fetched.bytes);
	if (facts?.mime !== 'image/jpeg') return GRAPH_ERRORS.imageFormat;
	const ratio = facts.width / facts.height;
	// 4:5 to 1.91:1, with the rounding of a whole pixel.
	if (ratio < 0.8 - 1 / facts.height || ratio > 1.91 + 1 / facts.height) {
		return GRAPH_ERRORS.aspectRatio;
	}
	return {
		kind: 'image',
		sha256: state.saveBlob(fetched.bytes),
		mime: facts.mime,
		children: [],
	};
}

function captionProblem(caption: string): GraphError | null {
	const hashtags = caption.match(/(^|[^\p{L}\p{N}_&])#[\p{L}\p{N}_]+/gu)?.length ?? 0;
	const mentions = caption.match(/(^|[^\p{L}\p{N}_@])@[A-Za-z0-9_.]+/gu)?.length ?? 0;
	return [...caption].length > 2200 || hashtags > 30 || mentions > 20
		? GRAPH_ERRORS.captionTooLong
		: null;
}

function altTextProblem(params: Record<string, string>): GraphError | null {
	return [...(params.alt_text ?? '')].length > 1000
		? invalidParameter('Param alt_text must be at most 1000 characters long')
		: null;
}
