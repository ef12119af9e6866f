import { text } from 'node:stream/consumers';
import { loadVaultKey } from '../../core/accounts/vault';
import { PLATFORMS } from '../../core/platforms';
import { claimPost, type CarrierOptions } from '../../core/publishing/carrier';
import { carryPost } from '../../core/publishing/carry';
import { createPorts } from '../../fallback-runner/src/ports';

/** Carries one post, named on stdin. The tests kill it on the way. */
async function main(): Promise<void> {
	const config = JSON.parse(await text(process.stdin)) as {
		store: { url: string; key: string };
		vaultKey: string;
		carrier: string;
		postId: string;
	};
	const ports = createPorts({ store: config.store, log: { level: 'silent' } });
	const key = await loadVaultKey(config.vaultKey, ports.crypto);
	if (key.outcome !== 'ok') throw new Error(key.error.message);
	const options: CarrierOptions = {
		carrier: config.carrier,
		kind: 'runner',
		vaultKey: key.key,
		platforms: PLATFORMS,
		stopping: () => false,
	};
	const claim = await claimPost(ports, options, { postId: config.postId });
	if (claim.kind !== 'held') throw new Error(JSON.stringify(claim));
	await carryPost(ports, options, claim.held);
}

void main();
