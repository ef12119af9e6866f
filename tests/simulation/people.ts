import { loadVaultKey, sealToken, type VaultKey } from '../../core/accounts/vault';
import type { TokenSecret } from '../../core/platforms/platform';
import { PLATFORMS } from '../../core/platforms';
import type { Ports } from '../../core/ports';
import { createPosts } from '../../core/publishing/create';
import type { Platform } from '../../core/store/contract';
import type { StoreModel } from '../model/store-model';
import { cheapCrypto } from './carrier';
import type { PlatformModel } from './platforms/platform';
import { START_MS, type PlannedAccount, type PlannedPost, type Scenario } from './scenario';

export const OWNER = 'default';
const KEY_TEXT = '00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff';
const DAY_MS = 86_400_000;

/** A uuidv7 of a small number: Bluesky's record keys are made of post ids. */
export function uuid7(number: number): string {
	const time = (START_MS + number).toString(16).padStart(12, '0');
	return `${time.slice(0, 8)}-${time.slice(8)}-7000-8000-${number.toString(16).padStart(12, '0')}`;
}

export function accountId(index: number): string {
	return uuid7(9_000 + index);
}

export function platformOfKind(kind: Scenario['kind']): Platform {
	return kind === 'linkedin-page' ? 'linkedin' : kind;
}

let vaultKey: Promise<VaultKey> | null = null;

/** The key of all simulated vaults. */
export async function simulatedKey(): Promise<VaultKey> {
	vaultKey ??= (async () => {
		const loaded = await loadVaultKey(
			KEY_TEXT,
			cheapCrypto(() => new Uint8Array(16)),
		);
		if (loaded.outcome !== 'ok') throw new Error('the simulated key must load');
		return loaded.key;
	})();
	return await vaultKey;
}

/** A JPEG file as far as anybody looks at it: start, one frame header of 1080 × 1080 pixels. */
export function picture(number: number): Uint8Array {
	const frame = [0xff, 0xc0, 0, 17, 8, 0x04, 0x38, 0x04, 0x38, 3, 1, 0x11, 0, 2, 0x11, 1, 3, 0x11];
	return Uint8Array.from([0xff, 0xd8, ...frame, 1, 0xff, 0xd9, number]);
}

/** What people do before anything is due: accounts connected, posts created by the real code. */
export class People {
	constructor(
		private readonly store: StoreModel,
		private readonly platform: PlatformModel,
		private readonly scenario: Scenario,
		private readonly now: () => number,
	) {}

	/** Connects an account, or connects it again with a new token pair. */
	async connect(index: number, planned: PlannedAccount, tokenMs: number): Promise<void> {
		const id = accountId(index);
		const name = platformOfKind(this.scenario.kind);
		const { liveAuthUrl, liveBaseUrl } = PLATFORMS[name];
		const page = this.scenario.kind === 'linkedin-page';
		const until = this.now() + tokenMs;
		const pair = this.platform.grant(planned.remoteId, until);
		const secret: TokenSecret = {
			accessToken: pair.accessToken,
			...(planned.refreshable && name !== 'instagram' ? { refreshToken: pair.refreshToken } : {}),
			expiresAt: until,
			issuedAt: this.now() - 2 * DAY_MS,
			clientId: 'client',
			clientSecret: 'secret',
		};
		const crypto = cheapCrypto((length) => new Uint8Array(length));
		const key = await simulatedKey();
		const token = await sealToken(crypto, key, { accountId: id, owner: OWNER }, secret);
		this.must('social_account_save', {
			p_id: id,
			p_owner: OWNER,
			p_platform: name,
			p_mode: 'live',
			p_remote_id: planned.remoteId,
			p_handle: 'demo',
			p_display_name: 'Demo',
			p_base_url: liveBaseUrl,
			p_auth_url: liveAuthUrl,
			p_scopes: [],
			p_token: token,
			p_token_key_id: key.keyId,
			p_token_expires_at: new Date(until).toISOString(),
			p_settings: page ? { authorUrn: `urn:li:organization:${planned.remoteId}` } : {},
		});
	}

	/** @returns ids in the order of the plan */
	async create(ports: Ports, posts: PlannedPost[]): Promise<string[]> {
		const created = await createPosts(ports, PLATFORMS, {
			key: 'simulated',
			owner: OWNER,
			source: 'api',
			dedupe: false,
			entries: posts.map((post, number) => ({
				accountId: accountId(post.account),
				text: post.text,
				...(post.pictures > 0 ? { media: [{ bytes: picture(number), altText: 'a square' }] } : {}),
				scheduledAt: new Date(START_MS + post.dueMs).toISOString(),
				...(post.maxLatenessMs === null ? {} : { maxLatenessMs: post.maxLatenessMs }),
			})),
		});
		if (created.kind !== 'ok') throw new Error(`create: ${JSON.stringify(created)}`);
		return created.entries.map((entry) => {
			if (entry.post === undefined) throw new Error(`create: ${JSON.stringify(entry)}`);
			return entry.post.id;
		});
	}

	private must(name: string, args: Record<string, unknown>): void {
		const answer = this.store.answer(name, args);
		if (answer.kind !== 'ok') throw new Error(`${name}: ${JSON.stringify(answer)}`);
	}
}
