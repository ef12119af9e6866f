import { startTestStore, supabase } from './with-store';

/** A store that the contract suite runs on. */
export interface Target {
	url: string;
	serviceKey: string;
	anonKey: string | null;
	/** Owner's connection; null where we only have the API. */
	databaseUrl: string | null;
	close(): Promise<void>;
}

/** The embedded store always; a Supabase project when the environment names one. */
export const targets: { name: string; open: () => Promise<Target> }[] = [
	{
		name: 'embedded store',
		open: async () => {
			const store = await startTestStore();
			return { ...store, close: store.remove };
		},
	},
];

const { SUPABASE_URL, SUPABASE_SECRET_KEY, SUPABASE_PUBLISHABLE_KEY, SUPABASE_DB_URL } =
	process.env;

if (SUPABASE_URL && SUPABASE_SECRET_KEY) {
	targets.push({
		name: 'Supabase project',
		open: async () => ({
			url: SUPABASE_URL,
			serviceKey: SUPABASE_SECRET_KEY,
			anonKey: SUPABASE_PUBLISHABLE_KEY ?? null,
			databaseUrl: SUPABASE_DB_URL ?? null,
			close: async () => undefined,
		}),
	});
}

/** Shows in the report that the project was left out, and how to have it. */
export function tellSkippedTargets(): void {
	if (targets.length > 1) return;
	test.skip('the same on a Supabase project (skipped: SUPABASE_URL, SUPABASE_SECRET_KEY and SUPABASE_PUBLISHABLE_KEY are not set)', () =>
		undefined);
}

export { supabase };
