/** A stand-in that throws on everything the test did not declare: no silent mocks. */
export function strictContext<T extends object>(declared: Partial<T>): T {
	return new Proxy(declared, {
		get(target, name) {
			if (name in target) return Reflect.get(target, name) as unknown;
			throw new Error(
				`The code under test used "${String(name)}", which this test did not declare`,
			);
		},
	}) as T;
}
