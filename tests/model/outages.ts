import type { Outcome, PostError, StoreFunctions } from '../../core/store/contract';
import type { OutageRow, PostRow } from './rows';
import { numberOf, openIncident, type Call } from './tables';
import { iso } from './views';

type Pause = Pick<OutageRow, 'platform' | 'mode' | 'reason'>;

/** `musekit_social.pause_platform`: while it is paused already the pause grows. */
export function pause(call: Call, { platform, mode, reason }: Pause, ms: number): void {
	const until = call.now + ms;
	const running = openOutage(call, platform, mode);
	if (running !== undefined) {
		running.pausedUntil = Math.max(running.pausedUntil, until);
		return;
	}
	call.t.outages.push({ platform, mode, reason, pausedUntil: until, endedAt: null });
	openIncident(
		call,
		'platform_down',
		null,
		`${platform} does not work right now (${reason}). Its posts wait and go out when it is back.`,
	);
}

function openOutage(call: Call, platform: string, mode: string): OutageRow | undefined {
	return call.t.outages.find(
		(one) => one.platform === platform && one.mode === mode && one.endedAt === null,
	);
}

/** `musekit_social.note_server_failure`: enough different posts within the window pause a platform. */
export function noteServerFailure(
	call: Call,
	p: PostRow,
	outcome: Outcome,
	error: PostError | null,
): void {
	const { t, now } = call;
	if (outcome === 'done' || (error?.status ?? 0) < 500) return;
	const since = now - numberOf(t, 'outage', 'windowMs');
	const here = (one: { platform: string; mode: string }) =>
		one.platform === p.platform && one.mode === p.mode;
	t.serverFailures = t.serverFailures.filter((one) => !here(one) || one.at >= since);
	t.serverFailures.push({ platform: p.platform, mode: p.mode, postId: p.id, at: now });
	const posts = new Set(t.serverFailures.filter(here).map(({ postId }) => postId));
	if (posts.size < numberOf(t, 'outage', 'failures')) return;
	const reason = `answers with status ${error?.status}`;
	pause(call, { platform: p.platform, mode: p.mode, reason }, numberOf(t, 'outage', 'pauseMs'));
}

export function platformPause(call: Call, args: StoreFunctions['social_platform_pause']['args']) {
	const { p_platform: platform, p_mode: mode } = args;
	if (args.p_pause_ms > 0) {
		pause(call, { platform, mode, reason: args.p_reason }, args.p_pause_ms);
	} else {
		const running = openOutage(call, platform, mode);
		if (running !== undefined) running.endedAt = call.now;
	}
	const left = openOutage(call, platform, mode);
	return { pausedUntil: left === undefined ? null : iso(left.pausedUntil) };
}
