/** Settings: tiers and caps, timing, owners, time zone, keys for n8n. */
import type {
	CarrierSign,
	Caps,
	KeyView,
	OwnerAbility,
	OwnerView,
	Tier,
} from '../../core/store/contract';

/** `GET /api/settings`. */
export interface SettingsAnswer {
	caps: Record<Tier, Caps>;
	timing: {
		/** How long the runner leaves a due post to a healthy n8n; null: n8n's interval and 15 s. */
		graceMs: number | null;
		maxLatenessMs: number;
		/** Between late posts of one account. */
		gapMs: number;
	};
	/** Where platforms that fetch images by themselves reach the store. */
	publicMediaUrl: string | null;
	timeZone: string | null;
}

/** `PATCH /api/settings` (admin): only what changes. Answers `SettingsAnswer`. */
export interface ChangeSettingsRequest {
	caps?: Partial<Record<Tier, Partial<Caps>>>;
	timing?: Partial<SettingsAnswer['timing']>;
	publicMediaUrl?: string | null;
	timeZone?: string | null;
}

/** `GET /api/ability?owner=`: what one owner may do, and the time zone that counts. */
export type AbilityAnswer = OwnerAbility;

/** `GET /api/owners?search=&cursor=` (admin). */
export interface OwnersAnswer {
	owners: OwnerView[];
	nextCursor: string | null;
}

/** `PUT /api/owners/:id` (admin): makes the owner or changes it. Answers `OwnerView`. */
export interface SaveOwnerRequest {
	tier: Tier;
	/** Null: the panel's. */
	timeZone: string | null;
}

/** `GET /api/keys?cursor=` (admin). */
export interface KeysAnswer {
	/** False: the store is a Supabase project, which makes its keys itself. */
	embedded: boolean;
	keys: KeyView[];
	nextCursor: string | null;
	/** The project's page for API keys, on Supabase. */
	dashboardUrl: string | null;
	/** n8n's signs of life, newest first. */
	carriers: CarrierSign[];
}

/** `POST /api/keys` (admin). */
export interface MakeKeyRequest {
	name: string;
}

/** The only answer that ever holds a key. `DELETE /api/keys/:id` answers `KeyView`. */
export interface MadeKeyAnswer {
	key: string;
	view: KeyView;
}
