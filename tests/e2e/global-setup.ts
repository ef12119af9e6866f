import { startSystem } from './system/start-system';

declare global {
	var stopSystemUnderTest: (() => Promise<void>) | undefined;
}

/** One system for the whole slice: n8n takes half a minute to start. */
export default async function setup(): Promise<void> {
	globalThis.stopSystemUnderTest = await startSystem();
}
