/**
 * What the panel's server and its pages say to each other: JSON over `/api`, one type per answer.
 * Every answer that is not 2xx is an `ApiProblem`. Writes need the session cookie and the header
 * `x-csrf-token` with the session's token. No answer ever holds a secret.
 */
import type {
	AccountView,
	Mode,
	Platform,
	PostError,
	PostState,
	PostView,
	RiskView,
} from '../../core/store/contract';

export type Role = 'admin' | 'viewer';

export interface ApiProblem {
	code: string;
	/** What happened and what it means, for people. */
	message: string;
	remedy: string;
	/** The input field it is about. */
	field?: string;
}

/** `GET /api/session`. */
export interface SessionAnswer {
	/** `owner`: whose accounts and posts are shown and connected unless told otherwise. */
	user: { name: string; role: Role; owner: string } | null;
	/** For the header `x-csrf-token`; present when signed in. */
	csrfToken: string | null;
	/** How people sign in here. `setup`: nobody is registered yet, the one-time token is asked for. */
	signIn: 'setup' | 'local' | 'supabase';
	version: string;
}

/** `POST /api/setup` with the one-time token that the first start prints. Signs in as well. */
export interface SetupRequest {
	token: string;
	name: string;
	password: string;
}

/** `POST /api/sign-in`; `name` is an e-mail address where Supabase Auth is used. */
export interface SignInRequest {
	name: string;
	password: string;
}

/** `GET /api/users` (admin), where the panel keeps its people itself. */
export interface UsersAnswer {
	users: UserRow[];
}

export interface UserRow {
	id: string;
	name: string;
	role: Role;
	createdAt: string;
	lastSignInAt: string | null;
	/** It is the person who asks. */
	you: boolean;
}

/** `POST /api/users`. */
export interface AddUserRequest {
	name: string;
	password: string;
	role: Role;
}

/** `PATCH /api/users/:id`: a new role or password; ends the person's other sessions. */
export interface ChangeUserRequest {
	role?: Role;
	password?: string;
}

/** `POST /api/password`: one's own. */
export interface ChangePasswordRequest {
	current: string;
	password: string;
}

/** `GET /api/posts?owner=&state=&cursor=`. */
export interface PostsAnswer {
	posts: PostView[];
	nextCursor: string | null;
	counts: Record<PostState, number>;
	/** Posts whose time has come and that nobody published yet. */
	due: number;
	carriers: { carrier: string; lastAt: string; fresh: boolean }[];
	/** The account's own page by account id; for a sandbox account its timeline. */
	profiles: Record<string, string>;
	/** The store's answer was made then. */
	asOf: string;
}

/** One developer app: what is asked for and how to get it. */
export interface AppField {
	name: 'clientId' | 'clientSecret';
	label: string;
	secret: boolean;
	required: boolean;
	help: string;
}

/** A way to connect accounts of one platform (Instagram has two). `GET /api/connectors`. */
export interface ConnectorView {
	/** `x`, `linkedin`, `linkedin-pages`, `instagram`, `instagram-facebook`, `bluesky`. */
	id: string;
	platform: Platform;
	label: string;
	mode: Mode;
	/** `oauth`: by the platform's consent page; `app_password`: by a form. */
	kind: 'oauth' | 'app_password';
	/** Null where no developer app is needed. */
	app: null | {
		fields: AppField[];
		/** Public part of what is saved; the secret never comes back. */
		clientId: string | null;
		hasSecret: boolean;
		/** To be entered at the platform exactly like this. */
		redirectUri: string;
		scopes: string[];
		guide: { steps: string[]; docsUrl: string; consoleUrl: string };
	};
	/** Why Connect cannot be used now; null when it can. */
	unavailable: ApiProblem | null;
}

/** `GET /api/accounts?owner=&search=&limit=&cursor=`. */
export interface AccountRow extends AccountView {
	warnings: RiskView[];
	/**
	 * False: the access ends at `tokenExpiresAt` unless somebody connects the account again. Null: it has
	 * no end, or that is not known here.
	 */
	renewed: boolean | null;
}

export interface AccountsAnswer {
	accounts: AccountRow[];
	nextCursor: string | null;
}

/** `PUT /api/connectors/:id/app?mode=`. */
export interface SaveAppRequest {
	clientId: string;
	/** Left out: the saved one stays. */
	clientSecret?: string;
}

/** `POST /api/connectors/:id/check?mode=`: what is missing at the platform, one entry each. */
export interface AppCheckAnswer {
	ok: boolean;
	findings: ApiProblem[];
}

/** `POST /api/connect`. */
export interface StartConnectRequest {
	connector: string;
	mode: Mode;
	owner: string;
	/** Set when an account that is there is connected again. */
	accountId?: string;
}

export interface StartConnectAnswer {
	/** The platform's consent page. */
	redirectTo: string;
}

/** `POST /api/connect/app-password`. */
export interface AppPasswordRequest {
	connector: string;
	mode: Mode;
	owner: string;
	identifier: string;
	password: string;
	/** The account's own server; the platform's default when empty. */
	server?: string;
	accountId?: string;
}

export interface ConnectCandidate {
	remoteId: string;
	handle: string;
	displayName: string;
	kind: 'person' | 'organisation' | 'professional';
	/** Why it cannot be chosen; null when it can. */
	unavailable: string | null;
}

/** `GET /api/connect/:flow`: after consent; `POST /api/connect/:flow` with `remoteIds` ends it. */
export interface ConnectFlowAnswer {
	connector: string;
	owner: string;
	candidates: ConnectCandidate[];
	expiresAt: string;
}

export interface FinishConnectRequest {
	remoteIds: string[];
}

export interface ConnectedAnswer {
	accounts: AccountView[];
	warnings: PostError[];
}

/** `POST /api/accounts/:id/validate`, `/refresh`, `/disconnect`. */
export interface AccountActionAnswer {
	account: AccountView;
	warnings: PostError[];
}

/** `POST /api/connect-links`: a page where a client connects an account without a sign-in here. */
export interface ConnectLinkRequest {
	connector: string;
	mode: Mode;
	owner: string;
	expiresInHours?: number;
}

export interface ConnectLinkAnswer {
	url: string;
	expiresAt: string;
}

/**
 * After consent the browser comes back to `/accounts?connected=<id>` or, when there is something to
 * choose, to `/accounts/connect/<flow>`; for a connect link to a page that says so, or to
 * `/l/<token>?flow=<flow>`. A consent that failed ends on a page of the server's.
 *
 * `GET /api/connect-links/:token` for the page `/l/:token`; no sign-in. Then `POST …/start`
 * (`StartConnectAnswer`) or `POST …/app-password` (`LinkConnectedAnswer`; body: identifier, password,
 * server); after consent `GET …/flow/:flow` (`LinkFlowAnswer`) and `POST` with `FinishConnectRequest`
 * (`LinkConnectedAnswer`; one account).
 */
export interface LinkPageAnswer {
	connector: string;
	platform: Platform;
	label: string;
	mode: Mode;
	kind: ConnectorView['kind'];
	unavailable: ApiProblem | null;
	expiresAt: string;
}

export type LinkFlowAnswer = Omit<ConnectFlowAnswer, 'owner'>;

export interface LinkConnectedAnswer {
	accounts: { handle: string; displayName: string }[];
}

/** `GET /api/connectors`. */
export interface ConnectorsAnswer {
	connectors: ConnectorView[];
}
