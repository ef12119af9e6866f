import type { Ports, RpcAnswer } from '../ports';
import { createStore, isUnclear, retrying, whyNot, type Store } from '../store/client';
import type { Page, PostError, SealedItem } from '../store/contract';
import { keyIdsOf, openText, sealText, type VaultKey } from './vault';

export interface RotationOptions {
	/** The new key; the one (or those) in use so far among its `others`. */
	ring: VaultKey;
	/** Called after each page. */
	onProgress?(progress: { resealed: number; unreadable: number }): void;
	/** Called while refreshes that began with the old key are waited for. */
	onWait?(ms: number): void;
	/** Envelopes of one page. */
	pageSize?: number;
	/** How long an unreachable store is asked again. */
	patienceMs?: number;
}

export type RotationOutcome =
	| {
			outcome: 'done';
			resealed: number;
			/** Envelopes that their own key does not open: changed, or of another row. Left as they are. */
			unreadable: number;
	  }
	/** Nothing was changed. */
	| { outcome: 'refused'; error: PostError }
	/** Stopped on the way; run it again with the same keys. */
	| { outcome: 'unreachable'; reason: string };

const PAGE_SIZE = 100;
const PATIENCE_MS = 120_000;
const LONGEST_NAP_MS = 5_000;

/**
 * Says whether a rotation to `ring` may begin: the store uses one of its keys, and every envelope was
 * sealed with one of them. Null when it may; changes nothing.
 */
export async function rotationProblem(
	ports: Ports,
	ring: VaultKey,
): Promise<Exclude<RotationOutcome, { outcome: 'done' }> | null> {
	const status = await createStore(ports.store).call('social_vault_status', {});
	if (status.kind !== 'ok') return stopped(status);
	const { fingerprint, nextFingerprint, envelopes } = status.value;
	const fingerprints = [ring, ...(ring.others ?? [])].map((key) => key.fingerprint);
	if (fingerprint === null) {
		return refused(
			'vault_not_set',
			'No vault key has been set for this store yet. Nothing was changed.',
			'Start the runner or the panel once with the vault key; then there is something to rotate.',
		);
	}
	const known = (one: string | null) => one === null || fingerprints.includes(one);
	if (!known(fingerprint) || !known(nextFingerprint)) {
		return refused(
			'vault_key_mismatch',
			'The vault key is not the one that sealed the tokens in this store. Nothing was changed.',
			'Rotate with the vault key that the store uses now; a rotation that has begun goes on with its own keys.',
		);
	}
	const ids = keyIdsOf(ring);
	const foreign = Object.keys(envelopes).filter((id) => !ids.includes(id));
	if (foreign.length > 0) {
		return refused(
			'vault_key_missing',
			`Some tokens were sealed with a key that is not at hand (${foreign.join(', ')}). Nothing was changed.`,
			'Add that key to the old ones, or connect those accounts again, then rotate.',
		);
	}
	return null;
}

/**
 * Seals everything in the vault anew with `ring`, page by page, while everything runs. An envelope
 * that a refresh replaces meanwhile is never overwritten; it comes with a later page. May be stopped
 * at any instant and run again. Never throws.
 */
export async function rotateVault(
	ports: Ports,
	options: RotationOptions,
): Promise<RotationOutcome> {
	const { ring } = options;
	const problem = await rotationProblem(ports, ring);
	if (problem !== null) return problem;
	const rotation = new Rotation(ports, options);
	const begun = await rotation.begin();
	if (begun !== null) return begun;
	for (;;) {
		const trouble = await rotation.pass();
		if (trouble !== null) return trouble;
		const ended = await rotation.finish();
		if (ended !== null) return ended;
	}
}

class Rotation {
	private readonly store: Store;
	private resealed = 0;
	private unreadable = 0;

	constructor(
		private readonly ports: Ports,
		private readonly options: RotationOptions,
	) {
		this.store = createStore(ports.store);
	}

