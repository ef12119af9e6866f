import type {
	CreatedEntry,
	CreateEntry,
	PostContent,
	PostError,
	StoreFunctions,
} from '../../core/store/contract';
import { entryTime } from './instants';
import { violation } from './refusal';
import type { AccountRow, PostRow } from './rows';
import { offReason } from './switches';
import { guard, keyOf, numberOf, PLATFORMS, type Call } from './tables';
import { copy, iso, postView } from './views';

type CreateArgs = StoreFunctions['social_create']['args'];

function error(code: string, message: string, remedy: string, field?: string): PostError {
	return { code, message, remedy, ...(field === undefined ? {} : { field }) };
}

export const textKey = (content: PostContent) => content.text ?? '';
export const contentKey = (content: PostContent) =>
	JSON.stringify([textKey(content), (content.media ?? []).map(({ hash }) => hash)]);

/** `musekit_social.entry_errors`: all that the store itself can find wrong with an entry. */
export function entryErrors(
	call: Call,
	owner: string,
	entry: { accountId: string | null; content: PostContent },
	a: AccountRow | undefined,
	at: number,
	latenessMs: number,
): PostError[] {
	const { t, now } = call;
	if (entry.accountId === null || entry.accountId === undefined) {
		return [
			error(
				'account_missing',
				'No account was chosen.',
				'Choose the account to post to.',
				'account',
			),
		];
	}
	if (a === undefined || a.owner !== owner) {
		return [
			error(
				'account_unknown',
				`There is no account ${entry.accountId} for this owner.`,
				'Pick an account from the list, or connect it first.',
				'account',
			),
		];
	}
	const errors: PostError[] = [];
	const rules = PLATFORMS[a.platform];
	const media = entry.content.media ?? [];
	const off =
		offReason(t, owner, 'publish', a.platform) ??
		(at > now + 60_000 ? offReason(t, owner, 'schedule', a.platform) : null) ??
		(media.length > 0 ? offReason(t, owner, 'media', a.platform) : null);
	if (off !== null) {
		errors.push(error('off', `${off}.`, 'Ask whoever runs MuseKit Social here to switch it on.'));
	}
	if (a.status === 'disconnected' || (a.status === 'reconnect' && at <= now)) {
		const reason = a.statusReason === null ? '' : `: ${a.statusReason}`;
		errors.push(
			error(
				'account_not_connected',
				`@${a.handle} on ${a.platform} is not connected${reason}.`,
				'Connect the account again, then post.',
				'account',
			),
		);
	}
	if (textKey(entry.content).replace(/^ +| +$/g, '') === '' && media.length === 0) {
		errors.push(
			error(
				'content_empty',
				'The post has neither text nor image.',
				'Write a text or add an image.',
				'text',
			),
		);
	}
	if (rules.needsMedia && media.length === 0) {
		errors.push(
			error('media_missing', `A post on ${a.platform} needs an image.`, 'Add an image.', 'media'),
		);
	}
	if (media.length > rules.maxMedia) {
		errors.push(
			error(
				'media_too_many',
				`The post has ${media.length} images; ${a.platform} takes ${rules.maxMedia}.`,
				'Remove images.',
				'media',
			),
		);
	}
	for (const { hash } of media) {
		if (t.media.has(`${owner}/${hash}`)) continue;
		errors.push(
			error(
				'media_not_stored',
				'The image is not in the store, so nobody could publish it later.',
				'Upload the image again.',
				'media',
			),
		);
	}
	if (rules.fetchesMedia && a.mode === 'live' && (t.settings.media?.publicUrl ?? null) === null) {
		errors.push(
			error(
				'media_public_url_missing',
				`${a.platform} fetches images from a public address, and this store has none.`,
				'Set the public media address in the settings, or use a Supabase project.',
				'media',
			),
		);
	}
	if (at < now - latenessMs) {
		errors.push(
			error(
				'time_past',
				`${iso(at)} lies further back than the maximum lateness allows.`,
				'Choose a time in the future, or a larger maximum lateness.',
				'scheduledAt',
			),
		);
	}
	return errors;
}

