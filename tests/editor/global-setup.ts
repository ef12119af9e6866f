import { startSystem } from '../e2e/system/start-system';

/** The same system as for the end-to-end tests; Playwright calls what is returned at the end. */
export default async function setup(): Promise<(() => Promise<void>) | undefined> {
	// Without a browser every test is skipped, so there is nothing to start.
	return process.env.MUSEKIT_NO_CHROMIUM ? undefined : await startSystem();
}
