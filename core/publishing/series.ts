import type { PlatformDefinition } from '../platforms/platform';
import type { Ports, RpcAnswer, StoreRefusal } from '../ports';
import { createStore, isUnclear, whyNot } from '../store/client';
import {
	PROTOCOL,
	type Platform,
	type PostContent,
	type PostError,
	type SeriesRule,
	type SeriesView,
} from '../store/contract';
import { derivedId } from './derived-id';
import { knownMedia, mediaInfos, readMedia, storeImages, type DraftMedia } from './images';
import { patiently } from './patience';

/** A rule as a caller gives it, with the pictures themselves. */
export interface SeriesDraft extends Omit<SeriesRule, 'content' | 'protocol'> {
	text: string;
	media?: DraftMedia[];
}

export interface SaveSeriesRequest {
	owner: string;
	/**
	 * A uuid, or a name of the caller's own: the same one is the same series. Without it the rule
	 * itself (account, content and times, not its first and last day) names the series, so that saving
	 * one rule twice never posts twice.
	 */
	id?: string;
	draft: SeriesDraft;
}

export type SaveSeriesOutcome =
	| { kind: 'saved'; series: SeriesView; warnings: PostError[] }
	/** What is wrong with it; nothing was saved. */
	| { kind: 'invalid'; errors: PostError[] }
	| { kind: 'refused'; refusal: StoreRefusal; earlierUnclear: boolean }
	/** Not known whether it was saved: repeat it. */
	| { kind: 'unreachable'; reason: string };

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** Id of a series in the store, for a uuid or for a name of the owner's own. */
export async function seriesId(
	crypto: Ports['crypto'],
	owner: string,
	given: string,
): Promise<string> {
	return UUID.test(given) ? given.toLowerCase() : await derivedId(crypto, ['series', owner, given]);
}

/** Problems of the rule itself, each naming its field; the store checks the same for other callers. */
export function ruleErrors(draft: SeriesDraft): PostError[] {
	const errors: PostError[] = [];
	const bad = (field: string, message: string, remedy: string) =>
		errors.push({ code: 'series_invalid', message, remedy, field });
	const { weekdays = [], monthDay, every, startsOn, endsOn } = draft;
	if (draft.frequency === 'weekly' && weekdays.length === 0) {
		bad('weekdays', 'A weekly series needs at least one day of the week.', 'Choose its days.');
	}
	if (weekdays.some((day) => !isWhole(day, 1, 7))) {
		bad('weekdays', 'A day of the week is a number from 1 (Monday) to 7.', 'Correct the days.');
	}
	if (draft.frequency === 'monthly' && !isWhole(monthDay, 1, 31)) {
		bad('monthDay', 'A monthly series needs a day from 1 to 31.', 'Choose the day of the month.');
	}
	if (every !== undefined && !isWhole(every, 1, 366)) {
		bad('every', '"Every" is a whole number from 1 to 366.', 'Correct it; 1 is every time.');
	}
	if (!/^([01]\d|2[0-3]):[0-5]\d$/.test(draft.localTime)) {
		bad(
			'localTime',
			`"${draft.localTime.slice(0, 40)}" is not a time of day.`,
			'Write it with hours and minutes, such as 09:00 or 17:30.',
		);
	}
	for (const [field, day] of [
		['startsOn', startsOn],
		['endsOn', endsOn],
	] as const) {
		if (day === undefined || day === null || isDay(day)) continue;
		bad(field, `"${day.slice(0, 40)}" is not a day of the calendar.`, 'Write it like 2026-12-24.');
	}
	if (errors.length === 0 && startsOn && endsOn && endsOn < startsOn) {
		bad('endsOn', 'The series ends before it starts.', 'Choose a last day after the first.');
	}
	return errors;
}

/**
 * Creates or changes a series: rule and content checked, pictures stored before the rule exists.
 * Posts of it that nobody touched yet are made anew by the new rule. Saving again is safe.
 */
export async function saveSeries(
	ports: Ports,
	platforms: Record<Platform, PlatformDefinition>,
	{ owner, id, draft }: SaveSeriesRequest,
): Promise<SaveSeriesOutcome> {
	const store = createStore(ports.store);
	const { text, media, ...rule } = draft;
	const read = await readMedia(ports.crypto, media ?? []);
	const content: PostContent = { text, ...(read.refs.length === 0 ? {} : { media: read.refs }) };
	const account = await patiently(ports, async () => {
		return await store.call('social_account_get', {
			p_account_id: draft.accountId,
			p_owner: owner,
		});
	});
	if (account.kind !== 'ok') return failed(account);
	const known = await knownMedia(ports, owner, read.refs);
	if (known.kind !== 'ok') return failed(known);
	const infos = mediaInfos(read, known.value);
	const errors = [
		...ruleErrors(draft),
		...read.errors,
		...(infos === null ? [] : platforms[account.value.platform].validate(content, infos)),
	];
	if (errors.length > 0) return { kind: 'invalid', errors };
	const missing = [...read.pictures.values()].filter(({ info }) => !known.value.has(info.hash));
	const stored = await storeImages(ports, owner, missing);
	if (stored.kind !== 'ok') return failed(stored);

	const series: SeriesRule = { ...rule, content, protocol: PROTOCOL };
	const { startsOn, endsOn, maxLatenessMs, protocol, ...named } = series;
	const p_id =
		id === undefined
			? await derivedId(ports.crypto, ['series', owner, { every: 1, ...named }])
			: await seriesId(ports.crypto, owner, id);
	let earlierUnclear = false;
	const saved = await patiently(ports, async () => {
		const given = await store.call('social_series_save', {
			p_id,
			p_owner: owner,
			p_series: {
				...named,
				protocol,
				...(startsOn === undefined ? {} : { startsOn }),
				...(endsOn === undefined ? {} : { endsOn }),
				...(maxLatenessMs === undefined ? {} : { maxLatenessMs }),
			},
		});
		earlierUnclear ||= isUnclear(given);
		return given;
	});
	if (saved.kind !== 'ok') return failed(saved, earlierUnclear);
	const { warnings, ...view } = saved.value;
	return { kind: 'saved', series: view, warnings };
}

function isWhole(value: number | undefined, least: number, most: number): boolean {
	return value !== undefined && Number.isInteger(value) && value >= least && value <= most;
}

function isDay(text: string): boolean {
	const day = new Date(`${text}T00:00:00Z`);
	return (
		/^\d{4}-\d{2}-\d{2}$/.test(text) &&
		!Number.isNaN(day.getTime()) &&
		day.toISOString().startsWith(text)
	);
}

function failed<T>(
	answer: RpcAnswer<T>,
	earlierUnclear = false,
): Extract<SaveSeriesOutcome, { kind: 'refused' | 'unreachable' }> {
	return answer.kind === 'refused' && !isUnclear(answer)
		? { kind: 'refused', refusal: answer.refusal, earlierUnclear }
		: { kind: 'unreachable', reason: whyNot(answer) };
}
