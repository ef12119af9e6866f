import { serverlessTick } from '../src/serverless';

/** The function's limit in `vercel.json`, seconds as ms. */
const LIMIT_MS = 60_000;

/**
 * Vercel's handler for Cron Jobs (GET with `Authorization: Bearer $CRON_SECRET`) and for any other
 * cron service (POST with the same header). Safe to run twice and at the same time.
 */
async function handle(request: Request): Promise<Response> {
	const { status, body } = await serverlessTick({
		authorization: request.headers.get('authorization'),
		limitMs: LIMIT_MS,
	});
	return Response.json(body, {
		status,
		headers: { 'cache-control': 'no-store', ...(status === 503 ? { 'retry-after': '60' } : {}) },
	});
}

export { handle as GET, handle as POST };
