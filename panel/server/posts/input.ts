import { z } from 'zod';
import type { Platform, PostFindFilter, PostState } from '../../../core/store/contract';
import { LIST_ORDERS, POST_STATES } from '../../shared/posts';

const owner = z.string().min(1).max(200).optional();

/** `a,b` as a list of known names. */
const listOf = <T extends string>(item: z.ZodType<T, string>) =>
	z
		.string()
		.max(4_000)
		.transform((text) => text.split(',').filter(Boolean))
		.pipe(z.array(item).max(100))
		.optional();

const states = listOf(z.enum(POST_STATES as [PostState, ...PostState[]]));
const platforms = listOf<Platform>(z.enum(['x', 'linkedin', 'instagram', 'bluesky']));
const accounts = listOf(z.uuid());
const instant = z.iso.datetime({ offset: true }).optional();

export const listQuery = z.object({
	owner,
	by: z.enum(LIST_ORDERS as [NonNullable<PostFindFilter['by']>]).optional(),
	state: states,
	platform: platforms,
	account: accounts,
	search: z.string().trim().max(200).optional(),
	from: instant,
	to: instant,
	cursor: z.string().min(1).max(200).optional(),
});

export const calendarQuery = z.object({
	owner,
	from: z.iso.date(),
	days: z.coerce.number().int().min(1).max(45),
	zone: z.string().min(1).max(100).optional(),
	device: z.string().min(1).max(100).optional(),
	perDay: z.coerce.number().int().min(1).max(50).default(4),
	state: states,
	platform: platforms,
	account: accounts,
});

export const postParam = z.object({ id: z.uuid() });
export const ownerQuery = z.object({ owner });
export const actionRequest = z.strictObject({ owner }).default({});

export const rescheduleRequest = z.strictObject({
	owner,
	version: z.number().int().min(0),
	wallTime: z
		.string()
		.regex(/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2})?$/, 'Write the time as YYYY-MM-DDTHH:mm'),
	timeZone: z.string().min(1).max(100),
});

const key = z.string().min(8).max(100);

export const duplicateRequest = z.strictObject({ owner, key });

export const resolveRequest = z.strictObject({
	owner,
	key,
	decision: z.discriminatedUnion('to', [
		z.strictObject({ to: z.literal('live'), address: z.string().trim().max(2_000) }),
		z.strictObject({ to: z.literal('publish') }),
		z.strictObject({ to: z.literal('drop') }),
	]),
});
