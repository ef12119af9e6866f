import type { StoreFunctions } from '../../core/store/contract';
import { contentKey, entryErrors, textKey } from './entries';
import { entryTime } from './instants';
import { closeOpen, settlePublished } from './publishing';
import { refuse, violation } from './refusal';
import type { PostRow } from './rows';
import { accountRow, liveKey, nextFence, postRow, refreshDue, save, type Call } from './tables';
import { copy, postView } from './views';

type Args<Name extends keyof StoreFunctions> = StoreFunctions[Name]['args'];
type Changes = {
	content?: PostRow['content'];
	scheduledAt?: string;
	wallTime?: string;
	timeZone?: string;
	maxLatenessMs?: number;
	as?: 'draft' | 'scheduled';
};

export function postUpdate(call: Call, args: Args<'social_post_update'>) {
	const { t } = call;
	const p = postRow(call, args.p_post_id, args.p_owner);
	const changes = args.p_changes as Changes;
	const version = args.p_version ?? null;
	if ((p.state !== 'draft' && p.state !== 'scheduled') || p.intents.length > 0) {
		refuse(
			409,
			'post_started',
			`The post is ${p.state} and was started already, so it cannot be changed. It stays as it is.`,
			'Cancel it if it is not out yet, and create a new one.',
		);
	}
	if (version !== null && version !== p.version) {
		refuse(
			409,
			'version_conflict',
			`The post was changed meanwhile: it is at version ${p.version}, you changed version ${version}. Nothing was changed.`,
			'Read the post again and repeat your change.',
		);
	}
	const content = changes.content ?? p.content;
	const lateness = changes.maxLatenessMs ?? p.maxLatenessMs;
	const retimed = 'scheduledAt' in changes || 'wallTime' in changes;
	const time = retimed
		? entryTime(changes, call.now)
		: { at: p.scheduledAt, wall: p.wallTime, bad: null };
	const errors =
		time.bad === null
			? entryErrors(
					call,
					p.owner,
					{ accountId: p.accountId, content },
					accountRow(t, p.accountId),
					time.at,
					lateness,
				)
			: [time.bad];
	if (errors.length > 0) {
		const [{ code, message, remedy }] = errors;
		refuse(400, code, `${message} Nothing was changed.`, remedy);
	}
	if (lateness < 0 || lateness > 31_536_000_000) violation('check');
	save(call, p, {
		content: copy(content),
		contentKey: contentKey(content),
		textKey: textKey(content),
		scheduledAt: time.at,
		maxLatenessMs: lateness,
		wallTime: time.wall,
		timeZone: retimed ? (changes.timeZone ?? null) : p.timeZone,
		state: changes.as ?? p.state,
		nextAt: null,
		waitReason: null,
		version: p.version + 1,
	});
	p.steps = [];
	refreshDue(call, p.accountId);
	return postView(t, p);
}

const NO_CANCEL: Partial<Record<PostRow['state'], string>> = {
	published: 'Use Delete to take it down at the platform.',
	needs_review: 'Decide it with Resolve.',
	failed: 'It will not go out unless somebody retries it.',
	missed: 'It will not go out unless somebody retries it.',
};

export function postCancel(call: Call, args: Args<'social_post_cancel'>) {
	const p = postRow(call, args.p_post_id, args.p_owner);
	if (p.state === 'cancelled') return { post: postView(call.t, p), done: true };
	const hint = NO_CANCEL[p.state];
	if (hint !== undefined) {
		refuse(
			409,
			'post_settled',
			`The post is ${p.state} and cannot be cancelled any more. It stays as it is.`,
			hint,
		);
	}
	const free = p.state === 'draft' || (p.state === 'scheduled' && p.openIntents === 0);
	save(call, p, free ? { state: 'cancelled', cancelRequested: false } : { cancelRequested: true });
	refreshDue(call, p.accountId);
	return { post: postView(call.t, p), done: (p.state as string) === 'cancelled' };
}

const NO_RETRY: Partial<Record<PostRow['state'], string>> = {
	needs_review: 'Decide it with Resolve: it may be live.',
	draft: 'Schedule the draft.',
	published: 'It is out; create a new post to post again.',
};

