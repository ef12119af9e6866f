import { PLATFORMS } from '../../../core/platforms';
import type { PlatformDefinition } from '../../../core/platforms/platform';
import type { Mode } from '../../../core/store/contract';
import type { AppField, ConnectorView } from '../../shared/api';

/** One way to connect accounts of a platform. A new platform is a new row, not a new page. */
export interface Connector {
	id: string;
	label: string;
	definition: PlatformDefinition;
	/** Which of the platform's login products; null: the usual one. */
	product: string | null;
	/** Where a live account's calls and token calls go. */
	live: { baseUrl: string; authUrl: string };
	/** Null: people sign in by app password. */
	oauth: OAuthRules | null;
	docsUrl: string;
}

export interface OAuthRules {
	/** `x`: through twitter-api-v2; `standard`: through oauth4webapi. */
	client: 'x' | 'standard';
	/** Consent page, below the origin; the sandbox has the same paths below its platform's prefix. */
	authorize: { origin: string; path: string };
	token: { origin: string; path: string };
	scopes: string[];
	scopeSeparator: ' ' | ',';
	pkce: boolean;
	/** Further query of the consent page. */
	extra: Record<string, string>;
	/** The platform takes plain http for this machine (127.0.0.1), else https only. */
	httpOnLoopback: boolean;
	fields: AppField[];
	consoleUrl: string;
	steps: string[];
}

const DOCS = 'https://github.com/musekit/n8n-nodes-musekit-social/blob/main/docs';

function fields(id: string, idHelp: string, secret: string, secretHelp: string): AppField[] {
	return [
		{ name: 'clientId', label: id, secret: false, required: true, help: idHelp },
		{ name: 'clientSecret', label: secret, secret: true, required: true, help: secretHelp },
	];
}

const LINKEDIN_PAGES = {
	authorize: { origin: 'https://www.linkedin.com', path: '/oauth/v2/authorization' },
	token: { origin: 'https://www.linkedin.com', path: '/oauth/v2/accessToken' },
	scopeSeparator: ' ' as const,
	// learn.microsoft.com: PKCE is for native clients; web apps prove themselves by their secret.
	pkce: false,
	extra: {},
	httpOnLoopback: true,
	consoleUrl: 'https://www.linkedin.com/developers/apps',
	fields: fields(
		'Client ID',
		'On the app’s Auth tab.',
		'Primary Client Secret',
		'On the app’s Auth tab, behind the eye.',
	),
};

const META_FIELDS = {
	instagram: fields(
		'Instagram app ID',
		'Under Instagram, API setup with Instagram login. It is another number than the Meta app’s own.',
		'Instagram app secret',
		'Beside the Instagram app ID.',
	),
	facebook: fields(
		'App ID',
		'Under App settings, Basic.',
		'App secret',
		'Under App settings, Basic.',
	),
};

const GRAPH = 'https://graph.facebook.com';

