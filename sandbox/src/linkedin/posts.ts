import type { Request, Response, Router } from 'express';
import { authorUrn } from '../accounts';
import { jsonBody, queryParam, routeParam } from '../body';
import { callOf } from '../calls';
import { shareId } from '../ids';
import type { Account, Entry, EntryMedia } from '../records';
import type { SandboxState } from '../state';
import { authorAccount, mayPostAs } from './authors';
import { accessDenied, contentError, duplicatePost, linkedinError, schemaError } from './errors';
import { assetStatus } from './images';
import { dailyLimit } from './limits';
import { readLittleText } from './little-text';
import { imagesOf, readPostBody } from './post-body';
import type { PostBody } from './post-body';

/** Longest commentary, counted as sent, backslashes included (LinkedIn does not say which). */
const MAX_COMMENTARY = 3000;

/** Posts API: create, find by author, read, delete. */
export function linkedinPosts(router: Router, state: SandboxState): void {
	router.post('/rest/posts', (req, res) => createPost(req, res, state));
	router.get('/rest/posts', (req, res) => findPosts(req, res, state));
	router.get('/rest/posts/:urn', (req, res) => {
		const entry = state.entries.get(`linkedin:${routeParam(req, 'urn')}`);
		if (!mayRead(state, res, entry)) return accessDenied(res, 'partnerApiPostsExternal.GET');
		if (!entry || entry.deletedAt !== null) {
			return linkedinError(res, 404, { message: 'Not Found', code: 'NOT_FOUND' });
		}
		res.status(200).json(view(state, entry));
	});
	router.delete('/rest/posts/:urn', (req, res) => {
		const entry = state.entries.get(`linkedin:${routeParam(req, 'urn')}`);
		const { account, token } = callOf(res);
		const author = entry && state.account('linkedin', entry.accountId);
		const allowed =
			account && token && author && mayPostAs(state, account, token.scopes, authorUrn(author));
		if (entry && !allowed) return accessDenied(res, 'partnerApiPostsExternal.DELETE');
		if (entry && entry.deletedAt === null) {
			state.saveEntry({ ...entry, deletedAt: state.now() });
		}
		// Deletes are idempotent by LinkedIn's documentation: what is gone answers the same.
		res.status(204).end();
	});
}

function createPost(req: Request, res: Response, state: SandboxState): void {
	const { account: member, token } = callOf(res);
	if (!member || !token) return;
	const json = jsonBody(req);
	if (!json) return linkedinError(res, 400, { message: 'The request body is not valid JSON' });
	const read = readPostBody(json);
	if (!('body' in read)) return schemaError(res, read.field, read.problem);
	const { body } = read;
	const author = authorAccount(state, body.author);
	if (!author || !mayPostAs(state, member, token.scopes, body.author)) {
		return accessDenied(
			res,
			`partnerApiPostsExternal.CREATE.${String(req.headers['linkedin-version'])}01`,
		);
	}
	if (author.restricted) return accessDenied(res, 'this resource: the account is restricted');
	if (body.commentary.length > MAX_COMMENTARY) {
		return contentError(
			res,
			400,
			`ShareCommentary text length (${body.commentary.length} characters) exceeded the maximum allowed (${MAX_COMMENTARY} characters)`,
			'FIELD_ARRAY_SIZE_TOO_HIGH',
			`ShareCommentary text length (${body.commentary.length} characters) exceeded the maximum allowed (${MAX_COMMENTARY} characters)`,
		);
	}
	const text = readLittleText(body.commentary);
	if ('malformed' in text) {
		return contentError(
			res,
			400,
			`Commentary has a malformed ${text.malformed}`,
			'INVALID_FORMAT',
			'The commentary is not valid little text',
		);
	}
	const media = readMedia(res, state, body);
	if (!media) return;
	if (text.shown.trim() === '' && body.content === undefined) {
		return contentError(res, 400, 'Post has no content', 'FIELD_VALUE_EMPTY', 'Post is empty');
	}
	const duplicateKey = JSON.stringify([body.commentary, media.map(({ remoteId }) => remoteId)]);
	const twin = state.findDuplicate('linkedin', author.id, duplicateKey);
	if (twin) return duplicatePost(res, twin.id);
	if (!dailyLimit(state, res, member, token.clientId)) return;
	const entry = savePost(state, author, body, text.shown, media, duplicateKey);
	res.status(201).set({ 'x-restli-id': entry.id, 'content-length': '0' }).end();
}