export function postRetry(call: Call, args: Args<'social_post_retry'>) {
	const p = postRow(call, args.p_post_id, args.p_owner);
	const hint = NO_RETRY[p.state];
	if (hint !== undefined) {
		refuse(
			409,
			'post_not_retryable',
			`A post that is ${p.state} cannot be retried. It stays as it is.`,
			hint,
		);
	}
	if (p.state === 'scheduled' || p.state === 'publishing') {
		if (p.state === 'scheduled' && p.waitReason !== null && p.openIntents === 0) {
			save(call, p, { nextAt: null, waitReason: null });
		}
	} else {
		const at = args.p_scheduled_at ?? null;
		save(call, p, {
			state: 'scheduled',
			error: null,
			cancelRequested: false,
			barrenClaims: 0,
			scheduledAt: at === null ? call.now : Date.parse(at),
			wallTime: null,
			version: p.version + 1,
			held: false,
		});
	}
	refreshDue(call, p.accountId);
	return postView(call.t, p);
}

export function postDeleted(call: Call, args: Args<'social_post_deleted'>) {
	const p = postRow(call, args.p_post_id, args.p_owner);
	if (p.state !== 'published') {
		refuse(
			409,
			'post_not_published',
			`The post is ${p.state}, so there is nothing to delete at the platform.`,
			'Cancel it instead.',
		);
	}
	save(call, p, { deletedAt: p.deletedAt ?? call.now });
	return postView(call.t, p);
}

export function postResolve(call: Call, args: Args<'social_post_resolve'>) {
	const { t, now } = call;
	const p = postRow(call, args.p_post_id, args.p_owner);
	const decision = args.p_decision;
	const made = t.resolutions.get(args.p_resolve_id);
	if (made !== undefined && made.postId === p.id) return postView(t, p);
	checkDecision(p, decision);
	if (made !== undefined) violation('unique');
	const fence = nextFence(call);
	const last = p.intents.reduce<PostRow['intents'][number] | null>(
		(latest, i) => (latest === null || i.savedAt > latest.savedAt ? i : latest),
		null,
	);
	if (decision.to === 'live') {
		const other = t.live.get(liveKey(p.remoteAccount, decision.remoteId));
		if (other !== undefined && other !== p) {
			refuse(
				409,
				'id_in_use',
				`${decision.remoteId} is another post of ours already. Nothing was changed.`,
				'Give the address of the entry that belongs to this post.',
			);
		}
		if (t.evidence.has(args.p_resolve_id)) violation('unique');
	}
	const row = { id: args.p_resolve_id, postId: p.id, decision: copy(decision), at: now };
	t.resolutions.set(row.id, row);
	p.resolutions.push(row);
	save(call, p, { fence });
	if (decision.to === 'live') {
		const evidence = {
			id: row.id,
			postId: p.id,
			intentId: last?.id ?? null,
			part: last?.part ?? 0,
			step: last?.step ?? 'post',
			fence,
			carrier: 'person',
			outcome: 'done' as const,
			final: true,
			confirmedBy: 'person' as const,
			remoteId: decision.remoteId,
			url: decision.url ?? null,
			error: null,
			payload: {},
			at: now,
		};
		t.evidence.set(evidence.id, evidence);
		p.evidence.push(evidence);
		closeOpen(call, p, 'done', null);
		save(call, p, { openIntents: 0, held: false });
		const { remoteId } = decision;
		const at = last?.savedAt ?? now;
		settlePublished(call, p, { remoteId, url: evidence.url, confirmedBy: 'person', at });
	} else if (decision.to === 'publish') {
		const at = decision.scheduledAt ?? null;
		save(call, p, {
			state: 'scheduled',
			held: false,
			error: null,
			cancelRequested: false,
			barrenClaims: 0,
			sendAnyway: p.openIntents > 0,
			nextAt: null,
			waitReason: null,
			wallTime: null,
			scheduledAt: at === null ? now : Date.parse(at),
		});
	} else {
		closeOpen(call, p, 'absent', null, { by: 'person', decision: 'drop' });
		save(call, p, { openIntents: 0, held: false });
		save(call, p, { state: 'cancelled' });
	}
	refreshDue(call, p.accountId);
	return postView(t, p);
}

function checkDecision(p: PostRow, decision: Args<'social_post_resolve'>['p_decision']): void {
	const unnamed = decision.to === 'live' && !decision.remoteId;
	if (!['live', 'publish', 'drop'].includes(decision.to) || unnamed) {
		refuse(
			400,
			'resolve_invalid',
			'A decision is live (with the id at the platform), publish or drop. Nothing was changed.',
		);
	}
	if (p.state === 'publishing') {
		refuse(
			409,
			'post_in_flight',
			'A carrier is working on this post right now. Nothing was changed.',
			'Try again in a minute.',
		);
	}
	if (p.state !== 'needs_review' && !(p.state === 'scheduled' && p.held)) {
		refuse(
			409,
			'post_not_in_review',
			`The post is ${p.state} and needs no decision. It stays as it is.`,
			'Look at the post again.',
		);
	}
}
