import type { MediaInfo, Platform, StoreFunctions } from '../../core/store/contract';
import { refuse, violation } from './refusal';
import type { AccountRow } from './rows';
import { offReason } from './switches';
import { accountOf, PLATFORMS, refreshDue, save, type Call } from './tables';
import { instantOrNull, noteNewToken, releaseParked, SEALED } from './tokens';
import { accountView, carriedAccountView, copy, mediaView } from './views';

type Args<Name extends keyof StoreFunctions> = StoreFunctions[Name]['args'];

const HOSTS: Record<Platform, readonly string[]> = {
	x: ['api.x.com'],
	linkedin: ['api.linkedin.com', 'www.linkedin.com'],
	instagram: ['graph.instagram.com', 'api.instagram.com', 'graph.facebook.com'],
	bluesky: ['bsky.social', '*.us-east.host.bsky.network', '*.us-west.host.bsky.network'],
};

const PRIVATE_ENDING =
	/\.(test|example|invalid|localhost|local|internal|alt|onion|lan|home|corp|home\.arpa|in-addr\.arpa|ip6\.arpa)$/;
const PUBLIC_HOST = /^([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+([a-z]{2,63}|xn--[a-z0-9-]{1,59})$/;

const isPublicHost = (host: string) =>
	host.length <= 253 && PUBLIC_HOST.test(host) && !PRIVATE_ENDING.test(host);

function hostListed(name: Platform | null, host: string): boolean {
	const lists = name === null ? Object.values(HOSTS) : [HOSTS[name]];
	const rest = host.replace(/^[^.]+\./, '');
	return lists.some((list) =>
		list.some((one) => one === host || (one.startsWith('*.') && one.slice(2) === rest)),
	);
}

function checkUrl(name: Platform, mode: string, url: string): void {
	const host = /^https?:\/\/([^/:?#@]+)(?::\d+)?(?:\/|$)/.exec(url)?.[1]?.toLowerCase() ?? null;
	const anywhere = PLATFORMS[name].anyPublicHost;
	if (mode === 'live') {
		const fits =
			/^https:\/\/[^/:?#@]+(\/|$)/.test(url) &&
			host !== null &&
			(hostListed(name, host) || (anywhere && isPublicHost(host)));
		if (fits) return;
		refuse(
			400,
			'account_host_refused',
			`A live ${name} account cannot use ${url}. The account was not saved.`,
			anywhere
				? "Give the server's public https address; mark the account as sandbox for a server of your own machine."
				: "Live accounts use the platform's public address; mark the account as sandbox for any other.",
		);
	}
	if (host === null || hostListed(null, host) || (anywhere && isPublicHost(host))) {
		refuse(
			400,
			'account_host_refused',
			`A sandbox account cannot use ${url}. The account was not saved.`,
			'Give the address of a sandbox, such as http://127.0.0.1:14402/x.',
		);
	}
}

/** `musekit_social.ensure_owner`. */
export function ensureOwner(call: Call, owner: string): void {
	if (!/^[A-Za-z0-9_.@:+=-]{1,200}$/.test(owner)) {
		refuse(
			400,
			'owner_invalid',
			'An owner is named by 1 to 200 letters, digits or . _ @ : + = - . Nothing was changed.',
			'Use default, a user id or an e-mail address.',
		);
	}
	if (!call.t.owners.has(owner)) call.t.owners.set(owner, 'universal');
}

const trimmed = (url: string) => url.replace(/\/+$/, '');

export function accountSave(call: Call, args: Args<'social_account_save'>) {
	const { t } = call;
	if (!(args.p_platform in PLATFORMS)) {
		refuse(400, 'platform_unknown', `There is no platform ${args.p_platform}.`);
	}
	const ownerIsNew = !t.owners.has(args.p_owner);
	ensureOwner(call, args.p_owner);
	try {
		checkSaved(call, args);
	} catch (error) {
		if (ownerIsNew) t.owners.delete(args.p_owner);
		throw error;
	}
	const known = t.accounts.get(args.p_id);
	const told = {
		handle: args.p_handle,
		displayName: args.p_display_name,
		baseUrl: trimmed(args.p_base_url),
		authUrl: trimmed(args.p_auth_url),
		profileUrl: args.p_profile_url ?? null,
		scopes: [...args.p_scopes],
		token: args.p_token,
		tokenKeyId: args.p_token_key_id,
		tokenExpiresAt: instantOrNull(args.p_token_expires_at),
	};
	const a: AccountRow = known ?? {
		id: args.p_id,
		owner: args.p_owner,
		platform: args.p_platform,
		mode: args.p_mode,
		remoteId: args.p_remote_id,
		remoteAccount: `${args.p_platform}:${args.p_mode}:${args.p_remote_id}`,
		...told,
		tokenVersion: 1,
		status: 'connected',
		statusReason: null,
		refreshLeaseId: null,
		refreshLeaseUntil: null,
		settings: copy(args.p_settings ?? {}),
		lastSuccessAt: null,
		lastValidatedAt: null,
		missingScopes: [],
		tokenRefreshedAt: call.now,
		refreshInterruptedAt: null,
		refreshNotBefore: null,
		troubles: [],
		nextDueAt: null,
		holdUntil: null,
		posts: [],
	};
	if (known === undefined) {
		t.accounts.set(a.id, a);
	} else {
		noteNewToken(call, a);
		Object.assign(a, told, {
			tokenVersion: a.tokenVersion + 1,
			settings: { ...a.settings, ...copy(args.p_settings ?? {}) },
			status: 'connected',
			statusReason: null,
			refreshLeaseId: null,
			refreshLeaseUntil: null,
		});
	}
	releaseParked(call, a);
	refreshDue(call, a.id);
	return accountView(a);
}

function checkSaved(call: Call, args: Args<'social_account_save'>): void {
	const off = offReason(call.t, args.p_owner, 'connect', args.p_platform);
	if (off !== null) {
		refuse(
			403,
			'off',
			`${off}. The account was not saved.`,
			'Ask whoever runs MuseKit Social here to switch it on.',
		);
	}
	checkUrl(args.p_platform, args.p_mode, args.p_base_url);
	checkUrl(args.p_platform, args.p_mode, args.p_auth_url);
	const same = (a: AccountRow) =>
		a.owner === args.p_owner &&
		a.platform === args.p_platform &&
		a.mode === args.p_mode &&
		a.remoteId === args.p_remote_id;
	for (const a of call.t.accounts.values()) {
		if (!same(a) || a.id === args.p_id) continue;
		refuse(
			409,
			'account_exists',
			'This account is connected already under another id. Nothing was changed.',
			'Use the id in details to reconnect it.',
			{ id: a.id },
		);
	}
	const known = call.t.accounts.get(args.p_id);
	if (known !== undefined && !same(known)) {
		refuse(
			409,
			'account_is_another',
			'The sign-in was for another account than the one to reconnect. The old connection stays as it was.',
			'Sign in at the platform as the account you want to reconnect.',
		);
	}
	if (!SEALED.test(args.p_token)) violation('check');
	if (args.p_remote_id.length < 1 || args.p_remote_id.length > 500) violation('check');
}

export function accountGet(call: Call, args: Args<'social_account_get'>) {
	return accountView(accountOf(call, args.p_account_id, args.p_owner ?? null));
}

export function accountOpen(call: Call, args: Args<'social_account_open'>) {
	return carriedAccountView(accountOf(call, args.p_account_id));
}

export function accountList(call: Call, args: Args<'social_account_list'>) {
	const limit = Math.min(Math.max(args.p_limit ?? 50, 1), 200);
	const wanted = (args.p_search ?? '').replace(/^ +| +$/g, '').toLowerCase();
	const cursor = args.p_cursor ? (JSON.parse(args.p_cursor) as [string, string]) : null;
	const after = (a: AccountRow) => {
		if (cursor === null) return true;
		const name = a.handle.toLowerCase();
		return name > cursor[0] || (name === cursor[0] && a.id > cursor[1]);
	};
	const all = [...call.t.accounts.values()]
		.filter(
			(a) =>
				a.owner === args.p_owner &&
				(args.p_platform === null ||
					args.p_platform === undefined ||
					a.platform === args.p_platform) &&
				[a.handle, a.displayName, a.platform].some((text) => text.toLowerCase().includes(wanted)) &&
				after(a),
		)
		.sort((left, right) => {
			const names = [left.handle.toLowerCase(), right.handle.toLowerCase()];
			if (names[0] !== names[1]) return names[0] < names[1] ? -1 : 1;
			return left.id < right.id ? -1 : 1;
		});
	const page = all.slice(0, limit);
	const last = page[page.length - 1];
	return {
		items: page.map(accountView),
		nextCursor:
			all.length > limit ? `[${JSON.stringify(last.handle.toLowerCase())}, "${last.id}"]` : null,
	};
}

/** Somebody checked the account at the platform. */
export function accountValidated(call: Call, args: Args<'social_account_validated'>) {
	const a = accountOf(call, args.p_account_id);
	a.lastValidatedAt = call.now;
	if (args.p_scopes) a.scopes = [...args.p_scopes];
	a.missingScopes = [...(args.p_missing_scopes ?? [])];
	return accountView(a);
}

export function accountDisconnect(call: Call, args: Args<'social_account_disconnect'>) {
	const a = accountOf(call, args.p_account_id, args.p_owner);
	if (a.status === 'disconnected') return accountView(a);
	if (!SEALED.test(args.p_token)) violation('check');
	noteNewToken(call, a);
	const settings = { ...a.settings };
	delete settings.consent;
	delete settings.grant;
	Object.assign(a, {
		status: 'disconnected',
		statusReason: 'It was disconnected here.',
		token: args.p_token,
		tokenKeyId: args.p_token_key_id,
		tokenVersion: a.tokenVersion + 1,
		tokenExpiresAt: null,
		refreshLeaseId: null,
		refreshLeaseUntil: null,
		missingScopes: [],
		settings,
	});
	for (const p of a.posts) {
		if (p.state !== 'scheduled' || p.waitReason !== null || p.openIntents > 0) continue;
		save(call, p, {
			waitReason: 'account_dead',
			error: {
				code: 'account_disconnected',
				message: 'The account was disconnected here. The post waits.',
				remedy: 'Connect the account again; the post then goes out if it is not too late.',
			},
		});
	}
	refreshDue(call, a.id);
	return accountView(a);
}

export function mediaRegister(call: Call, args: Args<'social_media_register'>): MediaInfo {
	const ownerIsNew = !call.t.owners.has(args.p_owner);
	ensureOwner(call, args.p_owner);
	const place = `${args.p_owner}/${args.p_hash}`;
	const known = call.t.media.get(place);
	if (known !== undefined) return mediaView(known);
	const fits =
		/^[0-9a-f]{64}$/.test(args.p_hash) &&
		['image/jpeg', 'image/png', 'image/gif', 'image/webp'].includes(args.p_mime) &&
		args.p_bytes >= 1 &&
		args.p_bytes <= 16_777_216 &&
		args.p_width > 0 &&
		args.p_height > 0;
	if (!fits) {
		if (ownerIsNew) call.t.owners.delete(args.p_owner);
		violation('check');
	}
	const made = {
		owner: args.p_owner,
		hash: args.p_hash,
		mime: args.p_mime,
		bytes: args.p_bytes,
		width: args.p_width,
		height: args.p_height,
	};
	call.t.media.set(place, made);
	return mediaView(made);
}

export function mediaKnown(call: Call, args: Args<'social_media_known'>): MediaInfo[] {
	return [...new Set(args.p_hashes)].flatMap((hash) => {
		const known = call.t.media.get(`${args.p_owner}/${hash}`);
		return known === undefined ? [] : [mediaView(known)];
	});
}
