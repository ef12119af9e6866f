import { toHex } from './encoding';
import type {
	AppPasswordSignIn,
	ConnectOptions,
	ConnectOutcome,
	ConnectRequest,
	ConsentedToken,
} from './connect-types';
import { identifyToken, missingScopes, wrongAddress } from './identify';
import { sealToken } from './vault';
import type { AccountCandidate } from '../platforms/identity';
import type { TokenSecret } from '../platforms/platform';
import type { Ports, RpcAnswer } from '../ports';
import { createStore, isUnclear, retrying, whyNot } from '../store/client';
import type { AccountView, CarriedAccount, PostError } from '../store/contract';

/** A consent can be repeated, so a store that is away for longer than a restart ends the try. */
const SAVE_BUDGET_MS = 30_000;

/**
 * Connects the account behind a token fresh from consent: asks the platform whose it is, refuses what
 * cannot post, seals and saves. The same remote account keeps its id. Reconnecting replaces the old
 * token only in the one statement that saves the new, validated one; a refresh that runs meanwhile
 * finds the newer token. Never throws.
 */
export async function connectAccount(
	ports: Ports,
	options: ConnectOptions,
	request: ConnectRequest,
): Promise<ConnectOutcome> {
	const old = request.accountId === undefined ? null : await accountToReconnect(ports, request);
	if (old !== null && 'outcome' in old) return old;
	const identified = await identifyToken(ports, options.definition, request);
	if (identified.outcome !== 'ok') {
		return { outcome: identified.outcome, error: identified.error };
	}
	const { candidates, secret, grantedScopes } = identified;
	const wanted = request.remoteId ?? old?.remoteId;
	const [only] = candidates;
	if (wanted === undefined && candidates.length > 1) {
		return { outcome: 'choose', candidates, secret, grantedScopes };
	}
	const candidate =
		wanted === undefined ? only : candidates.find((entry) => entry.remoteId === wanted);
	if (candidate === undefined || (old !== null && candidate.remoteId !== old.remoteId)) {
		return { outcome: 'refused', error: anotherAccount(candidates, old) };
	}
	if (candidate.unavailable !== null) return { outcome: 'refused', error: candidate.unavailable };
	const consent = await consentMark(ports, request.secret);
	return await save(ports, options, request, { candidate, secret, grantedScopes, consent });
}

/**
 * Signs in with handle and app password at the account's own server, then connects as
 * `connectAccount` does. The password is sent once, to that server, and kept nowhere.
 */
export async function connectWithAppPassword(
	ports: Ports,
	options: ConnectOptions,
	input: AppPasswordSignIn,
): Promise<ConnectOutcome> {
	const { definition } = options;
	const rules = definition.identity.signIn;
	if (rules === null) {
		return {
			outcome: 'refused',
			error: {
				code: 'sign_in_unknown',
				message: `${definition.displayName} has no app passwords. Nothing was changed.`,
				remedy: 'Connect on the platform’s own page instead.',
			},
		};
	}
	const authUrl =
		originOf(input.server ?? '') ?? (input.server ? input.server : definition.liveAuthUrl);
	const wrong = wrongAddress(definition, input.mode, authUrl);
	if (wrong !== null) return { outcome: 'refused', error: wrong };
	const identifier = input.identifier.trim().replace(/^@/, '');
	const answer = await ports.http.send(rules.request(authUrl, identifier, input.password));
	const session = rules.read(answer, ports.clock.now());
	if (session.outcome !== 'ok') {
		const unknown = answer.kind !== 'response' || answer.status >= 500 || answer.status === 429;
		return { outcome: unknown ? 'later' : 'refused', error: session.error };
	}
	const named = session.server;
	const baseUrl =
		named !== null && wrongAddress(definition, input.mode, named) === null ? named : authUrl;
	return await connectAccount(ports, options, {
		owner: input.owner,
		mode: input.mode,
		// A sandbox server may name an address that only it knows.
		baseUrl: input.mode === 'live' ? baseUrl : authUrl,
		authUrl: input.mode === 'live' ? baseUrl : authUrl,
		secret: session.secret,
		grantedScopes: null,
		...(input.accountId === undefined ? {} : { accountId: input.accountId }),
	});
}

