import {
	memberRepeatAllowed,
	type MemberRepeat,
} from '../../../../../core/platforms/linkedin/member-repeat';
import { NOW } from '../posts';

const HOUR = 3_600_000;
const FACTS: MemberRepeat = {
	nowMs: NOW,
	firstIntentMs: NOW - 200_000,
	lastDeadlineMs: NOW - 120_000,
	latestMs: NOW + 24 * HOUR,
	repeats: 0,
	sameTextElsewhere: false,
	switchedOn: true,
};

test('two minutes after the last deadline it is allowed, not sooner', () => {
	expect(memberRepeatAllowed(FACTS)).toEqual({ allowed: true });
	expect(memberRepeatAllowed({ ...FACTS, nowMs: NOW - 1 })).toMatchObject({
		allowed: false,
		notBeforeMs: NOW,
	});
});

test.each<[string, Partial<MemberRepeat>, Partial<MemberRepeat>]>([
	[
		'12 hours after the first attempt',
		{ firstIntentMs: NOW - 12 * HOUR },
		{ firstIntentMs: NOW - 12 * HOUR - 1 },
	],
	['until the maximum lateness', { latestMs: NOW }, { latestMs: NOW - 1 }],
	['twice', { repeats: 1 }, { repeats: 2 }],
	['with a text of its own', { sameTextElsewhere: false }, { sameTextElsewhere: true }],
	['while it is switched on', { switchedOn: true }, { switchedOn: false }],
])('%s at most', (_name, within, beyond) => {
	expect(memberRepeatAllowed({ ...FACTS, ...within })).toEqual({ allowed: true });
	expect(memberRepeatAllowed({ ...FACTS, ...beyond })).toMatchObject({
		allowed: false,
		notBeforeMs: null,
	});
});

test('what forbids it for ever wins over what forbids it for now', () => {
	const facts = { ...FACTS, nowMs: NOW - 1, repeats: 2 };
	expect(memberRepeatAllowed(facts)).toMatchObject({ allowed: false, notBeforeMs: null });
});
