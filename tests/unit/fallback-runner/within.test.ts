import { within } from '../../../fallback-runner/src/within';

const HOUR_MS = 3_600_000;
const never = new Promise<never>(() => undefined);

test('what the work brings in time counts, and its error too', async () => {
	const late = jest.fn(() => 'late');
	expect(await within(Promise.resolve('done'), HOUR_MS, late)).toBe('done');
	await expect(within(Promise.reject(new Error('broken')), HOUR_MS, late)).rejects.toThrow(
		'broken',
	);
	expect(late).not.toHaveBeenCalled();
});

test('after the time it is what `late` answers or throws', async () => {
	expect(await within(never, 1, () => 'late')).toBe('late');
	const thrown = within(never, 1, () => {
		throw new Error('too slow');
	});
	await expect(thrown).rejects.toThrow('too slow');
});

test('what the work throws after its time is nobody’s error', async () => {
	let fail: (error: Error) => void = () => undefined;
	const work = new Promise<never>((_resolve, reject) => (fail = reject));
	expect(await within(work, 1, () => 'late')).toBe('late');
	fail(new Error('afterwards'));
	// Jest fails a test by a rejection that nobody handles, once it had its turn.
	await new Promise((resolve) => setImmediate(resolve));
});
