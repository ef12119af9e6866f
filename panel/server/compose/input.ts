import { z } from 'zod';
import { PICTURES_MAX, TARGETS_MAX, TEXT_MAX } from '../../shared/compose';

const owner = z.string().min(1).max(200).optional();
const text = z.string().max(TEXT_MAX, `A text has at most ${TEXT_MAX} characters`);
const timeZone = z.string().min(1).max(100);
const wallTime = z
	.string()
	.regex(/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2})?$/, 'Write the time as YYYY-MM-DDTHH:mm');

export const picture = z.strictObject({
	hash: z.string().regex(/^[0-9a-f]{64}$/),
	altText: z.string().max(TEXT_MAX).optional(),
});

const now = z.strictObject({ as: z.literal('now') });
const scheduled = z.strictObject({ as: z.literal('scheduled'), wallTime, timeZone });
const draft = z.strictObject({ as: z.literal('draft') });

const content = z.strictObject({
	owner,
	text,
	targets: z
		.array(z.strictObject({ accountId: z.uuid(), text: text.optional() }))
		.min(1, 'Choose at least one account')
		.max(TARGETS_MAX)
		.refine(
			(targets) => new Set(targets.map(({ accountId }) => accountId)).size === targets.length,
			'An account is named twice',
		),
	media: z.array(picture).max(PICTURES_MAX).optional(),
	when: z.discriminatedUnion('as', [now, scheduled, draft]),
});

export const previewRequest = content;
export const composeRequest = content.extend({
	key: z.uuid(),
	allowRepeat: z.boolean().optional(),
});

export const editRequest = z.strictObject({
	owner,
	version: z.number().int().min(0),
	text,
	media: z.array(picture).max(PICTURES_MAX),
	when: z.discriminatedUnion('as', [now, scheduled]).optional(),
});

export const ownerQuery = z.object({ owner });
export const madeQuery = z.object({
	owner,
	ids: z
		.string()
		.transform((text) => text.split(','))
		.pipe(z.array(z.uuid()).min(1).max(TARGETS_MAX)),
});
export const postParam = z.object({ id: z.uuid() });
export const hashParam = z.object({ hash: picture.shape.hash });
