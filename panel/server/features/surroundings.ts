/** What is around the panel, as far as it was told. */
export interface Surroundings {
	/** Origin of the store: embedded gateway or Supabase project. */
	storeUrl?: string;
	/** n8n's `/healthz`. */
	n8nHealthUrl?: string;
	/** Origin of the fallback runner. */
	runnerUrl?: string;
	/** Where the runner's queue is. May hold a password: never in an answer. */
	redisUrl?: string;
	queueDatabaseUrl?: string;
	/** Folder of the migrations that this version brings. */
	migrationsFolder?: string;
}