/** A pasted address as an origin; `bsky.social` counts as https. Null when it is none. */
function originOf(text: string): string | null {
	const trimmed = text.trim();
	if (trimmed === '') return null;
	const address = /^https?:\/\//i.test(trimmed) ? trimmed : `https://${trimmed}`;
	return URL.canParse(address) ? new URL(address).origin : null;
}

interface Validated {
	candidate: AccountCandidate;
	secret: TokenSecret;
	grantedScopes: string[] | null;
	consent: string;
}

async function save(
	ports: Ports,
	options: ConnectOptions,
	request: ConnectRequest,
	validated: Validated,
): Promise<ConnectOutcome> {
	let id = request.accountId ?? ports.crypto.uuid();
	for (let turn = 0; turn < 2; turn++) {
		const kept = await sameConsent(ports, id, validated.consent);
		if (kept !== null) return { outcome: 'connected', account: kept, warnings: [] };
		const answer = await saveAs(ports, options, request, validated, id);
		if (answer.kind === 'ok') {
			return await noteValidation(ports, options, request, validated, answer.value);
		}
		const known = answer.kind === 'refused' ? answer.refusal.details?.id : undefined;
		const exists = answer.kind === 'refused' && answer.refusal.code === 'account_exists';
		if (exists && typeof known === 'string' && request.accountId === undefined) {
			// The token is sealed to the row's id, so it is sealed again for the one that is there.
			id = known;
			continue;
		}
		return notSaved(answer);
	}
	return { outcome: 'later', error: storeError('the account changed meanwhile') };
}

async function saveAs(
	ports: Ports,
	options: ConnectOptions,
	request: ConnectRequest,
	validated: Validated,
	id: string,
): Promise<RpcAnswer<AccountView>> {
	const { candidate } = validated;
	const secret = candidate.secret ?? validated.secret;
	const row = { accountId: id, owner: request.owner };
	const args = {
		p_id: id,
		p_owner: request.owner,
		p_platform: options.definition.name,
		p_mode: request.mode,
		p_remote_id: candidate.remoteId,
		p_handle: candidate.handle,
		p_display_name: candidate.displayName,
		p_base_url: candidate.baseUrl ?? request.baseUrl,
		p_auth_url: request.authUrl,
		p_profile_url: candidate.profileUrl,
		p_scopes: validated.grantedScopes ?? [],
		p_token: await sealToken(ports.crypto, options.vaultKey, row, secret),
		p_token_key_id: options.vaultKey.keyId,
		p_token_expires_at:
			secret.expiresAt === undefined ? null : new Date(secret.expiresAt).toISOString(),
		p_settings: {
			...candidate.settings,
			kind: candidate.kind,
			consent: validated.consent,
			grant: candidate.settings.grant ?? validated.consent,
		},
	};
	const store = createStore(ports.store);
	return await retrying(async () => await store.call('social_account_save', args), {
		clock: ports.clock,
		untilMs: ports.clock.monotonic() + SAVE_BUDGET_MS,
	});
}

/** Best effort: the account is saved, and validating it again brings the same. */
async function noteValidation(
	ports: Ports,
	options: ConnectOptions,
	request: ConnectRequest,
	validated: Validated,
	account: AccountView,
): Promise<ConnectOutcome> {
	const lacks = missingScopes(
		options.definition.identity,
		validated.candidate,
		request.product ?? null,
		validated.grantedScopes,
	);
	const noted = await createStore(ports.store).call('social_account_validated', {
		p_account_id: account.id,
		p_scopes: validated.grantedScopes,
		p_missing_scopes: lacks,
	});
	return {
		outcome: 'connected',
		account: noted.kind === 'ok' ? noted.value : account,
		warnings: scopeWarnings(options.definition.displayName, lacks),
	};
}