/** Every way to connect, in the order people see them. */
export const CONNECTORS: Connector[] = [
	{
		id: 'x',
		label: 'X',
		definition: PLATFORMS.x,
		product: null,
		live: addresses(PLATFORMS.x),
		docsUrl: `${DOCS}/connect-x.md`,
		oauth: {
			client: 'x',
			authorize: { origin: 'https://x.com', path: '/i/oauth2/authorize' },
			token: { origin: 'https://api.x.com', path: '/2/oauth2/token' },
			scopes: ['tweet.read', 'tweet.write', 'users.read', 'offline.access', 'media.write'],
			scopeSeparator: ' ',
			pkce: true,
			extra: {},
			httpOnLoopback: true,
			consoleUrl: 'https://console.x.com',
			fields: [
				{
					name: 'clientId',
					label: 'OAuth 2.0 Client ID',
					secret: false,
					required: true,
					help: 'Under Keys and tokens. Not the API key.',
				},
				{
					name: 'clientSecret',
					label: 'OAuth 2.0 Client Secret',
					secret: true,
					required: false,
					help: 'For apps of the type Web App. Leave it empty for a Native App.',
				},
			],
			steps: [
				'Sign in at console.x.com, make a project with an app and buy credits: posting is paid per post.',
				'Open User authentication settings, choose Read and write and the type Web App.',
				'Enter the redirect URI shown here exactly as it is, and any website.',
				'Copy OAuth 2.0 Client ID and Client Secret into the fields.',
			],
		},
	},
	{
		id: 'linkedin',
		label: 'LinkedIn profile',
		definition: PLATFORMS.linkedin,
		product: null,
		live: addresses(PLATFORMS.linkedin),
		docsUrl: `${DOCS}/connect-linkedin.md`,
		oauth: {
			client: 'standard',
			...LINKEDIN_PAGES,
			scopes: ['openid', 'profile', 'w_member_social'],
			steps: [
				'Make an app at linkedin.com/developers; it needs a company page, also for posts of members.',
				'On the Products tab request Share on LinkedIn and Sign In with LinkedIn using OpenID Connect.',
				'On the Auth tab add the redirect URI shown here exactly as it is.',
				'Copy Client ID and Primary Client Secret into the fields.',
			],
		},
	},
	{
		id: 'linkedin-pages',
		label: 'LinkedIn pages',
		definition: PLATFORMS.linkedin,
		product: 'pages',
		live: addresses(PLATFORMS.linkedin),
		docsUrl: `${DOCS}/connect-linkedin.md`,
		oauth: {
			client: 'standard',
			...LINKEDIN_PAGES,
			scopes: [
				'w_organization_social',
				'r_organization_social',
				'rw_organization_admin',
				'w_member_social',
			],
			steps: [
				'Make an app of its own for pages: LinkedIn gives the Community Management API to no app that has other products.',
				'On the Products tab request the Community Management API; LinkedIn reviews the request.',
				'On the Auth tab add the redirect URI shown here exactly as it is.',
				'Copy Client ID and Primary Client Secret into the fields.',
			],
		},
	},
	{
		id: 'instagram',
		label: 'Instagram',
		definition: PLATFORMS.instagram,
		product: null,
		live: addresses(PLATFORMS.instagram),
		docsUrl: `${DOCS}/connect-instagram.md`,
		oauth: {
			client: 'standard',
			authorize: { origin: 'https://www.instagram.com', path: '/oauth/authorize' },
			token: { origin: 'https://api.instagram.com', path: '/oauth/access_token' },
			scopes: [
				'instagram_business_basic',
				'instagram_business_content_publish',
				'instagram_business_manage_insights',
			],
			scopeSeparator: ',',
			pkce: false,
			extra: { enable_fb_login: '0' },
			httpOnLoopback: false,
			consoleUrl: 'https://developers.facebook.com/apps',
			fields: META_FIELDS.instagram,
			steps: [
				'Make a Meta app of the type Business and add the product Instagram, API setup with Instagram login.',
				'Under Business login settings enter the redirect URI shown here exactly as it is; it has to be https.',
				'Until the app is reviewed, add each Instagram account under App roles as Instagram tester and accept there.',
				'Copy Instagram app ID and Instagram app secret into the fields.',
			],
		},
	},
	{
		id: 'instagram-facebook',
		label: 'Instagram by Facebook page',
		definition: PLATFORMS.instagram,
		product: 'facebook',
		live: { baseUrl: GRAPH, authUrl: GRAPH },
		docsUrl: `${DOCS}/connect-instagram.md`,
		oauth: {
			client: 'standard',
			authorize: { origin: 'https://www.facebook.com', path: '/v26.0/dialog/oauth' },
			token: { origin: GRAPH, path: '/v26.0/oauth/access_token' },
			scopes: [
				'instagram_basic',
				'instagram_content_publish',
				'instagram_manage_insights',
				'pages_show_list',
				'pages_read_engagement',
			],
			scopeSeparator: ',',
			pkce: false,
			extra: {},
			httpOnLoopback: false,
			consoleUrl: 'https://developers.facebook.com/apps',
			fields: META_FIELDS.facebook,
			steps: [
				'Make a Meta app of the type Business and add the product Facebook Login for Business.',
				'Under Facebook Login settings add the redirect URI shown here to the valid OAuth redirect URIs.',
				'The Instagram account has to be professional and linked to a Facebook page that you manage.',
				'Copy App ID and App secret into the fields.',
			],
		},
	},
	{
		id: 'bluesky',
		label: 'Bluesky',
		definition: PLATFORMS.bluesky,
		product: null,
		live: addresses(PLATFORMS.bluesky),
		docsUrl: `${DOCS}/connect-bluesky.md`,
		oauth: null,
	},
];

function addresses({ liveBaseUrl, liveAuthUrl }: PlatformDefinition) {
	return { baseUrl: liveBaseUrl, authUrl: liveAuthUrl };
}

/** The connector of that id, or null for a name from outside that is none. */
export function connectorOf(id: string): Connector | null {
	return CONNECTORS.find((connector) => connector.id === id) ?? null;
}

/** API and token addresses of the accounts that it connects. */
export function placesOf(
	connector: Connector,
	mode: Mode,
	sandboxUrl: string | undefined,
): { baseUrl: string; authUrl: string } {
	if (mode === 'live') return connector.live;
	const base = `${sandboxUrl ?? ''}/${connector.definition.name}`;
	return { baseUrl: base, authUrl: base };
}

/** Consent page and token address. */
export function endpointsOf(
	connector: Connector,
	rules: OAuthRules,
	mode: Mode,
	sandboxUrl: string | undefined,
): { authorize: string; token: string } {
	const at = ({ origin, path }: OAuthRules['token']) =>
		mode === 'live'
			? `${origin}${path}`
			: `${sandboxUrl ?? ''}/${connector.definition.name}${path}`;
	return { authorize: at(rules.authorize), token: at(rules.token) };
}

/** To be entered at the platform exactly like this. */
export function redirectUriOf(connector: Connector, publicUrl: string): string {
	return `${publicUrl.replace(/\/+$/, '')}/connect/callback/${connector.id}`;
}

/** The developer app that every sandbox knows. */
export function sandboxApp(connector: Connector): { clientId: string; clientSecret: string } {
	const clientId = `sandbox-${connector.definition.name}-app`;
	return { clientId, clientSecret: `${clientId}-secret` };
}

/** What pages show of a connector; `saved` is the public part of its app. */
export function connectorView(
	connector: Connector,
	mode: Mode,
	facts: {
		publicUrl: string;
		clientId: string | null;
		hasSecret: boolean;
		unavailable: ConnectorView['unavailable'];
	},
): ConnectorView {
	const { id, label, definition, oauth, docsUrl } = connector;
	return {
		id,
		platform: definition.name,
		label,
		mode,
		kind: oauth === null ? 'app_password' : 'oauth',
		app:
			oauth === null
				? null
				: {
						fields: oauth.fields,
						clientId: facts.clientId,
						hasSecret: facts.hasSecret,
						redirectUri: redirectUriOf(connector, facts.publicUrl),
						scopes: oauth.scopes,
						guide: { steps: oauth.steps, docsUrl, consoleUrl: oauth.consoleUrl },
					},
		unavailable: facts.unavailable,
	};
}
