import { createClient } from '@supabase/supabase-js';
import { computeRisks, refreshDue } from '../../../core/accounts/upkeep';
import { nameEntries, type NameEntriesOptions } from '../../../core/publishing/name-entries';
import type { Ports, RpcAnswer } from '../../../core/ports';
import { createStore, whyNot, type Store } from '../../../core/store/client';
import { MEDIA_BUCKET } from '../../../core/store/contract';
import type { StoreOptions } from '../ports/store';
import { MAINTENANCE_TASKS, type MaintenanceTask } from './catalog';
import { readStatusPages, type StatusPages } from './status-pages';

export interface MaintenanceOptions {
	/** Ended posts of this age are removed; null: never. */
	purgeAfterMs: number | null;
	orphanMediaMs: number;
	statusPages: StatusPages;
	/** Deletes bytes of pictures; paths are `{owner}/{sha256}`. */
	removeObjects(paths: string[]): Promise<void>;
	/** Key and platforms, to ask for entries whose address is not known yet. */
	entries: NameEntriesOptions;
}

const PORTION = 500;
/** A round takes at most so many portions; the rest waits for the next. */
const PORTIONS = 20;

/** Deletes media bytes by supabase-js. */
export function mediaRemover(options: StoreOptions): MaintenanceOptions['removeObjects'] {
	const client = createClient(options.url, options.key, {
		auth: { persistSession: false, autoRefreshToken: false, detectSessionInUrl: false },
	});
	return async (paths) => {
		const { error } = await client.storage.from(MEDIA_BUCKET).remove(paths);
		if (error !== null) throw new Error(`The bytes of pictures were not deleted: ${error.message}`);
	};
}

/**
 * One round of upkeep. A task that fails does not keep the others from running.
 * @throws Error naming the tasks that failed, when all have been tried
 */
export async function maintain(
	ports: Ports,
	options: MaintenanceOptions,
	tasks: readonly MaintenanceTask[] = MAINTENANCE_TASKS,
): Promise<void> {
	const store = createStore(ports.store);
	const work: Record<MaintenanceTask, () => Promise<Record<string, unknown> | null>> = {
		store: async () => valueOf(await store.call('social_maintain', {})),
		'status-pages': async () => await readStatusPages(ports, options.statusPages),
		tokens: async () => facts(await refreshDue(ports, options.entries)),
		risks: async () => facts(await computeRisks(ports, options.entries)),
		entries: async () => facts(await nameEntries(ports, options.entries)),
		purge: async () => await purge(store, options.purgeAfterMs),
		media: async () => await forgetMedia(store, options),
	};
	const failures: string[] = [];
	for (const task of tasks) {
		try {
			const done = await work[task]();
			if (done !== null) ports.log.info('maintained', { task, ...done });
		} catch (thrown) {
			failures.push(`${task}: ${thrown instanceof Error ? thrown.message : 'unknown reason'}`);
		}
	}
	if (failures.length > 0) throw new Error(failures.join('; '));
}

function valueOf<T>(answer: RpcAnswer<T>): T {
	if (answer.kind === 'ok') return answer.value;
	throw new Error(whyNot(answer));
}

/** What core's upkeep did; null when there was nothing to do. @throws its trouble */
function facts(outcome: { trouble: string | null; asked?: number; accounts?: number }) {
	const { trouble, ...done } = outcome;
	if (trouble !== null) throw new Error(trouble);
	return (done.asked ?? done.accounts ?? 0) > 0 ? done : null;
}

async function purge(store: Store, ageMs: number | null) {
	if (ageMs === null) return null;
	let purged = 0;
	for (let portion = 0; portion < PORTIONS; portion++) {
		const answer = valueOf(
			await store.call('social_purge', { p_older_than_ms: ageMs, p_limit: PORTION }),
		);
		purged += answer.purged;
		if (answer.purged < PORTION) break;
	}
	return { purged };
}

/**
 * First the rows, then the bytes: a row without bytes would break a post, bytes without a row only
 * take room. A picture that came back in between keeps its bytes.
 */
async function forgetMedia(store: Store, options: MaintenanceOptions) {
	let forgotten = 0;
	for (let portion = 0; portion < PORTIONS; portion++) {
		const { media } = valueOf<{ media: { owner: string; hash: string }[] }>(
			await store.call('social_media_forget', {
				p_older_than_ms: options.orphanMediaMs,
				p_limit: PORTION,
			}),
		);
		for (const owner of new Set(media.map((entry) => entry.owner))) {
			const hashes = media.filter((entry) => entry.owner === owner).map(({ hash }) => hash);
			const known = valueOf(
				await store.call('social_media_known', { p_owner: owner, p_hashes: hashes }),
			);
			const back = new Set(known.map(({ hash }) => hash));
			const gone = hashes.filter((hash) => !back.has(hash));
			if (gone.length > 0) await options.removeObjects(gone.map((hash) => `${owner}/${hash}`));
		}
		forgotten += media.length;
		if (media.length < PORTION) break;
	}
	return { forgotten };
}