function equalTextWarnings(call: Call, p: PostRow): PostError[] {
	if (!PLATFORMS[p.platform].equalTextRule) return [];
	const window = numberOf(call.t, 'timing', 'equalTextMs');
	const other = call.t.byRemoteAccount
		.get(p.remoteAccount)
		?.find(
			(o) =>
				o.id !== p.id &&
				o.textKey === p.textKey &&
				['scheduled', 'publishing', 'published', 'needs_review'].includes(o.state) &&
				Math.abs(o.scheduledAt - p.scheduledAt) < window,
		);
	if (other === undefined) return [];
	return [
		error(
			'equal_text',
			`Another post of this account has the same text around ${iso(other.scheduledAt)}; ${p.platform} may refuse the second one.`,
			'Change the text, or put more than two days between them.',
			'text',
		),
	];
}

function duplicateOf(call: Call, a: AccountRow, entry: CreateEntry, key: string) {
	const wanted = contentKey(entry.content);
	const since = call.now - numberOf(call.t, 'timing', 'dedupeMs');
	return a.posts
		.filter(
			(p) =>
				p.contentKey === wanted &&
				p.createdAt > since &&
				!['draft', 'failed', 'missed', 'cancelled'].includes(p.state) &&
				p.callKey !== key,
		)
		.sort((left, right) => left.createdAt - right.createdAt || (left.id < right.id ? -1 : 1))[0];
}

/** `musekit_social.create_entry`. */
export function createEntry(
	call: Call,
	options: CreateArgs['p_options'],
	entry: CreateEntry,
): CreatedEntry {
	const { t, now } = call;
	const { owner, key } = options;
	const { ordinal } = entry;
	const known = t.byKey.get(keyOf(owner, key, ordinal));
	if (known !== undefined) return { ordinal, result: 'existing', post: postView(t, known) };
	const lateness = entry.maxLatenessMs ?? numberOf(t, 'timing', 'maxLatenessMs');
	const a = t.accounts.get((entry.accountId ?? '').toLowerCase());
	const time = entryTime(entry, now);
	const errors = [
		...copy(entry.errors ?? []),
		...(time.bad === null ? [] : [time.bad]),
		...entryErrors(call, owner, entry, a, time.at, lateness),
	];
	if (errors.length > 0 || a === undefined) return { ordinal, result: 'invalid', errors };
	if (options.dryRun === true) return { ordinal, result: 'created' };
	const equal = options.dedupe ? duplicateOf(call, a, entry, key) : undefined;
	if (equal !== undefined) return { ordinal, result: 'duplicate', post: postView(t, equal) };
	if (lateness < 0 || lateness > 31_536_000_000) violation('check');
	const p = newRow(call, options, entry, a, { at: time.at, wall: time.wall, lateness });
	return {
		ordinal,
		result: 'created',
		post: postView(t, p),
		warnings: equalTextWarnings(call, p),
	};
}

function newRow(
	call: Call,
	options: CreateArgs['p_options'],
	entry: CreateEntry,
	a: AccountRow,
	when: { at: number; wall: string | null; lateness: number },
): PostRow {
	const { t, now } = call;
	const { owner, key } = options;
	const p: PostRow = {
		id: call.newPostId({ owner, key, ordinal: entry.ordinal }),
		owner,
		accountId: a.id,
		platform: a.platform,
		mode: a.mode,
		remoteAccount: a.remoteAccount,
		callKey: key,
		callOrdinal: entry.ordinal,
		fingerprint: entry.fingerprint,
		source: options.source ?? 'api',
		content: copy(entry.content),
		contentKey: contentKey(entry.content),
		textKey: textKey(entry.content),
		state: entry.as,
		waitReason: null,
		error: null,
		scheduledAt: when.at,
		wallTime: when.wall,
		timeZone: entry.timeZone ?? null,
		nextAt: null,
		maxLatenessMs: when.lateness,
		offCreditMs: 0,
		version: 1,
		protocol: entry.protocol,
		fence: null,
		claimId: null,
		claimedAt: null,
		carrier: null,
		leaseUntil: null,
		attempts: 0,
		barrenClaims: 0,
		openIntents: 0,
		cancelRequested: false,
		remoteId: null,
		url: null,
		confirmedBy: null,
		publishedAt: null,
		deletedAt: null,
		dueAt: null,
		held: false,
		sendAnyway: false,
		createdAt: now,
		updatedAt: now,
		intents: [],
		evidence: [],
		steps: [],
		claims: [],
		resolutions: [],
	};
	guard(call, p);
	t.posts.set(p.id, p);
	t.byKey.set(keyOf(owner, key, entry.ordinal), p);
	a.posts.push(p);
	const side = t.byRemoteAccount.get(p.remoteAccount);
	if (side === undefined) t.byRemoteAccount.set(p.remoteAccount, [p]);
	else side.push(p);
	return p;
}
