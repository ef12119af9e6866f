import type { Request, Response, Router } from 'express';
import { queryParam, routeParam } from '../body';
import { callOf } from '../calls';
import type { Entry } from '../records';
import type { SandboxState } from '../state';
import { forbidden, invalidRequest, NOT_PERMITTED, notFound } from './errors';

const TWEET_FIELDS = new Set([
	'article',
	'attachments',
	'author_id',
	'card_uri',
	'community_id',
	'context_annotations',
	'conversation_id',
	'created_at',
	'display_text_range',
	'edit_controls',
	'edit_history_tweet_ids',
	'entities',
	'geo',
	'id',
	'in_reply_to_user_id',
	'lang',
	'media_metadata',
	'non_public_metrics',
	'note_tweet',
	'organic_metrics',
	'paid_partnership',
	'possibly_sensitive',
	'promoted_metrics',
	'public_metrics',
	'referenced_tweets',
	'reply_settings',
	'scopes',
	'source',
	'suggested_source_links',
	'text',
	'withheld',
]);

/** Who-am-I, one post by id, and a user's own timeline. */
export function xReads(router: Router, state: SandboxState): void {
	router.get('/2/users/me', (_req, res) => {
		const { account } = callOf(res);
		if (!account) return forbidden(res, NOT_PERMITTED);
		res.status(200).json({
			data: { id: account.id, name: account.displayName, username: account.handle },
		});
	});
	router.get('/2/tweets/:id', (req, res) => {
		const fields = readFields(req, res);
		if (!fields) return;
		const id = routeParam(req, 'id');
		const entry = state.entries.get(`x:${id}`);
		if (!entry || entry.deletedAt !== null) return notFound(res, 'tweet', id);
		res.status(200).json({ data: view(state, entry, fields) });
	});
	router.get('/2/tweets', (req, res) => {
		const fields = readFields(req, res);
		if (!fields) return;
		const ids = (queryParam(req, 'ids') ?? '').split(',').filter((id) => id !== '');
		if (ids.length < 1 || ids.length > 100 || ids.some((id) => !/^\d{1,19}$/.test(id))) {
			return invalidRequest(res, 'The `ids` query parameter must hold 1 to 100 ids.', { ids });
		}
		const found = ids
			.map((id) => state.entries.get(`x:${id}`))
			.filter((entry) => entry !== undefined && entry.deletedAt === null);
		res.status(200).json({ data: found.map((entry) => view(state, entry as Entry, fields)) });
	});
	router.get('/2/users/:id/tweets', (req, res) => readTimeline(req, res, state));
}

