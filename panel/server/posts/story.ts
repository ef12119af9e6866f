import type { PostStoryView, WaitReason } from '../../../core/store/contract';
import type { StoryEntry } from '../../shared/posts';
import { webAddress } from './context';

type Attempt = PostStoryView['attempts'][number];
type Change = PostStoryView['changes'][number];
type Evidence = PostStoryView['evidence'][number];
type Resolution = PostStoryView['resolutions'][number];

interface Told extends StoryEntry {
	/** Order of what has the same time. */
	rank: number;
	/** It belongs to this claim, which only looked whether the post is live and could not tell. */
	vain?: number;
}

/** What happened to a post, oldest first, in sentences. Holds no request and no secret. */
export function storyOf(facts: PostStoryView): StoryEntry[] {
	const told = [
		made(facts),
		...facts.changes.flatMap((change) => changed(change, facts)),
		...facts.attempts.flatMap((attempt, at) => attempted(attempt, facts, at)),
		...facts.steps.map(prepared),
		...facts.intents.flatMap((intent) => sent(intent, facts)),
		...facts.evidence.flatMap(answered),
		...facts.resolutions.map(decided),
		...facts.incidents.map(({ message, at }) => tell(at, 6, 'danger', 'Something is odd', message)),
	];
	told.sort((one, other) => Date.parse(one.at) - Date.parse(other.at) || one.rank - other.rank);
	return folded(told).map(({ at, tone, title, note, when }) => ({ at, tone, title, note, when }));
}

/** Looks in vain that are told one by one; of more, the first and the last. */
const FEW_LOOKS = 2;

/** A post is looked up to fourteen times: what lies between the first and the last look is one line. */
function folded(told: Told[]): Told[] {
	const looks = [...new Set(told.flatMap(({ vain }) => vain ?? []))];
	if (looks.length <= FEW_LOOKS) return told;
	const inner = looks.slice(1, -1);
	const hidden = new Set(inner);
	const title = `Looked up ${inner.length === 1 ? 'once' : `${inner.length} times`} more: not clear yet`;
	return told.flatMap((entry) => {
		if (entry.vain === undefined || !hidden.has(entry.vain)) return [entry];
		const first = entry.vain === inner[0] && entry.rank === TAKEN;
		return first ? [{ ...entry, tone: 'warning' as const, title, note: null, when: null }] : [];
	});
}

/** Rank of the claim that begins a round. */
const TAKEN = 2;

function tell(
	at: string,
	rank: number,
	tone: StoryEntry['tone'],
	title: string,
	note: string | null = null,
	when: string | null = null,
): Told {
	return { at, rank, tone, title, note, when };
}

const SOURCES: Record<string, string> = { n8n: 'in n8n', panel: 'in the panel', api: 'by the API' };

function made({ post, source, fromSeries, changes }: PostStoryView): Told {
	const where = fromSeries ? 'by its series' : (SOURCES[source] ?? `by ${source}`);
	const first = changes.find(({ facts }) => facts.from !== undefined)?.facts.from;
	const when = first ?? post.scheduledAt;
	const note = when === null ? null : 'Planned for';
	return tell(post.createdAt, 0, 'neutral', `Made ${where}`, note, when);
}

function changed({ kind, at, facts }: Change, story: PostStoryView): Told[] {
	const to = facts.to ?? null;
	switch (kind) {
		case 'edited':
			return [tell(at, 1, 'neutral', 'Text or pictures changed')];
		case 'rescheduled':
			return [tell(at, 1, 'neutral', 'Moved to another time', 'Now planned for', to)];
		case 'scheduled':
			return [tell(at, 1, 'neutral', 'The draft was scheduled', 'Planned for', to)];
		case 'taken_back':
			return [tell(at, 1, 'neutral', 'Made a draft again')];
		case 'retried':
			return [tell(at, 1, 'info', 'A person asked for another try')];
		case 'cancel_asked':
			return [
				tell(at, 1, 'neutral', 'A person asked to cancel it', 'It ends before the next step.'),
			];
		case 'cancelled':
			// Dropping a post is told as the decision that it is.
			return story.resolutions.some(({ to, at: then }) => to === 'drop' && near(then, at))
				? []
				: [tell(at, 5, 'neutral', 'Cancelled', 'Nothing of it is live.')];
		case 'missed':
			return [
				tell(at, 5, 'danger', 'Missed', 'It was too late to publish it, and nothing was sent.'),
			];
		case 'deleted':
			return [tell(at, 5, 'neutral', 'Taken down at the platform')];
	}
}

const near = (one: string, other: string) => Math.abs(Date.parse(one) - Date.parse(other)) < 1_000;

const CARRIERS = { n8n: 'n8n', runner: 'The runner' };

