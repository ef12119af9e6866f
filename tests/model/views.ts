import type {
	AccountView,
	CarriedAccount,
	Claim,
	Intent,
	MediaInfo,
	PostView,
} from '../../core/store/contract';
import type { AccountRow, IntentRow, MediaRow, PostRow } from './rows';
import { accountRow, lastMoment, numberOf, type Call, type Tables } from './tables';

export const iso = (ms: number) => new Date(ms).toISOString();
export const isoOrNull = (ms: number | null) => (ms === null ? null : iso(ms));

/** Deep copy of JSON; far quicker than `structuredClone`. */
export function copy<T>(value: T): T {
	if (typeof value !== 'object' || value === null) return value;
	if (Array.isArray(value)) return value.map((item: unknown) => copy(item)) as T;
	const made: Record<string, unknown> = {};
	for (const key of Object.keys(value)) {
		const item = (value as Record<string, unknown>)[key];
		if (item !== undefined) made[key] = copy(item);
	}
	return made as T;
}

export function mediaView(m: MediaRow): MediaInfo {
	return { hash: m.hash, mime: m.mime, bytes: m.bytes, width: m.width, height: m.height };
}

export function accountView(a: AccountRow): AccountView {
	return {
		id: a.id,
		owner: a.owner,
		platform: a.platform,
		mode: a.mode,
		remoteId: a.remoteId,
		handle: a.handle,
		displayName: a.displayName,
		status: a.status,
		statusReason: a.statusReason,
		scopes: [...a.scopes],
		tokenExpiresAt: isoOrNull(a.tokenExpiresAt),
		lastSuccessAt: isoOrNull(a.lastSuccessAt),
		lastValidatedAt: isoOrNull(a.lastValidatedAt),
		missingScopes: [...a.missingScopes],
		profileUrl: a.profileUrl,
	};
}

export function carriedAccountView(a: AccountRow): CarriedAccount {
	return {
		...accountView(a),
		baseUrl: a.baseUrl,
		authUrl: a.authUrl,
		token: a.token,
		tokenVersion: a.tokenVersion,
		settings: copy(a.settings),
	};
}

export function postView(t: Tables, p: PostRow): PostView {
	return {
		id: p.id,
		owner: p.owner,
		accountId: p.accountId,
		platform: p.platform,
		mode: p.mode,
		account: `@${accountRow(t, p.accountId).handle}`,
		state: p.state,
		waitReason: p.waitReason,
		error: copy(p.error),
		content: copy(p.content),
		media: (p.content.media ?? []).flatMap(({ hash }) => {
			const known = t.media.get(`${p.owner}/${hash}`);
			return known === undefined ? [] : [mediaView(known)];
		}),
		scheduledAt: iso(p.scheduledAt),
		wallTime: p.wallTime,
		timeZone: p.timeZone,
		nextAt: isoOrNull(p.nextAt),
		publishedAt: isoOrNull(p.publishedAt),
		remoteId: p.remoteId,
		url: p.url,
		confirmedBy: p.confirmedBy,
		carrier: p.carrier,
		attempts: p.attempts,
		version: p.version,
		deletedAt: isoOrNull(p.deletedAt),
		maxLatenessMs: p.maxLatenessMs,
		createdAt: iso(p.createdAt),
		updatedAt: iso(p.updatedAt),
	};
}

export function intentView(i: IntentRow): Intent {
	return {
		id: i.id,
		part: i.part,
		step: i.step,
		fence: i.fence,
		request: copy(i.request),
		recognise: copy(i.recognise),
		savedAt: iso(i.savedAt),
		deadlineAt: iso(i.deadlineAt),
		settledAt: iso(i.settledAt),
		closedBy: i.closedBy,
		repeatOf: i.repeatOf,
	};
}

export function claimView(call: Call, p: PostRow): Claim {
	const { t, now } = call;
	return {
		claimId: p.claimId ?? '',
		fence: p.fence ?? 0,
		leaseMsLeft: (p.leaseUntil ?? now) - now,
		marginMs: numberOf(t, 'timing', 'marginMs'),
		post: postView(t, p),
		account: carriedAccountView(accountRow(t, p.accountId)),
		steps: [...p.steps]
			.sort((left, right) => left.savedAt - right.savedAt)
			.map(({ part, step, result, validUntil }) => ({
				part,
				step,
				result: copy(result),
				validUntil: isoOrNull(validUntil),
			})),
		intents: p.intents.map(intentView),
		evidence: p.evidence.map((e) => ({
			id: e.id,
			intentId: e.intentId,
			part: e.part,
			step: e.step,
			fence: e.fence,
			outcome: e.outcome,
			remoteId: e.remoteId,
			url: e.url,
			error: copy(e.error),
			payload: copy(e.payload),
			at: iso(e.at),
		})),
		tooLate: now > lastMoment(p),
		cancelRequested: p.cancelRequested,
		sendAnyway: p.sendAnyway && !sentSinceDecision(p),
		mediaPublicUrl: (t.settings.media?.publicUrl as string | null | undefined) ?? null,
		storeNow: iso(now),
	};
}

/** An attempt is open that came after a person's "publish it". */
function sentSinceDecision(p: PostRow): boolean {
	const asked = p.resolutions.filter(({ decision }) => decision.to === 'publish');
	if (asked.length === 0) return false;
	const last = Math.max(...asked.map(({ at }) => at));
	return p.intents.some((intent) => intent.closedBy === null && intent.savedAt >= last);
}
