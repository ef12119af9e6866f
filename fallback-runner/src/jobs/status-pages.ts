import { z } from 'zod';
import type { Ports } from '../../../core/ports';
import { createStore } from '../../../core/store/client';
import type { Platform } from '../../../core/store/contract';

export type StatusPages = Partial<Record<Platform, string>>;

/** Statuspage's `summary.json` and `status.json` (www.linkedin-apistatus.com, 2026-11). */
const summary = z.object({
	status: z.object({ indicator: z.string(), description: z.string() }),
});

const LIMIT_MS = 10_000;
/** Outlasts two rounds of upkeep, so that one unread page does not end a pause early. */
const PAUSE_MS = 40 * 60_000;
/** Statuspage knows none, minor, major, critical, maintenance. Only the last word stops posts: while
 * a page says "major" most calls still work, and the calls themselves tell. */
const DOWN = 'critical';

/**
 * Reads each status page and pauses a platform that says it is down. A page that cannot be read
 * says nothing. What was paused by a page ends when that page is well again.
 */
export async function readStatusPages(
	ports: Ports,
	pages: StatusPages,
): Promise<Record<string, unknown> | null> {
	const store = createStore(ports.store);
	const read: Record<string, string> = {};
	for (const [platform, url] of Object.entries(pages) as [Platform, string][]) {
		const indicator = await readPage(ports, url);
		read[platform] = indicator ?? 'unread';
		if (indicator === null) continue;
		const view = await store.call('social_carrier_view', {});
		const paused =
			view.kind === 'ok' &&
			view.value.outages.some(
				(outage) =>
					outage.platform === platform && outage.mode === 'live' && outage.reason === REASON,
			);
		if (indicator !== DOWN && !paused) continue;
		const answer = await store.call('social_platform_pause', {
			p_platform: platform,
			p_mode: 'live',
			p_reason: REASON,
			p_pause_ms: indicator === DOWN ? PAUSE_MS : 0,
		});
		if (answer.kind === 'ok') {
			ports.log.warn(indicator === DOWN ? 'platform_paused' : 'platform_pause_ended', { platform });
		}
	}
	return Object.keys(read).length === 0 ? null : { pages: read };
}

const REASON = 'its status page says so';

/** The indicator of a page; null when it cannot be read. */
async function readPage(ports: Ports, url: string): Promise<string | null> {
	const answer = await ports.http.send({
		method: 'GET',
		url,
		headers: { accept: 'application/json' },
		limitMs: LIMIT_MS,
	});
	if (answer.kind !== 'response' || answer.status !== 200) return null;
	try {
		return summary.parse(JSON.parse(answer.text)).status.indicator;
	} catch {
		return null;
	}
}
