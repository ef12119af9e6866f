import type { Row, TrialPlan } from './plan';
import { VISIBLE, type Passed } from './points';
import type { Stage } from './stage';

export type Way = 'plain' | 'look_up';

/**
 * Undisturbed carriers that go ahead and tell which points there are, once for each kind of post: a
 * new step of a platform is struck without anybody writing it down here.
 */
export class Scouts {
	private readonly ways = new Map<string, Promise<Passed[]>>();

	constructor(private readonly stage: Stage) {}

	/** Points of such a post; `look_up`: when the answer of the visible step got lost. */
	async of({ row, image }: { row: Row; image: boolean }, way: Way): Promise<Passed[]> {
		const key = `${row}/${String(image)}/${way}`;
		const known = this.ways.get(key) ?? this.scout(row, image, way);
		this.ways.set(key, known);
		return await known;
	}

	/** Scouts all ways that these trials need, before anybody else carries posts here. */
	async all(plans: TrialPlan[], atOnce: number): Promise<void> {
		const waiting = plans.flatMap((plan): [TrialPlan, Way][] =>
			plan.fault.startsWith('look-up-') ? [[plan, 'look_up']] : [[plan, 'plain']],
		);
		const go = async (): Promise<void> => {
			for (;;) {
				const next = waiting.shift();
				if (next === undefined) return;
				await this.of(...next);
			}
		};
		await Promise.all(Array.from({ length: atOnce }, go));
	}

	private async scout(row: Row, image: boolean, way: Way): Promise<Passed[]> {
		const { stage } = this;
		const { world } = stage;
		const account = await world.account(row, async (url) => await Promise.resolve(url));
		if (way === 'look_up') stage.loseVisible(account);
		const crew = await stage.crew(1);
		const post = await world.post(account, image);
		const carrier = stage.send(crew, 'runner', `scout-${row}`, {
			as: 'carry',
			postId: post.id,
			pollMs: 1_000,
			hold: null,
			tell: true,
		});
		await carrier.end();
		if (!carrier.passed.some(({ point }) => point.startsWith(`http:${VISIBLE[row]}`))) {
			throw new Error(`The scout for ${row} did not publish: ${carrier.log.join('; ')}`);
		}
		account.release();
		return carrier.passed;
	}
}