	async begin(): Promise<RotationOutcome | null> {
		const { ring } = this.options;
		const status = await this.ask(async () => await this.store.call('social_vault_status', {}));
		if (status.kind !== 'ok') return stopped(status);
		const current = status.value.fingerprint ?? '';
		if (current === ring.fingerprint) return this.done();
		const begun = await this.ask(
			async () =>
				await this.store.call('social_vault_begin', {
					p_current: current,
					p_next: ring.fingerprint,
				}),
		);
		if (begun.kind !== 'ok') return stopped(begun);
		return begun.value.state === 'done' ? this.done() : null;
	}

	/** Once through all envelopes of other keys. */
	async pass(): Promise<RotationOutcome | null> {
		this.unreadable = 0;
		let cursor: string | null | undefined;
		while (cursor !== null) {
			const after: { p_cursor?: string } = cursor === undefined ? {} : { p_cursor: cursor };
			const page: RpcAnswer<Page<SealedItem>> = await this.ask(
				async () =>
					await this.store.call('social_vault_next', {
						p_key_id: this.options.ring.keyId,
						p_limit: this.options.pageSize ?? PAGE_SIZE,
						...after,
					}),
			);
			if (page.kind !== 'ok') return stopped(page);
			const items = await this.sealAnew(page.value.items);
			if (items.length > 0) {
				const saved = await this.ask(
					async () => await this.store.call('social_vault_reseal', { p_items: items }),
				);
				if (saved.kind !== 'ok') return stopped(saved);
				this.resealed += saved.value.resealed;
			}
			const { resealed, unreadable } = this;
			this.options.onProgress?.({ resealed, unreadable });
			cursor = page.value.nextCursor;
		}
		return null;
	}

	/** Null: something is left, or a refresh with the old key is not over; pass again. */
	async finish(): Promise<RotationOutcome | null> {
		const finished = await this.ask(
			async () =>
				await this.store.call('social_vault_finish', {
					p_next: this.options.ring.fingerprint,
					p_unreadable: this.unreadable,
				}),
		);
		if (finished.kind !== 'ok') return stopped(finished);
		if (finished.value.done) return this.done();
		if (finished.value.left === 0) {
			this.options.onWait?.(finished.value.waitMs);
			await this.ports.clock.sleep(Math.min(finished.value.waitMs, LONGEST_NAP_MS));
		}
		return null;
	}

	private done(): RotationOutcome {
		const { resealed, unreadable } = this;
		return { outcome: 'done', resealed, unreadable };
	}

	private async sealAnew(
		found: SealedItem[],
	): Promise<{ source: string; id: string; old: string; new: string }[]> {
		const { ring } = this.options;
		const items = [];
		for (const { envelope, ...place } of found) {
			const opened = await openText(this.ports.crypto, ring, place, envelope);
			if (opened.outcome !== 'ok') {
				this.unreadable += 1;
				continue;
			}
			const sealed = await sealText(this.ports.crypto, ring, place, opened.text);
			items.push({ source: place.source, id: place.id, old: envelope, new: sealed });
		}
		return items;
	}

	private async ask<T>(call: () => Promise<RpcAnswer<T>>): Promise<RpcAnswer<T>> {
		const { clock } = this.ports;
		const untilMs = clock.monotonic() + (this.options.patienceMs ?? PATIENCE_MS);
		return await retrying(call, { clock, untilMs });
	}
}

function stopped<T>(answer: RpcAnswer<T>): Exclude<RotationOutcome, { outcome: 'done' }> {
	if (answer.kind !== 'refused' || isUnclear(answer)) {
		return { outcome: 'unreachable', reason: whyNot(answer) };
	}
	const { code, message, hint } = answer.refusal;
	return refused(code, message, hint ?? 'Look at the store.');
}

function refused(
	code: string,
	message: string,
	remedy: string,
): Extract<RotationOutcome, { outcome: 'refused' }> {
	return { outcome: 'refused', error: { code, message, remedy } };
}
