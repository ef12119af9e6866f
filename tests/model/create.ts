import type { Claim, CreateEntry, StoreFunctions } from '../../core/store/contract';
import { ensureOwner } from './accounts';
import { checkClaim, giveBack, repeatedClaim, takePost } from './claims';
import { createEntry } from './entries';
import { refuse } from './refusal';
import { keyOf, postRow, refreshDue, type Call } from './tables';
import { claimView } from './views';

type CreateArgs = StoreFunctions['social_create']['args'];

function invalid(message: string, hint = ''): never {
	return refuse(400, 'create_invalid', message, hint);
}

export function create(call: Call, args: CreateArgs) {
	const { t } = call;
	const { p_options: options, p_entries: entries } = args;
	const claim = args.p_claim ?? null;
	if (!options.owner || !options.key || options.key.length > 300) {
		invalid(
			'A create call needs an owner and an idempotency key of 1 to 300 characters. Nothing was created.',
		);
	}
	if (!Array.isArray(entries) || entries.length < 1 || entries.length > 500) {
		invalid('A create call takes 1 to 500 entries. Nothing was created.', 'Split the call.');
	}
	if (t.settings.module?.enabled === false) {
		refuse(
			403,
			'off',
			'MuseKit Social is switched off. Nothing was created.',
			'Ask whoever runs MuseKit Social here to switch it on.',
		);
	}
	const ownerIsNew = !t.owners.has(options.owner);
	ensureOwner(call, options.owner);
	try {
		for (const entry of entries) checkKnown(call, options, entry);
		if (claim !== null) checkClaim(claim);
	} catch (error) {
		if (ownerIsNew) t.owners.delete(options.owner);
		throw error;
	}

	const answers = entries.map((entry) => createEntry(call, options, entry));
	const first = answers.find(({ post }) => post?.state === 'scheduled')?.post;
	let claimed: Claim | null = null;
	if (claim !== null) {
		giveBack(call, claim);
		const repeated = repeatedClaim(call, claim);
		claimed = repeated?.claim ?? null;
		if (repeated === null && first !== undefined) {
			const p = postRow(call, first.id);
			if (takePost(call, p, claim).reason === null) claimed = claimView(call, p);
		}
	}
	const accounts = new Set(entries.map(({ accountId }) => (accountId ?? '').toLowerCase()));
	for (const id of accounts) {
		if (t.accounts.has(id)) refreshDue(call, id);
	}
	return { entries: answers, claim: claimed };
}

/** What this call's key made before; refuses another body under the same key. */
function checkKnown(call: Call, options: CreateArgs['p_options'], entry: CreateEntry): void {
	const complete =
		Number.isInteger(entry.ordinal) &&
		typeof entry.fingerprint === 'string' &&
		Number.isInteger(entry.protocol) &&
		['draft', 'scheduled'].includes(entry.as) &&
		entry.content !== undefined;
	if (!complete) {
		invalid(
			'An entry lacks ordinal, fingerprint, protocol, content or as (draft or scheduled). Nothing was created.',
		);
	}
	const place = keyOf(options.owner, options.key, entry.ordinal);
	const buried = call.t.tombstones.get(place);
	const known = call.t.byKey.get(place)?.fingerprint ?? buried?.fingerprint;
	if (!call.t.byKey.has(place) && buried?.fingerprint === entry.fingerprint) {
		refuse(
			410,
			'post_purged',
			'This call made a post before that has been purged since. Nothing was created.',
			'Use another idempotency key to post it again.',
		);
	}
	if (known !== undefined && known !== entry.fingerprint) {
		refuse(
			409,
			'idempotency_conflict',
			'This idempotency key was used before with other content. Nothing was created or changed.',
			'Use a new key for new content, or send the same content again.',
			{ ordinal: entry.ordinal },
		);
	}
}