/** Pictures of the post, or null after an error was sent. */
function readMedia(res: Response, state: SandboxState, body: PostBody): EntryMedia[] | null {
	const media: EntryMedia[] = [];
	for (const { id, altText } of imagesOf(body)) {
		const asset = state.assets.get(id);
		if (!asset || asset.owner !== body.author) {
			contentError(
				res,
				400,
				`Asset ${id} does not exist or does not belong to the author`,
				'INVALID_URN_ID',
				'The media asset cannot be used by the author',
			);
			return null;
		}
		const status = assetStatus(state, asset);
		if (status !== 'AVAILABLE') {
			contentError(
				res,
				400,
				`Asset ${id} is not available: ${status}`,
				`MEDIA_ASSET_${status === 'PROCESSING' ? 'PROCESSING' : status}`,
				'The media asset is not ready to be posted',
			);
			return null;
		}
		media.push({
			sha256: asset.sha256 ?? '',
			mime: asset.mime ?? '',
			altText,
			remoteId: asset.urn,
		});
	}
	return media;
}

function savePost(
	state: SandboxState,
	author: Account,
	body: PostBody,
	text: string,
	media: EntryMedia[],
	duplicateKey: string,
): Entry {
	const createdAt = state.now();
	return state.saveEntry({
		platform: 'linkedin',
		accountId: author.id,
		id: `urn:li:share:${shareId(createdAt)}`,
		text,
		media,
		createdAt,
		deletedAt: null,
		duplicateKey,
		linkedin: {
			commentary: body.commentary,
			visibility: body.visibility,
			content: body.content ?? null,
		},
	});
}

function mayRead(state: SandboxState, res: Response, entry: Entry | undefined): boolean {
	const { account, token } = callOf(res);
	if (!account || !token) return false;
	const author = entry && state.account('linkedin', entry.accountId);
	if (!author) return token.scopes.some((scope) => /^r_(organization|member)_social$/.test(scope));
	if (author.kind === 'organization') {
		return token.scopes.includes('r_organization_social') && author.admins.includes(account.id);
	}
	return token.scopes.includes('r_member_social');
}

function findPosts(req: Request, res: Response, state: SandboxState): void {
	const { account, token } = callOf(res);
	if (queryParam(req, 'q') !== 'author') {
		return linkedinError(res, 400, { message: 'Unknown finder', code: 'ILLEGAL_ARGUMENT' });
	}
	const author = authorAccount(state, queryParam(req, 'author') ?? '');
	const scope = author?.kind === 'organization' ? 'r_organization_social' : 'r_member_social';
	const related =
		author && account && (author.admins.includes(account.id) || author.id === account.id);
	if (!author || !related || !token?.scopes.includes(scope)) {
		return accessDenied(res, 'partnerApiPostsExternal.FINDER-author');
	}
	const start = Number(queryParam(req, 'start') ?? '0');
	const count = Number(queryParam(req, 'count') ?? '10');
	if (
		!Number.isInteger(start) ||
		start < 0 ||
		!Number.isInteger(count) ||
		count < 1 ||
		count > 100
	) {
		return linkedinError(res, 400, { message: 'Invalid start or count', code: 'ILLEGAL_ARGUMENT' });
	}
	const seenBefore = state.now() - state.settings.indexLagMs.linkedin;
	const found = state
		.timeline('linkedin', author.id)
		.filter((entry) => entry.deletedAt === null && entry.createdAt <= seenBefore)
		.sort((a, b) => b.createdAt - a.createdAt);
	res.status(200).json({
		paging: { start, count, links: [], total: found.length },
		elements: found.slice(start, start + count).map((entry) => view(state, entry)),
	});
}

function view(state: SandboxState, entry: Entry): Record<string, unknown> {
	return {
		id: entry.id,
		author: authorUrn(state.account('linkedin', entry.accountId)),
		commentary: entry.linkedin?.commentary,
		visibility: entry.linkedin?.visibility,
		...(entry.linkedin?.content ? { content: entry.linkedin.content } : {}),
		distribution: {
			feedDistribution: 'MAIN_FEED',
			targetEntities: [],
			thirdPartyDistributionChannels: [],
		},
		createdAt: entry.createdAt,
		publishedAt: entry.createdAt,
		lastModifiedAt: entry.createdAt,
		lifecycleState: 'PUBLISHED',
		lifecycleStateInfo: { isEditedByAuthor: false },
		isReshareDisabledByAuthor: false,
	};
}
