import type { Mode, Platform, PlatformStateView } from '../../../core/store/contract';
import { checkApp } from '../connect/apps';
import { CONNECTORS, type Connector } from '../connect/connectors';
import { Refused } from '../connect/context';
import { type CheckContext, storeValue } from './check-context';
import { bad, type Finding, ok, warning } from './finding';

const connectorsOf = (platform: Platform) =>
	CONNECTORS.filter(({ definition }) => definition.name === platform);

async function stateOf({ store }: CheckContext, platform: Platform): Promise<PlatformStateView> {
	const { items } = storeValue(await store.call('social_platform_states', {}));
	const found = items.find((item) => item.platform === platform);
	if (found === undefined) throw new Error(`The store does not know the platform ${platform}`);
	return found;
}

/** What connecting this platform needs besides the panel itself. */
export function libraryInstalled({ probes }: CheckContext, platform: Platform): Finding {
	const oauth = connectorsOf(platform).flatMap((connector) => connector.oauth ?? []);
	const names = oauth.map(({ client }) => (client === 'x' ? 'twitter-api-v2' : 'oauth4webapi'));
	const [name] = names;
	if (name === undefined) return ok('No library is needed beyond the panel’s own.');
	const version = probes.library(name);
	return version === null
		? bad(
				`${name} is not installed, so nobody can connect an account.`,
				`Run npm install in the folder of MuseKit Social; it adds ${name}.`,
			)
		: ok(`${name} ${version} is installed.`);
}

/** Which developer apps of this platform are saved, as connector and mode. */
async function appsOf({ store, connect }: CheckContext, platform: Platform) {
	const { items } = storeValue(await store.call('social_app_list', {}));
	const oauth = connectorsOf(platform).filter(({ oauth: rules }) => rules !== null);
	const live = oauth.filter(({ id }) =>
		items.some((app) => app.connector === id && app.mode === 'live'),
	);
	return { oauth, live, sandbox: connect.sandboxUrl !== undefined };
}

const pageOf = ({ id }: Connector, mode: Mode) => `/accounts/apps/${id}?mode=${mode}`;

/** A developer app is saved, where the platform wants one. */
export async function appSaved(context: CheckContext, platform: Platform): Promise<Finding> {
	const { oauth, live, sandbox } = await appsOf(context, platform);
	if (oauth.length === 0)
		return ok('No developer app is needed; accounts connect by app password.');
	if (live.length > 0)
		return ok(`A developer app is saved for ${live.map(({ label }) => label).join(' and ')}.`);
	return warning(
		`No developer app is saved, so ${sandbox ? 'only accounts of the sandbox' : 'no accounts'} can be connected.`,
		'Make an app at the platform and save it; the page says how.',
		pageOf(oauth[0], 'live'),
	);
}

/** The platform accepts the saved app, or else the sandbox the one that it brings. */
export async function appAccepted(context: CheckContext, platform: Platform): Promise<Finding> {
	const { oauth, live, sandbox } = await appsOf(context, platform);
	if (oauth.length === 0) return ok('Nothing has to be accepted.');
	if (live.length === 0 && !sandbox) return ok('There is no app to ask about.');
	const mode: Mode = live.length > 0 ? 'live' : 'sandbox';
	for (const connector of live.length > 0 ? live : oauth.slice(0, 1)) {
		if (connector.oauth === null) continue;
		const found = await askPlatform(context, connector, mode);
		if (found !== null) return found;
	}
	return ok(
		mode === 'live'
			? 'The platform knows the app, and nothing is missing.'
			: 'The sandbox answers and knows its app.',
	);
}

async function askPlatform(
	context: CheckContext,
	connector: Connector,
	mode: Mode,
): Promise<Finding | null> {
	if (connector.oauth === null) return null;
	try {
		const { findings } = await checkApp(context.connect, connector, connector.oauth, mode);
		const [first] = findings;
		return first === undefined ? null : bad(first.message, first.remedy, pageOf(connector, mode));
	} catch (thrown) {
		if (!(thrown instanceof Refused)) throw thrown;
		return bad(thrown.problem.message, thrown.problem.remedy, pageOf(connector, mode));
	}
}

/** Accounts are connected and none needs connecting again. */
export async function accountsConnected(
	context: CheckContext,
	platform: Platform,
): Promise<Finding> {
	const { label, connected, reconnect } = await stateOf(context, platform);
	if (reconnect > 0) {
		return warning(
			`${reconnect} ${reconnect === 1 ? 'account needs' : 'accounts need'} connecting again on ${label}; their posts wait.`,
			'Reconnect them.',
			'/accounts',
		);
	}
	return connected > 0
		? ok(`${connected} ${connected === 1 ? 'account is' : 'accounts are'} connected.`)
		: warning(`No account is connected on ${label}.`, 'Connect one.', '/accounts/connect');
}

/** The platform is not paused because of its failures. */
export async function notPaused(context: CheckContext, platform: Platform): Promise<Finding> {
	const { label, pausedUntil, pauseReason } = await stateOf(context, platform);
	return pausedUntil === null
		? ok(`${label} is not paused.`)
		: bad(
				`${label} is paused: ${pauseReason ?? 'it does not work right now'}.`,
				'Nothing to do: its posts wait and go out when it is back.',
			);
}
