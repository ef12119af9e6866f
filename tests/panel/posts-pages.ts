import { test as base } from './browser';
import { Publisher } from './posts-world';

/** A panel with people and a sandbox, and what publishes its posts. */
export const test = base.extend<object, { publisher: Publisher }>({
	publisher: [
		async ({ bare, sandbox }, use) => {
			const publisher = await Publisher.open(bare, sandbox);
			await use(publisher);
			await publisher.close();
		},
		{ scope: 'worker' },
	],
});
