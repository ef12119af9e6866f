import type { Feature, Platform, Tier, Toggle } from '../../../../core/store/contract';
import type { Light } from '../../../shared/features';
import { strings } from '../strings';

export const tierNames: Record<Tier, string> = { universal: 'Universal', power: 'Power' };

export const featureNames: Record<Feature, string> = {
	connect: 'Connecting',
	publish: 'Publishing',
	schedule: 'Scheduling',
	media: 'Images',
	recurrence: 'Recurring posts',
};

const posts = (count: number) => `${count} scheduled ${count === 1 ? 'post' : 'posts'}`;
const accounts = (count: number) => `${count} connected ${count === 1 ? 'account' : 'accounts'}`;

/** Name of a switch as its button and dialogs call it. */
export function toggleName(toggle: Toggle): string {
	const [kind, first, feature] = toggle.split(':');
	if (kind === 'module') return strings.app.name;
	if (kind === 'platform') return strings.platforms[first as Platform] ?? first;
	return `${featureNames[feature as Feature]} (${tierNames[first as Tier]})`;
}

export const featureWords = {
	title: 'Features & Integrations',
	lead: 'What is on, for whom, and whether it can work.',
	viewer: 'You may look. Switching needs the role admin.',
	module: {
		title: 'MuseKit Social',
		help: 'Everything: nodes in n8n, the fallback runner and this panel. Off means that nothing is created, connected or published.',
	},
	platforms: 'Platforms',
	platformsHelp: 'Off hides Connect and refuses new posts; scheduled posts wait.',
	features: 'Features by tier',
	featuresHelp: 'Each owner has a tier. Under Settings it is decided who has which.',
	featureHelp: {
		connect: 'Owners connect accounts, here or by a link.',
		publish: 'Posts go out, now or at their time.',
		schedule: 'Posts may be made for later.',
		media: 'Posts may have images with alternative text.',
		recurrence: 'Posts that come again, daily, weekly or monthly.',
	} satisfies Record<Feature, string>,
	on: 'On',
	off: 'Off',
	offSince: 'Off since',
	switchOn: (name: string) => `Switch ${name} on`,
	switchOff: (name: string) => `Switch ${name} off`,
	switched: (name: string, on: boolean) => `${name} is ${on ? 'on' : 'off'}.`,
	preview: {
		loading: 'Looking what this is about …',
		titleOff: (name: string) => `Switch ${name} off?`,
		titleOn: (name: string) => `Switch ${name} on?`,
		nothing: 'No post and no account is affected right now.',
		offPosts: (count: number) => `${posts(count)} will wait until it is on again.`,
		offAccounts: (count: number) =>
			`${accounts(count)} ${count === 1 ? 'stays' : 'stay'} connected, and nothing goes out there.`,
		offConnect: (count: number) =>
			`${accounts(count)} ${count === 1 ? 'stays' : 'stay'} as ${count === 1 ? 'it is' : 'they are'}; no new ones.`,
		offSeries: (count: number) =>
			`${count} recurring ${count === 1 ? 'post waits' : 'posts wait'} as well.`,
		offNew: 'New ones are refused everywhere within seconds: in n8n, by the runner and here.',
		onPosts: (count: number) => `${posts(count)} ${count === 1 ? 'goes' : 'go'} on.`,
		onDue: (count: number) =>
			`${count} fell due meanwhile and ${count === 1 ? 'goes' : 'go'} out now, a minute apart on each account.`,
		lateTitle: (count: number) =>
			`${count} of them ${count === 1 ? 'is' : 'are'} later than planned at most`,
		lateSend: 'Send them too',
		lateSendHelp: 'The time for which it was off does not count as lateness.',
		lateMiss: 'Leave them out',
		lateMissHelp: 'They are marked as missed, and each can be retried.',
		next: 'Next post',
		apply: (on: boolean) => (on ? 'Switch on' : 'Switch off'),
	},
	checks: {
		title: 'Checks',
		show: (name: string) => `Checks of ${name}`,
		running: 'Checking …',
		again: 'Check again',
		count: (count: number) => `${count} ${count === 1 ? 'check' : 'checks'}`,
		states: { ok: 'OK', warning: 'Look at it', bad: 'Not working' },
		mend: 'Go there',
	},
	lights: { green: 'Works', amber: 'Partly', red: 'Not working', off: 'Off' } satisfies Record<
		Light,
		string
	>,
	status: {
		title: 'Module status',
		headline: {
			green: 'Configured: posts can go out',
			amber: 'Posts go out, and something should be looked at',
			red: 'Posts cannot go out',
			off: 'MuseKit Social is switched off',
		} satisfies Record<Light, string>,
		offHelp: 'Nothing is created, connected or published. Scheduled posts wait.',
		more: (count: number) => `${count} more`,
		details: 'Features & Integrations',
		checking: 'Looking at the parts …',
	},
};
