import type { Request, Response, Router } from 'express';
import { jsonBody, routeParam } from '../body';
import { callOf } from '../calls';
import { snowflake } from '../ids';
import { entryUrl } from '../ledger';
import type { Account, Entry, XMedia } from '../records';
import type { SandboxState } from '../state';
import {
	creditsDepleted,
	DUPLICATE_DETAIL,
	forbidden,
	invalidRequest,
	NOT_PERMITTED,
	problem,
	spendCapReached,
} from './errors';
import { usableMedia } from './media';
import { readTweetBody } from './tweet-body';
import type { TweetBody } from './tweet-body';
import {
	apiText,
	countCashtags,
	hasInvalidCharacters,
	MAX_WEIGHTED_LENGTH,
	normalise,
	weightedLength,
} from './text';

/** Create and delete posts. */
export function xTweets(router: Router, state: SandboxState): void {
	router.post('/2/tweets', (req, res) => createTweet(req, res, state));
	router.delete('/2/tweets/:id', (req, res) => {
		const { account } = callOf(res);
		const entry = state.entries.get(`x:${routeParam(req, 'id')}`);
		if (!entry || entry.deletedAt !== null) {
			return problem(res, 404, {
				title: 'Not Found',
				detail: 'Not Found',
				type: 'about:blank',
				status: 404,
			});
		}
		if (entry.accountId !== account?.id) {
			return forbidden(res, 'You are not authorized to delete this Tweet.');
		}
		state.saveEntry({ ...entry, deletedAt: state.now() });
		res.status(200).json({ data: { deleted: true } });
	});
}

function createTweet(req: Request, res: Response, state: SandboxState): void {
	const account = callOf(res).account;
	if (!account) return;
	if (account.credits === 'depleted') return problem(res, 402, creditsDepleted(account.id));
	if (account.credits === 'spend_cap') return problem(res, 403, spendCapReached(state.now()));
	if (account.restricted) {
		return forbidden(res, 'Your account is suspended and is not permitted to access this feature.');
	}
	const json = jsonBody(req);
	if (!json) return invalidRequest(res, 'The request body is not valid JSON.');
	const read = readTweetBody(json);
	if (!('body' in read)) {
		return invalidRequest(res, read.message, { [read.parameter]: [] });
	}
	const { body } = read;
	const text = normalise(body.text ?? '');
	const media = readMedia(res, state, account, body);
	if (media === null) return;
	if (!textAllowed(res, text, body)) return;
	if (!repliesAllowed(res, state, account, body)) return;
	const duplicateKey = text === '' ? null : text;
	if (duplicateKey !== null && state.findDuplicate('x', account.id, duplicateKey)) {
		return forbidden(res, DUPLICATE_DETAIL);
	}
	const entry = post(state, account, body, text, media, duplicateKey);
	res.status(201).json({
		data: {
			edit_history_tweet_ids: [entry.id],
			edit_history_post_ids: [entry.id],
			id: entry.id,
			text: entry.x?.shown,
		},
	});
}

/** The named pictures, or null after an error was sent. */
function readMedia(
	res: Response,
	state: SandboxState,
	account: Account,
	body: TweetBody,
): XMedia[] | null {
	const ids = body.media?.media_ids ?? [];
	const media = ids.map((id) => usableMedia(state, account, id));
	const usable = media.filter((found) => found !== undefined);
	const videos = usable.filter((found) => found.category !== 'tweet_image');
	if (usable.length !== ids.length || new Set(ids).size !== ids.length) {
		invalidRequest(res, 'Your media IDs are invalid.', { 'media.media_ids': ids });
		return null;
	}
	if (videos.length > 0 && ids.length > 1) {
		invalidRequest(res, 'A Tweet can have up to 4 photos, or 1 GIF, or 1 video.', {
			'media.media_ids': ids,
		});
		return null;
	}
	return usable;
}

function textAllowed(res: Response, text: string, body: TweetBody): boolean {
	if (text === '' && body.media === undefined) {
		invalidRequest(res, 'text or media is required', { text: [''] });
		return false;
	}
	if (body.media !== undefined && (body.poll !== undefined || body.quote_tweet_id !== undefined)) {
		invalidRequest(res, 'media, poll and quote_tweet_id are mutually exclusive');
		return false;
	}
	if (hasInvalidCharacters(text)) {
		invalidRequest(res, 'The text holds characters that are not allowed.', { text: [] });
		return false;
	}
	if (weightedLength(text) > MAX_WEIGHTED_LENGTH) {
		invalidRequest(
			res,
			'Your Tweet text is too long. For more information on how Twitter determines text length see https://github.com/twitter/twitter-text.',
			{ text: [] },
		);
		return false;
	}
	if (countCashtags(text) > 1) {
		forbidden(
			res,
			'Your post contains more than one cashtag. Only one cashtag is allowed per post.',
		);
		return false;
	}
	return true;
}

/** Self-serve rules since 2026-02-23: no quotes, replies only when summoned or in one's own thread. */
function repliesAllowed(
	res: Response,
	state: SandboxState,
	account: Account,
	body: TweetBody,
): boolean {
	if (body.quote_tweet_id !== undefined) {
		forbidden(res, NOT_PERMITTED);
		return false;
	}
	if (body.reply === undefined) return true;
	const parent = state.entries.get(`x:${body.reply.in_reply_to_tweet_id}`);
	if (!parent || parent.deletedAt !== null) {
		forbidden(res, 'You attempted to reply to a Tweet that is deleted or not visible to you.');
		return false;
	}
	const summoned = new RegExp(`@${account.handle}\\b`, 'i').test(parent.text);
	if (parent.accountId !== account.id && !summoned) {
		forbidden(
			res,
			'You can only reply to posts whose author has mentioned you or quoted your post.',
		);
		return false;
	}
	return true;
}

function post(
	state: SandboxState,
	account: Account,
	body: TweetBody,
	text: string,
	media: XMedia[],
	duplicateKey: string | null,
): Entry {
	const createdAt = state.now();
	const entry: Entry = {
		platform: 'x',
		accountId: account.id,
		id: snowflake(createdAt),
		text,
		media: media.map((picture) => ({
			sha256: picture.sha256 ?? '',
			mime: picture.mime,
			altText: picture.altText,
			remoteId: picture.id,
		})),
		createdAt,
		deletedAt: null,
		duplicateKey,
	};
	const photo = `${entryUrl(state, entry)}/photo/1`;
	const keys = media.map((picture) => `3_${picture.id}`);
	return state.saveEntry({
		...entry,
		x: {
			...apiText(text, media.length === 0 ? null : { url: photo, keys }),
			replyTo: body.reply?.in_reply_to_tweet_id ?? null,
			quoted: body.quote_tweet_id ?? null,
		},
	});
}
