import type { Tier } from '../../../core/store/contract';
import { type CheckContext, get, storeValue } from './check-context';
import { bad, type Finding, ok, warning } from './finding';

/** Accounts are there to post to. */
export async function anyAccount({ store }: CheckContext): Promise<Finding> {
	const { items } = storeValue(await store.call('social_platform_states', {}));
	const connected = items.reduce((sum, item) => sum + item.connected, 0);
	return connected > 0
		? ok(`${connected} ${connected === 1 ? 'account is' : 'accounts are'} connected.`)
		: warning('No account is connected.', 'Connect one.', '/accounts/connect');
}

/** Owners of the tier are there, or else the switch changes nothing for now. */
export async function tierUsed({ store }: CheckContext, tier: Tier): Promise<Finding> {
	const { owners } = storeValue(
		await store.call('social_feature_reach', { p_toggle: `feature:${tier}:publish` }),
	);
	const name = tier === 'power' ? 'Power' : 'Universal';
	return owners > 0
		? ok(`${owners} ${owners === 1 ? 'owner is' : 'owners are'} in the ${name} tier.`)
		: ok(`Nobody is in the ${name} tier yet.`);
}

/** Instagram fetches images by itself and needs an address of the store that it can reach. */
export async function imagesFetchable(context: CheckContext): Promise<Finding> {
	const settings = storeValue(await context.store.call('social_settings_get', {}));
	const { publicUrl } = (settings.media ?? {}) as { publicUrl?: string | null };
	const storeUrl = context.around.storeUrl;
	if (
		publicUrl == null &&
		storeUrl !== undefined &&
		/\.supabase\.co$/.test(new URL(storeUrl).hostname)
	) {
		return ok('Images are stored at Supabase, where platforms can fetch them.');
	}
	if (publicUrl == null) {
		return warning(
			'Instagram fetches images from a public address, and none is set; other platforms need none.',
			'Set the public media address under Settings, Timing and media, or use a Supabase project.',
			'/settings?tab=timing',
		);
	}
	const answer = await get(context, publicUrl);
	return answer === null
		? bad(
				`The public media address ${new URL(publicUrl).origin} does not answer.`,
				'Check the proxy in front of the store, or correct the address.',
				'/settings?tab=timing',
			)
		: ok(`Platforms fetch images from ${new URL(publicUrl).origin}.`);
}
