import type { IDataObject, IExecuteFunctions } from 'n8n-workflow';

import type { ConsentedToken } from '../../../core/accounts/connect-types';
import type { PlatformDefinition, TokenSecret } from '../../../core/platforms/platform';
import type { Platform } from '../../../core/store/contract';
import { operationError } from '../../SocialPost/input/problem';
import { UNTOUCHED } from './common';

/** The credential through which an account of each platform comes in. */
const DOORS: Record<Platform, string> = {
	x: 'museKitSocialXOAuth2Api',
	linkedin: 'museKitSocialLinkedInOAuth2Api',
	instagram: 'museKitSocialInstagramOAuth2Api',
	bluesky: 'museKitSocialBlueskyApi',
};

/** What n8n keeps of a sign-in (2.41, `oauth2-credential.controller.js`). */
interface OAuthDoor {
	clientId?: string;
	clientSecret?: string;
	baseUrl?: string;
	loginProduct?: string;
	oauthTokenData?: IDataObject;
}

/** What the Bluesky credential holds. */
interface PasswordDoor {
	identifier?: string;
	appPassword?: string;
	server?: string;
	sandbox?: boolean;
}

/** Handle and app password of the credential, cleaned. */
export async function readPasswordDoor(context: IExecuteFunctions, itemIndex: number) {
	const door = await context.getCredentials<PasswordDoor>(DOORS.bluesky, itemIndex);
	return {
		identifier: String(door.identifier ?? '')
			.trim()
			.replace(/^@/, ''),
		password: String(door.appPassword ?? '').trim(),
		server: trimUrl(door.server) || undefined,
		mode: door.sandbox === true ? ('sandbox' as const) : ('live' as const),
	};
}

/** The token that signing in with the platform's OAuth2 credential brought. */
export async function readOAuthDoor(
	context: IExecuteFunctions,
	itemIndex: number,
	definition: PlatformDefinition,
): Promise<ConsentedToken> {
	const door = await context.getCredentials<OAuthDoor>(DOORS[definition.name], itemIndex);
	const data = tokenData(door.oauthTokenData);
	const accessToken = textOf(data.access_token);
	if (accessToken === undefined) {
		throw operationError(
			context,
			{
				message: `Nobody has signed in with the ${definition.displayName} credential yet.`,
				remedy:
					'Open that credential in this node, press "Connect" there and sign in, then run the node again.',
			},
			itemIndex,
			UNTOUCHED,
		);
	}
	const baseUrl = trimUrl(door.baseUrl);
	return {
		mode: baseUrl === '' ? 'live' : 'sandbox',
		baseUrl: baseUrl || definition.liveBaseUrl,
		authUrl: baseUrl || definition.liveAuthUrl,
		secret: secretOf(door, data, accessToken),
		grantedScopes: scopesOf(data),
		product: definition.name === 'instagram' ? (door.loginProduct ?? 'instagram') : null,
	};
}

/** Older n8n keeps the token data as text. */
function tokenData(given: unknown): IDataObject {
	if (typeof given !== 'string') return (given ?? {}) as IDataObject;
	try {
		return JSON.parse(given) as IDataObject;
	} catch {
		return {};
	}
}

function secretOf(door: OAuthDoor, data: IDataObject, accessToken: string): TokenSecret {
	const expiresAt = Number(data.n8n_expires_at);
	const lifeMs = Number(data.expires_in) * 1000;
	const refreshToken = textOf(data.refresh_token);
	const clientId = textOf(door.clientId);
	const clientSecret = textOf(door.clientSecret);
	return {
		accessToken,
		...(refreshToken === undefined ? {} : { refreshToken }),
		...(expiresAt > 0 ? { expiresAt } : {}),
		...(expiresAt > 0 && lifeMs > 0 ? { issuedAt: expiresAt - lifeMs } : {}),
		...(clientId === undefined ? {} : { clientId }),
		...(clientSecret === undefined ? {} : { clientSecret }),
	};
}

/** What was granted, where the token answer says so (Instagram calls it permissions). */
function scopesOf(data: IDataObject): string[] | null {
	const given = data.scope ?? data.permissions;
	if (Array.isArray(given)) return given.map(String);
	return typeof given === 'string' && given.trim() !== '' ? given.trim().split(/[\s,]+/) : null;
}

function textOf(value: unknown): string | undefined {
	return typeof value === 'string' && value.trim() !== '' ? value.trim() : undefined;
}

function trimUrl(value: unknown): string {
	return String(value ?? '')
		.trim()
		.replace(/\/+$/, '');
}