/** What an account can do without, said once. */
export function scopeWarnings(platform: string, lacks: string[]): PostError[] {
	if (lacks.length === 0) return [];
	return [
		{
			code: 'scope_not_granted',
			message: `${platform} did not grant ${lacks.join(', ')}. Posting works; what needs it (staying connected, pictures or numbers) does not.`,
			remedy: 'Connect the account again and allow everything, if you need it.',
		},
	];
}

/**
 * The vault may have rotated the pair of this very consent: the one that comes in here again is
 * then the older one, and on X its use would end the access. The newer one stays.
 */
async function sameConsent(
	ports: Ports,
	accountId: string,
	consent: string,
): Promise<AccountView | null> {
	const answer = await createStore(ports.store).call('social_account_open', {
		p_account_id: accountId,
	});
	if (answer.kind !== 'ok' || answer.value.status !== 'connected') return null;
	return answer.value.settings.consent === consent ? viewOf(answer.value) : null;
}

/** The account without what only a carrier may see. */
export function viewOf(account: CarriedAccount): AccountView {
	const { id, owner, platform, mode, remoteId, handle, displayName, status, statusReason } =
		account;
	const { scopes, tokenExpiresAt, lastSuccessAt, lastValidatedAt, missingScopes: lacks } = account;
	return {
		id,
		owner,
		platform,
		mode,
		remoteId,
		handle,
		displayName,
		status,
		statusReason,
		scopes,
		tokenExpiresAt,
		lastSuccessAt,
		lastValidatedAt,
		missingScopes: lacks,
		profileUrl: account.profileUrl,
	};
}

async function accountToReconnect(
	ports: Ports,
	request: ConnectRequest,
): Promise<CarriedAccount | Extract<ConnectOutcome, { outcome: 'refused' | 'later' }>> {
	const answer = await createStore(ports.store).call('social_account_open', {
		p_account_id: request.accountId ?? '',
	});
	if (answer.kind !== 'ok') return notSaved(answer);
	const account = answer.value;
	if (account.owner !== request.owner || account.mode !== request.mode) {
		return { outcome: 'refused', error: unknownAccount(request.accountId ?? '') };
	}
	return account;
}

export function unknownAccount(id: string): PostError {
	return {
		code: 'account_unknown',
		message: `There is no account ${id} for this owner. Nothing was changed.`,
		remedy: 'Pick an account from the list, or connect it first.',
	};
}

function anotherAccount(candidates: AccountCandidate[], old: CarriedAccount | null): PostError {
	const names = candidates.map((entry) => `@${entry.handle}`).join(', ');
	return old === null
		? {
				code: 'candidate_unknown',
				message: `The account that was chosen is not among those of this sign-in (${names}). Nothing was changed.`,
				remedy: 'Choose one of these, or sign in as somebody who may post for it.',
			}
		: {
				code: 'account_is_another',
				message: `The sign-in was for ${names}, not for @${old.handle}. The old connection stays as it was.`,
				remedy: `Sign out at the platform, sign in as @${old.handle} and connect again.`,
			};
}

/** SHA-256 of what names a consent; says nothing about the token. */
async function consentMark(ports: Ports, secret: ConsentedToken['secret']): Promise<string> {
	const text = secret.refreshToken || secret.accessToken;
	return toHex(await ports.crypto.sha256(`musekit_social|consent|${text}`)).slice(0, 32);
}

/** What a call of the store that brought no value means to whoever asked for it. */
export function notSaved(
	answer: Exclude<RpcAnswer<unknown>, { kind: 'ok' }>,
): Extract<ConnectOutcome, { outcome: 'refused' | 'later' }> {
	if (answer.kind === 'unreachable' || isUnclear(answer)) {
		return { outcome: 'later', error: storeError(whyNot(answer)) };
	}
	const { code, message, hint } = answer.refusal;
	return {
		outcome: 'refused',
		error: { code, message, remedy: hint ?? 'Check the input and try again.' },
	};
}

export function storeError(why: string): PostError {
	return {
		code: 'connect_store_away',
		message: `The store could not be asked (${why}). Nothing was changed.`,
		remedy: 'Try again when the store answers.',
	};
}
