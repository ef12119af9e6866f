import type { HttpResponse } from '../../ports';
import type { Intent } from '../../store/contract';
import { isSuccess, jsonOf, objectAt, textAt, type Json } from '../answers';
import type { LookUpContext, LookUpVerdict } from '../platform';
import { tooEarly, unknown } from '../timeline';
import { canonical, postUrl, readPath, recordUri } from './record';

const READ_LIMIT_MS = 15_000;

/**
 * Reads the record under the post's own key (protocol §7). Found: its content is what an intent of
 * this step froze. Absent: the server that holds the account has no such record. Another content
 * under our key is for a person.
 */
export async function lookUp(context: LookUpContext): Promise<LookUpVerdict> {
	const early = tooEarly(context);
	if (early !== null) return early;
	const sent = frozenBody(context.intent);
	const rkey = textAt(sent, 'rkey');
	if (rkey === undefined || textAt(sent, 'repo') !== context.account.remoteId) {
		return unknown(context, 'no_key', 'the saved request names no record of this account', null);
	}
	const answer = await read(context, readPath(context.account, rkey));
	if (typeof answer === 'string') return unknown(context, 'unread', answer);
	if (isSuccess(answer)) return compare(context, answer, rkey);
	const body = jsonOf(answer) ?? {};
	if (answer.status === 400 && textAt(body, 'error') === 'RecordNotFound') {
		return await absentIfHeldHere(context, rkey);
	}
	return unknown(context, 'unread', `reading the record was answered with HTTP ${answer.status}`);
}

function frozenBody(intent: Intent): Json {
	return jsonOf({ text: intent.request.body }) ?? {};
}

async function read(context: LookUpContext, path: string): Promise<HttpResponse | string> {
	const request = context.authorize({
		method: 'GET',
		path,
		headers: { accept: 'application/json' },
		limitMs: READ_LIMIT_MS,
	});
	const answer = await context.http.send(request);
	return answer.kind === 'response'
		? answer
		: `the account’s server could not be read (${answer.reason})`;
}

function compare(context: LookUpContext, answer: HttpResponse, rkey: string): LookUpVerdict {
	const body = jsonOf(answer);
	const uri = recordUri(context.account, rkey);
	if (body === null || textAt(body, 'uri') !== uri || body.value === undefined) {
		return unknown(context, 'unread', 'the record came back unreadable');
	}
	const there = canonical(body.value);
	const ours = [context.intent, ...context.intents].some(
		(intent) => canonical(objectAt(frozenBody(intent), 'record')) === there,
	);
	return ours
		? { verdict: 'found', remoteId: uri, url: postUrl(context.account, rkey), by: 'lookup' }
		: unknown(
				context,
				'another',
				`under this post’s key there is another entry (${uri}), which was changed or made elsewhere`,
				null,
			);
}

/**
 * A server that does not hold the account passes the question on to an index that lags, so "not
 * found" counts only where the account lives (com.atproto.sync.getRepoStatus answers only there).
 */
async function absentIfHeldHere(context: LookUpContext, rkey: string): Promise<LookUpVerdict> {
	const did = context.account.remoteId;
	const query = new URLSearchParams({ did });
	const answer = await read(context, `/xrpc/com.atproto.sync.getRepoStatus?${query.toString()}`);
	if (typeof answer === 'string') return unknown(context, 'unread', answer);
	const body = jsonOf(answer) ?? {};
	if (!isSuccess(answer) || textAt(body, 'did') !== did) {
		return unknown(
			context,
			'elsewhere',
			'the record is not there, but the server does not say that it holds the account',
		);
	}
	return {
		verdict: 'absent',
		proof: { uri: recordUri(context.account, rkey), rev: body.rev ?? null, at: context.nowMs },
	};
}
