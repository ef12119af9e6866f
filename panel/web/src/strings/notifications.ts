import type { Notice } from '../../../../core/store/contract';
import { strings } from '../strings';

type Told = Pick<Notice, 'kind' | 'facts' | 'count'>;

const who = ({ facts }: Told) =>
	`@${facts.handle ?? '?'}${facts.platform ? ` (${strings.platforms[facts.platform] ?? facts.platform})` : ''}`;
const posts = (count: number) => (count === 1 ? 'A post' : `${count} posts`);

const TITLES: Record<Notice['kind'], (told: Told) => string> = {
	needs_review: (told) => `A post of ${who(told)} needs your decision`,
	missed: (told) =>
		`${posts(told.count)} of ${who(told)} missed ${told.count === 1 ? 'its' : 'their'} time`,
	failed: (told) => `${posts(told.count)} of ${who(told)} failed`,
	account_at_risk: (told) => `${who(told)} is at risk`,
	account_disconnected: (told) =>
		told.facts.status === 'reconnect'
			? `${who(told)} has to be connected again`
			: `${who(told)} is disconnected`,
	carrier_took_over: ({ facts }) =>
		`The runner took over${facts.silent ? ` from ${facts.silent}` : ''}`,
	carrier_back: ({ facts }) => `${facts.carrier ?? 'n8n'} is back`,
};

/** What happened, in one line. */
export const noticeTitle = (told: Told) => TITLES[told.kind](told);

export const bellWords = {
	label: (unread: number) =>
		unread === 0
			? 'Notifications'
			: `Notifications, ${unread > 99 ? 'more than 99' : unread} unread`,
	title: 'Notifications',
	many: '99+',
	readAll: 'Mark all as read',
	unread: 'unread',
	settled: 'settled',
	times: (count: number) => `${count} times`,
	owner: (owner: string) => `Owner ${owner}`,
	empty: 'Nothing to tell',
	emptyHelp: 'When something needs you, it shows here.',
	live: 'Live',
	asking: 'Live updates are interrupted; this page asks every few seconds instead.',
	more: 'Load more',
	look: 'Look at it',
	carriers: 'Posts go out all the same.',
};
