import { useEffect, useReducer } from 'react';
import type { MediaInfo } from '../../../../../core/store/contract';
import type { AccountRow } from '../../../../shared/api';
import type { ComposeContent, ComposeWhen } from '../../../../shared/compose';
import { chosenZone } from '../../api/zone';
import { deviceZone } from '../../ui/zones';

export interface ChosenAccount
	extends Pick<AccountRow, 'id' | 'platform' | 'mode' | 'handle' | 'displayName'> {
	missingScopes: string[];
	warnings: { message: string; remedy: string }[];
}

export interface ChosenPicture {
	media: MediaInfo;
	altText: string;
}

/** Everything that somebody has entered; kept in the tab until it is sent. */
export interface Wish {
	/** One for each wish; see `ComposeRequest`. */
	key: string;
	text: string;
	accounts: ChosenAccount[];
	/** Own texts by account id. */
	own: Record<string, string>;
	pictures: ChosenPicture[];
	as: ComposeWhen['as'];
	wallTime: string;
	timeZone: string;
	allowRepeat: boolean;
	/** It was sent, and no clear answer has come yet. */
	sent: boolean;
}

export type Change = Partial<Wish> | ((wish: Wish) => Partial<Wish>);

/** Where times are entered: the panel's zone where one was chosen, else the device's. */
export const localZone = () => chosenZone() ?? deviceZone();

export function emptyWish(): Wish {
	return {
		key: crypto.randomUUID(),
		text: '',
		accounts: [],
		own: {},
		pictures: [],
		as: 'now',
		wallTime: '',
		timeZone: localZone(),
		allowRepeat: false,
		sent: false,
	};
}

export function isUntouched(wish: Wish): boolean {
	return (
		wish.text === '' &&
		wish.pictures.length === 0 &&
		Object.keys(wish.own).length === 0 &&
		!wish.sent
	);
}

/** Where a wish is kept: of one person, for one owner, and apart where it began as another post's copy. */
export function placeOf(person: string, owner: string, from: string | null): string {
	return `musekit.compose.${JSON.stringify([person, owner, from])}`;
}

function kept(place: string): Wish | null {
	try {
		const text = sessionStorage.getItem(place);
		return text === null ? null : { ...emptyWish(), ...(JSON.parse(text) as Partial<Wish>) };
	} catch {
		return null;
	}
}

/** Keeps a wish before anything else happens, such as sending it. */
export function keepWish(place: string, wish: Wish): void {
	try {
		if (isUntouched(wish)) sessionStorage.removeItem(place);
		else sessionStorage.setItem(place, JSON.stringify(wish));
	} catch {
		// A browser without storage composes all the same; only a reload would lose the text.
	}
}

export function forgetWish(place: string): void {
	keepWish(place, emptyWish());
}

/** The wish of this tab: what was kept, or a new one; every change of it is kept again. */
export function useWish(place: string, start: () => Partial<Wish>) {
	const [wish, change] = useReducer(
		(now: Wish, next: Change): Wish => ({
			...now,
			...(typeof next === 'function' ? next(now) : next),
		}),
		null,
		() => kept(place) ?? { ...emptyWish(), ...start() },
	);
	useEffect(() => keepWish(place, wish), [place, wish]);
	return [wish, change] as const;
}

/** The request that a wish stands for. */
export function contentOf(wish: Wish, owner: string): ComposeContent {
	return {
		owner,
		text: wish.text,
		targets: wish.accounts.map(({ id }) => ({
			accountId: id,
			...(wish.own[id] === undefined ? {} : { text: wish.own[id] }),
		})),
		...(wish.pictures.length === 0 ? {} : { media: mediaOf(wish.pictures) }),
		when: whenOf(wish),
	};
}

export function mediaOf(pictures: ChosenPicture[]) {
	return pictures.map(({ media, altText }) => ({
		hash: media.hash,
		...(altText.trim() === '' ? {} : { altText: altText.trim() }),
	}));
}

export function whenOf({ as, wallTime, timeZone }: Pick<Wish, 'as' | 'wallTime' | 'timeZone'>) {
	return as === 'scheduled' ? { as, wallTime, timeZone } : { as };
}