function attempted(attempt: Attempt, { attempts, post }: PostStoryView, at: number): Told[] {
	const { carrier, kind, startedAt, endedAt, result } = attempt;
	const name = `${CARRIERS[kind]} (${carrier})`;
	const again = at === 0 ? '' : ' again';
	const told = [tell(startedAt, TAKEN, 'neutral', `${name} took it${again}`)];
	const next = attempts[at + 1];
	if (endedAt === null) {
		const over = next?.startedAt ?? (post.state === 'publishing' ? null : post.updatedAt);
		if (over !== null && post.state !== 'published') {
			told.push(tell(over, 1, 'warning', `${name} stopped without a word`));
		}
		return told;
	}
	if (result !== null) told.push(...ended(endedAt, result));
	const vain = result?.to === 'scheduled' && result.reason === 'lookup' && at > 0;
	return vain ? told.map((entry) => ({ ...entry, vain: attempt.fence })) : told;
}

const WAITS: Record<WaitReason, string> = {
	retry: 'It did not work yet; it is tried again.',
	container: 'The platform is still preparing the picture.',
	lookup: 'It cannot be told yet whether it is live; that is looked up again.',
	rate_limit: 'The platform takes no more posts at the moment.',
	account_dead: 'The account has to be connected again.',
	handed_back: 'It was given back unstarted.',
	not_sent: 'The platform could not be reached, and nothing was sent.',
	platform_down: 'The platform answers with failures of its own.',
	off: 'Publishing is switched off here.',
};

function ended(at: string, result: NonNullable<Attempt['result']>): Told[] {
	switch (result.to) {
		case 'published':
			return [];
		case 'failed':
			return [tell(at, 5, 'danger', 'Failed', `${result.error.message} ${result.error.remedy}`)];
		case 'needs_review':
			return [tell(at, 5, 'warning', 'A person has to decide', result.error.message)];
		case 'scheduled': {
			const next = new Date(Date.parse(at) + result.waitMs).toISOString();
			const why = WAITS[result.reason];
			if (result.reason === 'handed_back') return [tell(at, 5, 'neutral', 'It waits', why)];
			return [tell(at, 5, 'neutral', 'It waits', `${why} Next try:`, next)];
		}
	}
}

/** `media_publish`, `media_0_start` as people say it. */
function stepName(step: string, part: number): string {
	const words = step
		.replace(/^media_(\d+)_/, (_all, at: string) => `picture ${Number(at) + 1}, `)
		.replaceAll('_', ' ');
	return part === 0 ? words : `${words}, part ${part + 1}`;
}

function prepared({ step, part, savedAt }: PostStoryView['steps'][number]): Told {
	return tell(savedAt, 3, 'neutral', `Prepared at the platform: ${stepName(step, part)}`);
}

function sent(intent: PostStoryView['intents'][number], story: PostStoryView): Told[] {
	const { id, step, part, repeatOf, savedAt, closedBy, closedAt, byPerson } = intent;
	const again = repeatOf === 0 ? '' : ' again';
	const told = [tell(savedAt, 3, 'neutral', `Sent${again}: ${stepName(step, part)}`)];
	if (closedBy === 'absent' && closedAt !== null) {
		// Dropping a post is told as the decision that it is.
		if (!byPerson) told.push(tell(closedAt, 4, 'info', 'Looked up: it is not there'));
		else if (story.resolutions.some(({ to }) => to === 'publish')) {
			told.push(
				tell(closedAt, 4, 'info', 'Looked up, without a clear answer', 'The person’s word counts.'),
			);
		}
	} else if (closedBy === null && !story.evidence.some(({ intentId }) => intentId === id)) {
		told.push(
			tell(savedAt, 4, 'warning', 'No answer came', 'It may be live, so it is not sent again.'),
		);
	}
	return told;
}

function answered(evidence: Evidence): Told[] {
	const { at, outcome, final, confirmedBy, url, remoteId, error, step, part } = evidence;
	const words = error === null ? null : error.message;
	if (evidence.lookUp) {
		return [{ ...tell(at, 4, 'warning', 'Looked up: not clear yet', words), vain: evidence.fence }];
	}
	switch (outcome) {
		case 'rejected':
			return [tell(at, 4, 'danger', 'The platform refused it', words)];
		case 'not_sent':
			return [tell(at, 4, 'warning', 'It did not leave this machine', words)];
		case 'ambiguous':
			return [tell(at, 4, 'warning', 'No clear answer came', words)];
		case 'done':
			// What a person said is told as the decision.
			if (confirmedBy === 'person') return [];
			if (!final) return [tell(at, 4, 'neutral', `Done: ${stepName(step, part)}`)];
			return [tell(at, 4, 'success', LIVE[confirmedBy], webAddress(url) ?? remoteId)];
	}
}

const LIVE = {
	answer: 'Live: the platform has confirmed it',
	lookup: 'Live: found when it was looked up',
	duplicate: 'Live: the platform has it already',
};

function decided({ to, at, url, remoteId }: Resolution): Told {
	switch (to) {
		case 'live':
			return tell(at, 5, 'success', 'A person decided: it is live', webAddress(url) ?? remoteId);
		case 'publish':
			return tell(
				at,
				5,
				'info',
				'A person decided: it is not live',
				'It is looked up once more, then sent.',
			);
		case 'drop':
			return tell(at, 5, 'neutral', 'A person decided: leave it', 'Nothing more happens to it.');
	}
}
