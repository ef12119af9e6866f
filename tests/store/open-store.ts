import type { Client } from 'pg';
import { callsOf, type Call } from './fixtures';
import { startTestStore, type TestStore } from './with-store';

export interface OpenStore extends TestStore {
	/** Calls of the contract with the service key. */
	call: Call;
	/** A connection as the owner, to look at rows and to let time pass. */
	database: Client;
}

/** A store of its own, ready for calls. Call `remove()` at the end (`afterAll`). */
export async function openStore(): Promise<OpenStore> {
	const store = await startTestStore();
	return { ...store, call: callsOf(store.client()), database: await store.connect() };
}
