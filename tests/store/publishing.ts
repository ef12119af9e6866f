import { randomUUID } from 'node:crypto';
import type { VaultKey } from '../../core/accounts/vault';
import { PLATFORMS } from '../../core/platforms';
import type { Ports } from '../../core/ports';
import { createPosts, type PostDraft } from '../../core/publishing/create';
import { drain, type DrainOptions } from '../../core/publishing/drain';
import type { PostView } from '../../core/store/contract';

/** All of a post but its account; left out, the text is one that no other post has. */
export type Draft = Partial<Omit<PostDraft, 'accountId'>>;

/** One post as core makes it; anything but a created post is thrown. */
export async function createOne(
	ports: Ports,
	{ id, owner = 'default' }: { id: string; owner?: string },
	draft: Draft = {},
): Promise<PostView> {
	const outcome = await createPosts(ports, PLATFORMS, {
		key: randomUUID(),
		owner,
		source: 'api',
		dedupe: false,
		entries: [{ accountId: id, text: `Post ${randomUUID()}`, ...draft }],
	});
	const post = outcome.kind === 'ok' ? outcome.entries[0]?.post : undefined;
	if (post === undefined) throw new Error(JSON.stringify(outcome));
	return post;
}

/** One round of a carrier over what is due now. */
export async function carrierRound(
	ports: Ports,
	vaultKey: VaultKey,
	change: Partial<DrainOptions> = {},
): Promise<void> {
	await drain(ports, {
		carrier: 'runner:test',
		kind: 'runner',
		vaultKey,
		platforms: PLATFORMS,
		stopping: () => false,
		watchMs: 0,
		graceMs: 0,
		concurrency: 2,
		intervalMs: 1_000,
		...change,
	});
}
