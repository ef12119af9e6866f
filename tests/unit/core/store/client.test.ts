import type { RpcAnswer } from '../../../../core/ports';
import { createStore, isUnclear, retrying } from '../../../../core/store/client';
import { StoreModel } from '../publishing/store-model';
import { VirtualClock } from '../publishing/virtual-clock';

const refused = (status: number): RpcAnswer<null> => ({
	kind: 'refused',
	refusal: { status, code: 'c', message: 'm' },
});

describe('store calls', () => {
	it('name the contract', async () => {
		const model = new StoreModel(new VirtualClock());
		await createStore(model).call('social_media_known', { p_owner: 'o', p_hashes: [] });
		expect(model.calls[0].args).toMatchObject({ p_contract: 1, p_owner: 'o' });
	});

	it.each([
		[200, false],
		[404, false],
		[409, false],
		[429, true],
		[500, true],
		[503, true],
	])('status %s leaves the effect open: %s', (status, unclear) => {
		expect(isUnclear(status === 200 ? { kind: 'ok', value: null } : refused(status))).toBe(unclear);
	});

	it('are repeated until the answer is clear or the budget is over', async () => {
		const clock = new VirtualClock();
		const script = [refused(503), refused(500), refused(404)];
		let calls = 0;
		const call = async () => await Promise.resolve(script[calls++] ?? refused(500));
		const first = await retrying(call, { clock, untilMs: clock.monotonic() + 60_000 });
		expect([first, calls]).toEqual([refused(404), 3]);
		const began = clock.monotonic();
		const second = await retrying(call, { clock, untilMs: began + 20_000 });
		expect(second).toEqual(refused(500));
		expect(clock.monotonic() - began).toBe(20_000);
	});
});