function readTimeline(req: Request, res: Response, state: SandboxState): void {
	const userId = routeParam(req, 'id');
	const fields = readFields(req, res);
	if (!fields) return;
	if (!state.accounts.get(`x:${userId}`)) return notFound(res, 'user', userId);
	const size = Number(queryParam(req, 'max_results') ?? '10');
	if (!Number.isInteger(size) || size < 5 || size > 100) {
		return invalidRequest(
			res,
			`The \`max_results\` query parameter value [${queryParam(req, 'max_results')}] is not between 5 and 100`,
			{ max_results: [queryParam(req, 'max_results') ?? ''] },
		);
	}
	const times = { start_time: -Infinity, end_time: Infinity };
	for (const name of ['start_time', 'end_time'] as const) {
		const value = queryParam(req, name);
		if (value === undefined) continue;
		times[name] = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,3})?Z$/.test(value)
			? Date.parse(value)
			: NaN;
		if (Number.isNaN(times[name])) {
			return invalidRequest(
				res,
				`The \`${name}\` query parameter value [${value}] does not match the required format YYYY-MM-DDTHH:mm:ssZ`,
				{ [name]: [value] },
			);
		}
	}
	const ids = { since_id: 0n, until_id: 9223372036854775807n };
	for (const name of ['since_id', 'until_id'] as const) {
		const value = queryParam(req, name);
		if (value === undefined) continue;
		if (!/^\d{1,19}$/.test(value)) {
			return invalidRequest(res, `The \`${name}\` query parameter value [${value}] is not valid`, {
				[name]: [value],
			});
		}
		ids[name] = BigInt(value);
	}
	const seenBefore = state.now() - state.settings.indexLagMs.x;
	const before = readPage(req);
	if (before === null) {
		return invalidRequest(res, 'The `pagination_token` query parameter value is not valid', {
			pagination_token: [queryParam(req, 'pagination_token') ?? ''],
		});
	}
	const found = state
		.timeline('x', userId)
		.filter(
			(entry) =>
				entry.deletedAt === null &&
				entry.createdAt <= seenBefore &&
				entry.createdAt >= times.start_time &&
				entry.createdAt < times.end_time &&
				BigInt(entry.id) > ids.since_id &&
				BigInt(entry.id) < ids.until_id &&
				BigInt(entry.id) < before,
		)
		.sort((a, b) => (BigInt(a.id) < BigInt(b.id) ? 1 : -1));
	const page = found.slice(0, size);
	const last = page.at(-1);
	const more = found.length > page.length && last !== undefined;
	res.status(200).json({
		...(page.length === 0 ? {} : { data: page.map((entry) => view(state, entry, fields)) }),
		meta: {
			result_count: page.length,
			...(page[0] && last ? { newest_id: page[0].id, oldest_id: last.id } : {}),
			...(more ? { next_token: Buffer.from(`b:${last.id}`).toString('base64url') } : {}),
		},
	});
}

/** Upper id bound of the asked page; null when the token is not one of ours. */
function readPage(req: Request): bigint | null {
	const token = queryParam(req, 'pagination_token');
	if (token === undefined) return 9223372036854775807n;
	const id = /^b:(\d+)$/.exec(Buffer.from(token, 'base64url').toString('utf8'))?.[1];
	return id === undefined ? null : BigInt(id);
}

function readFields(req: Request, res: Response): Set<string> | null {
	const asked = (queryParam(req, 'tweet.fields') ?? '').split(',').filter((name) => name !== '');
	const unknown = asked.find((name) => !TWEET_FIELDS.has(name));
	if (unknown === undefined) return new Set(asked);
	invalidRequest(
		res,
		`The \`tweet.fields\` query parameter value [${unknown}] is not one of the allowed`,
		{
			'tweet.fields': asked,
		},
	);
	return null;
}

function view(state: SandboxState, entry: Entry, fields: Set<string>): Record<string, unknown> {
	const optional: Record<string, unknown> = {
		created_at: new Date(entry.createdAt).toISOString(),
		author_id: entry.accountId,
		conversation_id: conversation(state, entry),
		lang: 'und',
		...(entry.x && entry.x.urls.length > 0 ? { entities: { urls: entry.x.urls } } : {}),
		...(entry.media.length > 0
			? {
					attachments: {
						media_keys: entry.media.map((media) => `3_${media.remoteId}`),
						media_ids: entry.media.map((media) => media.remoteId),
					},
				}
			: {}),
		...(entry.x?.replyTo
			? { referenced_tweets: [{ type: 'replied_to', id: entry.x.replyTo }] }
			: {}),
		public_metrics: {
			retweet_count: 0,
			reply_count: 0,
			like_count: 0,
			quote_count: 0,
			bookmark_count: 0,
			impression_count: 0,
		},
	};
	return {
		id: entry.id,
		text: entry.x?.shown ?? entry.text,
		edit_history_tweet_ids: [entry.id],
		...Object.fromEntries(Object.entries(optional).filter(([name]) => fields.has(name))),
	};
}

function conversation(state: SandboxState, entry: Entry): string {
	const parent = entry.x?.replyTo ? state.entries.get(`x:${entry.x.replyTo}`) : undefined;
	return parent ? conversation(state, parent) : entry.id;
}
