import { createHash } from 'node:crypto';
import type { RpcAnswer } from '../../core/ports';
import { CONTRACT, type StoreFunctions } from '../../core/store/contract';
import * as accounts from './accounts';
import { claim, leaseExtend } from './claims';
import { create } from './create';
import * as decisions from './decisions';
import { platformPause } from './outages';
import * as publishing from './publishing';
import { refuse, Refused } from './refusal';
import { DEFAULT_SETTINGS, emptyTables, type Call, type Guards, type Tables } from './tables';
import * as tokens from './tokens';
import * as upkeep from './upkeep';
import { copy } from './views';

type Args<Name extends keyof StoreFunctions> = StoreFunctions[Name]['args'];
type Functions = {
	[Name in keyof StoreFunctions]?: (call: Call, args: Args<Name>) => StoreFunctions[Name]['value'];
};

/** The functions that the model has; `supabase/migrations` is the original of each. */
const FUNCTIONS = {
	social_account_save: accounts.accountSave,
	social_account_get: accounts.accountGet,
	social_account_open: accounts.accountOpen,
	social_account_list: accounts.accountList,
	social_token_lease: tokens.tokenLease,
	social_token_save: tokens.tokenSave,
	social_token_give_up: tokens.tokenGiveUp,
	social_token_trouble: tokens.tokenTrouble,
	social_account_validated: accounts.accountValidated,
	social_account_disconnect: accounts.accountDisconnect,
	social_media_register: accounts.mediaRegister,
	social_media_known: accounts.mediaKnown,
	social_create: create,
	social_post_update: decisions.postUpdate,
	social_post_cancel: decisions.postCancel,
	social_post_retry: decisions.postRetry,
	social_post_resolve: decisions.postResolve,
	social_post_deleted: decisions.postDeleted,
	social_post_get: upkeep.postGet,
	social_post_list: upkeep.postList,
	social_claim: claim,
	social_lease_extend: leaseExtend,
	social_intent: publishing.intent,
	social_step_result: publishing.stepResult,
	social_evidence: publishing.evidence,
	social_intents_absent: publishing.intentsAbsent,
	social_result: publishing.result,
	social_post_siblings: publishing.siblings,
	social_post_url: publishing.postUrl,
	social_platform_pause: platformPause,
	social_heartbeat: upkeep.heartbeat,
	social_carrier_view: upkeep.carrierView,
	social_maintain: upkeep.maintain,
	social_purge: upkeep.purge,
	social_settings_get: upkeep.settingsGet,
	social_settings_set: upkeep.settingsSet,
	social_instant: upkeep.instant,
} satisfies Functions;

export type ModelFunction = keyof typeof FUNCTIONS;

/** Names of the functions that the model has. */
export const MODEL_FUNCTIONS = Object.keys(FUNCTIONS) as ModelFunction[];

export interface ModelOptions {
	/** Merged into the settings of a new store, key by key. */
	settings?: Record<string, Record<string, unknown>>;
	/** Ids of posts; from owner, key and ordinal unless given. */
	ids?: (of: { owner: string; key: string; ordinal: number }) => string;
	/** Rules to switch off, for proofs that each is needed. */
	guards?: Partial<Guards>;
}

/** What a call met that the order of calls alone does not say. */
export interface Told {
	/** Number given to what it claims, instead of the sequence's next one. */
	fence?: number;
	/** Accounts whose row a concurrent call held, so that `SKIP LOCKED` passed them by. */
	locked?: ReadonlySet<string>;
	/** Accounts whose remote account a concurrent call had in flight for another owner's connection. */
	busy?: ReadonlySet<string>;
	/** A flight of another owner's connection was not committed yet when it wrote when to look again. */
	unseen?: boolean;
}

const NOTHING: ReadonlySet<string> = new Set();

/** A post's id as a function of what makes it unique; the tests give the SQL the same one. */
export function postIdOf(of: { owner: string; key: string; ordinal: number }): string {
	const hex = createHash('md5').update(`${of.owner}:${of.key}:${of.ordinal}`).digest('hex');
	return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}

/**
 * The store's rules in memory: synchronous and deterministic, with the answers, refusals and
 * sentences of the SQL functions. Arguments and answers are copied, so nobody shares its rows.
 */
export class StoreModel {
	/** What it keeps; for reading. */
	tables: Tables;
	readonly guards: Guards;

	constructor(
		private readonly clock: { now(): number },
		private readonly options: ModelOptions = {},
	) {
		const settings = copy(DEFAULT_SETTINGS) as Record<string, Record<string, unknown>>;
		for (const [key, value] of Object.entries(options.settings ?? {})) {
			settings[key] = { ...settings[key], ...copy(value) };
		}
		this.tables = emptyTables(settings);
		this.guards = { lease: true, fence: true, openIntent: true, settle: true, ...options.guards };
	}

	/**
	 * One call, as `StorePort.rpc` answers it. Throws on a function that the model does not have.
	 * `told` is for explaining what concurrent calls answered.
	 */
	answer(name: string, args: object, told: Told = {}): RpcAnswer<unknown> {
		if (!(name in FUNCTIONS)) throw new Error(`The store model does not have ${name}`);
		const run = FUNCTIONS[name as ModelFunction] as (call: Call, args: object) => unknown;
		const call: Call = {
			t: this.tables,
			now: this.clock.now(),
			guards: this.guards,
			newPostId: this.options.ids ?? postIdOf,
			fenceHint: told.fence ?? null,
			locked: told.locked ?? NOTHING,
			busy: told.busy ?? NOTHING,
			unseen: told.unseen ?? false,
		};
		try {
			checkContract(args);
			return { kind: 'ok', value: run(call, args) };
		} catch (error) {
			if (error instanceof Refused) return { kind: 'refused', refusal: error.refusal };
			throw error;
		}
	}

	/** An independent copy of the whole store on the same clock. */
	fork(): StoreModel {
		const other = new StoreModel(this.clock, { ...this.options, guards: this.guards });
		other.tables = structuredClone(this.tables);
		return other;
	}
}

/** `musekit_social.enter`; a call that names no contract is taken as one of today. */
function checkContract(args: object): void {
	const asked = (args as { p_contract?: number }).p_contract ?? CONTRACT;
	if (asked === CONTRACT) return;
	refuse(
		400,
		'contract_mismatch',
		`The store speaks contract 1 to ${CONTRACT} and was asked for ${asked}. Nothing was changed.`,
		asked > CONTRACT
			? 'Run the migrations of this version on the store (npm run migrate).'
			: 'Update the n8n-nodes-musekit-social package, the runner or the panel.',
		{ contract: CONTRACT, minContract: 1 },
	);
}
