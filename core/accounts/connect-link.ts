import { toBase64Url, toHex } from './encoding';
import { storeError } from './connect';
import type { Ports } from '../ports';
import { createStore, isUnclear, whyNot } from '../store/client';
import type { Mode, Platform, PostError } from '../store/contract';

export interface ConnectLinkInput {
	owner: string;
	/** `x`, `linkedin`, `instagram`, `instagram-facebook`, `bluesky`. */
	connector: string;
	mode: Mode;
	/** Default: three days. */
	expiresInHours?: number;
	/** The panel's origin; absent: the one that the panel noted in the setting `panel`. */
	panelUrl?: string;
}

export type ConnectLinkOutcome =
	| { outcome: 'ok'; url: string; expiresAt: string }
	| { outcome: 'refused'; error: PostError }
	| { outcome: 'later'; error: PostError };

/** Every way to connect, with its platform: the panel's table of connectors and the node's list. */
export const CONNECTOR_PLATFORMS: Record<string, Platform> = {
	x: 'x',
	linkedin: 'linkedin',
	instagram: 'instagram',
	'instagram-facebook': 'instagram',
	bluesky: 'bluesky',
};

const TOKEN_BYTES = 32;
const DEFAULT_HOURS = 72;

/**
 * A link to a page of the panel where a client connects one account for this owner, without a
 * sign-in here. It works once and runs out. The store keeps only the hash of its token.
 */
export async function createConnectLink(
	ports: Ports,
	input: ConnectLinkInput,
): Promise<ConnectLinkOutcome> {
	const platform = Object.hasOwn(CONNECTOR_PLATFORMS, input.connector)
		? CONNECTOR_PLATFORMS[input.connector]
		: null;
	if (platform === null) {
		return {
			outcome: 'refused',
			error: {
				code: 'connector_unknown',
				message: `There is no way to connect called ${input.connector}. Nothing was made.`,
				remedy: `Use one of ${Object.keys(CONNECTOR_PLATFORMS).join(', ')}.`,
				field: 'connector',
			},
		};
	}
	const store = createStore(ports.store);
	const origin = input.panelUrl ?? (await notedPanelUrl(ports));
	if (typeof origin !== 'string') return origin;
	if (!URL.canParse(origin)) return { outcome: 'refused', error: noPanel() };
	const token = toBase64Url(ports.crypto.randomBytes(TOKEN_BYTES));
	const made = await store.call('social_link_create', {
		p_id: ports.crypto.uuid(),
		p_token_hash: await linkHash(ports, token),
		p_owner: input.owner,
		p_connector: input.connector,
		p_platform: platform,
		p_mode: input.mode,
		p_ttl_ms: Math.round((input.expiresInHours ?? DEFAULT_HOURS) * 3_600_000),
	});
	if (made.kind === 'ok') {
		const url = `${origin.replace(/\/+$/, '')}/l/${token}`;
		return { outcome: 'ok', url, expiresAt: made.value.expiresAt };
	}
	if (made.kind === 'unreachable' || isUnclear(made)) {
		return { outcome: 'later', error: storeError(whyNot(made)) };
	}
	const { code, message, hint } = made.refusal;
	return { outcome: 'refused', error: { code, message, remedy: hint ?? 'Check the input.' } };
}

/** What the store knows a link's token by. */
export async function linkHash(ports: Pick<Ports, 'crypto'>, token: string): Promise<string> {
	return toHex(await ports.crypto.sha256(`musekit_social|link|${token}`));
}

async function notedPanelUrl(
	ports: Ports,
): Promise<string | Extract<ConnectLinkOutcome, { outcome: 'refused' | 'later' }>> {
	const settings = await createStore(ports.store).call('social_settings_get', {});
	if (settings.kind !== 'ok') return { outcome: 'later', error: storeError(whyNot(settings)) };
	const { publicUrl } = (settings.value.panel ?? {}) as { publicUrl?: unknown };
	return typeof publicUrl === 'string' && publicUrl !== ''
		? publicUrl
		: { outcome: 'refused', error: noPanel() };
}

function noPanel(): PostError {
	return {
		code: 'panel_url_unknown',
		message: 'It is not known where the panel is, and the link leads there. Nothing was made.',
		remedy: 'Start the panel (npm start), or give its public address.',
	};
}
