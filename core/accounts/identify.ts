import type {
	AccountCandidate,
	IdentityContext,
	IdentityFailure,
	IdentityRules,
} from '../platforms/identity';
import { lacking } from '../platforms/identity-answers';
import { isListedHost } from '../platforms/addresses';
import type { PlatformDefinition, TokenSecret } from '../platforms/platform';
import type { Ports } from '../ports';
import type { Mode, PostError } from '../store/contract';
import type { ConsentedToken, IdentifyOutcome } from './connect-types';

/** A token that lives this long is the lasting one already. */
const LASTING_MS = 86_400_000;

/**
 * Whose token is this? Lengthens a short one first (Meta), then asks the platform by its cheapest
 * real calls. Each candidate that lacks a scope that posting needs says so in `unavailable`. Stores
 * nothing, never throws.
 */
export async function identifyToken(
	ports: Ports,
	definition: PlatformDefinition,
	token: ConsentedToken,
): Promise<IdentifyOutcome> {
	const wrong = wrongAddress(definition, token.mode, token.baseUrl, token.authUrl);
	if (wrong !== null) return { outcome: 'refused', error: wrong, tokenRefused: false };
	const rules = definition.identity;
	const product = token.product ?? null;
	const first = contextOf(ports, token, token.secret);
	const lasting = await lengthened(rules, first);
	if (lasting.outcome !== 'ok') return lasting;
	const reading = await rules.identify({ ...first, secret: lasting.secret });
	if (reading.outcome !== 'ok') return reading;
	const grantedScopes = reading.scopes ?? token.grantedScopes ?? lasting.scopes;
	return {
		outcome: 'ok',
		secret: lasting.secret,
		grantedScopes,
		candidates: reading.candidates.map((candidate) => ({
			...candidate,
			unavailable:
				candidate.unavailable ??
				lacking(
					definition,
					candidate,
					missing(grantedScopes, rules.requiredScopes({ kind: candidate.kind, product })),
				),
		})),
	};
}

/** Scopes of a list that were not granted; none when it is not known what was granted. */
export function missing(granted: string[] | null, wanted: string[]): string[] {
	return granted === null ? [] : wanted.filter((scope) => !granted.includes(scope));
}

/** Every scope that this kind of account should have and lacks. */
export function missingScopes(
	rules: IdentityRules,
	candidate: Pick<AccountCandidate, 'kind'>,
	product: string | null,
	granted: string[] | null,
): string[] {
	const kind = { kind: candidate.kind, product };
	return missing(granted, [...rules.requiredScopes(kind), ...rules.wantedScopes(kind)]);
}

export function contextOf(
	ports: Ports,
	token: Pick<ConsentedToken, 'mode' | 'baseUrl' | 'authUrl' | 'product'>,
	secret: TokenSecret,
	known: IdentityContext['known'] = null,
): IdentityContext {
	return {
		http: ports.http,
		mode: token.mode,
		baseUrl: token.baseUrl,
		authUrl: token.authUrl,
		secret,
		product: token.product ?? null,
		known,
		nowMs: ports.clock.now(),
	};
}

type Lasting = { outcome: 'ok'; secret: TokenSecret; scopes: string[] | null } | IdentityFailure;

async function lengthened(rules: IdentityRules, context: IdentityContext): Promise<Lasting> {
	const { secret, nowMs } = context;
	const short = secret.expiresAt === undefined || secret.expiresAt - nowMs < LASTING_MS;
	if (rules.lengthen === null || !short) return { outcome: 'ok', secret, scopes: null };
	return await rules.lengthen(context);
}

/**
 * The token goes to no other place than the store would take: live, the platform's public hosts by
 * https (Bluesky: any public name); sandbox, any address but those.
 */
export function wrongAddress(
	definition: PlatformDefinition,
	mode: Mode,
	...addresses: string[]
): PostError | null {
	for (const address of addresses) {
		if (fits(definition, mode, address)) continue;
		return {
			code: 'account_host_refused',
			message: `A ${mode} account of ${definition.displayName} cannot use ${shown(address)}. Nothing was sent there.`,
			remedy:
				mode === 'live'
					? 'Give the platform’s public https address; for a server of your own machine use sandbox.'
					: 'Give the address of a sandbox, such as http://127.0.0.1:14402/x.',
			field: 'server',
		};
	}
	return null;
}

/** Platforms whose accounts may live on any public server, as the store has it. */
const ANYWHERE: ReadonlySet<string> = new Set(['bluesky']);
/** As `musekit_social.is_public_host` in the store: a dotted name that is set apart for no private use. */
const PUBLIC_NAME = /^([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+([a-z]{2,63}|xn--[a-z0-9-]{1,59})$/;
const PRIVATE_ENDING =
	/\.(test|example|invalid|localhost|local|internal|alt|onion|lan|home|corp|home\.arpa|in-addr\.arpa|ip6\.arpa)$/;

function fits(definition: PlatformDefinition, mode: Mode, address: string): boolean {
	if (!URL.canParse(address)) return false;
	const url = new URL(address);
	if (url.username !== '' || url.password !== '' || url.search !== '' || url.hash !== '') {
		return false;
	}
	const listed = isListedHost(url.hostname, definition.publicHosts);
	const anywhere = ANYWHERE.has(definition.name) && isPublicName(url.hostname);
	if (mode === 'live') return url.protocol === 'https:' && url.port === '' && (listed || anywhere);
	return /^https?:$/.test(url.protocol) && !listed && !anywhere;
}

function isPublicName(host: string): boolean {
	return host.length <= 253 && PUBLIC_NAME.test(host) && !PRIVATE_ENDING.test(host);
}

function shown(address: string): string {
	return URL.canParse(address) ? new URL(address).origin : 'this address';
}
