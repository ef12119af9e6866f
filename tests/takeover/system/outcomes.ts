import type { PostView } from '../../../core/store/contract';
import {
	CASES,
	confirmation,
	expectAddressAnswers,
	expectLiveOnce,
	nameOf,
	type Subject,
} from './moments';
import { KINDS, noBluesky, type Kind, type World } from './world';

const missing = noBluesky();
const here = (kind: Kind) => kind !== 'bluesky' || missing === null;

export const hasBluesky = missing === null;
/** Every case and kind that this machine has the servers for. */
export const cases = CASES.filter(([kind]) => here(kind));
export const kinds = KINDS.filter(here);

/** Shows in the report that Bluesky was left out. */
export function tellSkippedBluesky(): void {
	if (missing === null) return;
	test.skip(`bluesky (skipped: ${missing.replace(/[()[\]]/g, ' ')})`, () => undefined);
}

/** How the posts ended whose carrier was killed. */
export class Outcomes {
	private constructor(
		private readonly world: World,
		private readonly ended: Map<string, { subject: Subject; post: PostView }>,
	) {}

	/** Waits until each of the posts has ended. */
	static async of(world: World, subjects: Subject[]): Promise<Outcomes> {
		const posts = await world.inState(
			subjects.map(({ post }) => post),
			'published',
			'needs_review',
			'failed',
			'missed',
		);
		const ended = subjects.map(
			(subject, at) =>
				[nameOf(subject.account.kind, subject.moment), { subject, post: posts[at] }] as const,
		);
		return new Outcomes(world, new Map(ended));
	}

	/** Asserts that this post is live once, who published it, and how many had claims on it. */
	async expectPublishedOnce(
		kind: Kind,
		moment: Subject['moment'],
		{ by, carriers }: { by: RegExp; carriers: number },
	): Promise<void> {
		const found = this.ended.get(nameOf(kind, moment));
		if (found === undefined) throw new Error(`No post of ${kind}, ${moment}`);
		const { subject, post } = found;
		expectLiveOnce(post, await this.world.live(subject.account, post));
		expect(post.confirmedBy).toBe(confirmation(kind, moment));
		expect(post.carrier).toMatch(by);
		if (kind === 'bluesky') await expectAddressAnswers(post);
		expect(await this.world.carriersOf(post)).toHaveLength(carriers);
	}

	/** Asserts that each of them is live once still. */
	async expectNothingAgain(): Promise<void> {
		for (const { subject, post } of this.ended.values()) {
			expectLiveOnce(await this.world.post(post.id), await this.world.live(subject.account, post));
		}
	}
}
