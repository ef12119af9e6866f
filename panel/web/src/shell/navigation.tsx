import {
	AtSign,
	CalendarDays,
	ChartColumn,
	House,
	type LucideIcon,
	Send,
	SlidersHorizontal,
	ToggleRight,
	Users,
} from 'lucide-react';
import type { SessionAnswer } from '../../../shared/api';
import { strings } from '../strings';

export interface Place {
	to: string;
	label: string;
	icon: LucideIcon;
	/** Left out for people it is of no use to. */
	shown?: (session: SessionAnswer) => boolean;
}

/** The places of the panel by section. A new page is a line here and one in `routes.tsx`. */
export const SECTIONS: { label: string; places: Place[] }[] = [
	{
		label: strings.nav.sections.publish,
		places: [
			{ to: '/', label: strings.nav.overview, icon: House },
			{ to: '/posts', label: strings.nav.posts, icon: Send },
			{ to: '/calendar', label: strings.nav.calendar, icon: CalendarDays },
			{ to: '/accounts', label: strings.nav.accounts, icon: AtSign },
		],
	},
	{
		label: strings.nav.sections.insight,
		places: [{ to: '/kpis', label: strings.nav.kpis, icon: ChartColumn }],
	},
	{
		label: strings.nav.sections.system,
		places: [
			{ to: '/features', label: strings.nav.features, icon: ToggleRight },
			{ to: '/settings', label: strings.nav.settings, icon: SlidersHorizontal },
			{
				to: '/people',
				label: strings.nav.people,
				icon: Users,
				shown: ({ user, signIn }) => user?.role === 'admin' && signIn === 'local',
			},
		],
	},
];

/** The sections with what this person may use; empty ones are left out. */
export function sectionsFor(session: SessionAnswer) {
	return SECTIONS.map(({ label, places }) => ({
		label,
		places: places.filter((place) => place.shown?.(session) ?? true),
	})).filter(({ places }) => places.length > 0);
}
