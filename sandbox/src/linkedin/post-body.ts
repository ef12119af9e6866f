import { z } from 'zod';

const image = z.strictObject({ id: z.string(), altText: z.string().max(4086).optional() });

const postBody = z.strictObject({
	author: z.string(),
	commentary: z.string(),
	visibility: z.enum(['PUBLIC', 'CONNECTIONS', 'LOGGED_IN', 'CONTAINER']),
	distribution: z.strictObject({
		feedDistribution: z.enum(['MAIN_FEED', 'NONE']),
		targetEntities: z.array(z.unknown()).optional(),
		thirdPartyDistributionChannels: z.array(z.unknown()).optional(),
	}),
	content: z
		.union([
			z.strictObject({
				media: z.strictObject({
					id: z.string(),
					title: z.string().optional(),
					altText: z.string().max(4086).optional(),
				}),
			}),
			z.strictObject({ multiImage: z.strictObject({ images: z.array(image).min(2).max(20) }) }),
			z.strictObject({
				article: z.strictObject({
					source: z.string(),
					title: z.string(),
					description: z.string().optional(),
					thumbnail: z.string().optional(),
				}),
			}),
		])
		.optional(),
	lifecycleState: z.enum(['PUBLISHED', 'DRAFT']),
	isReshareDisabledByAuthor: z.boolean().optional(),
});

export type PostBody = z.output<typeof postBody>;

/** The checked body of `POST /rest/posts`, or the field and LinkedIn's sentence about it. */
export function readPostBody(
	body: Record<string, unknown>,
): { body: PostBody } | { field: string; problem: string } {
	const read = postBody.safeParse(body);
	if (read.success) return { body: read.data };
	const issue = read.error.issues[0];
	const path = issue?.path ?? [];
	if (issue?.code === 'unrecognized_keys') {
		return {
			field: `/${[...path, issue.keys[0]].join('/')}`,
			problem: 'unrecognized field found but not allowed',
		};
	}
	let value: unknown = body;
	for (const part of path) {
		value = (value as Record<PropertyKey, unknown> | undefined)?.[part];
	}
	return {
		field: `/${path.join('/')}`,
		problem:
			value === undefined
				? 'field is required but not found and has no default value'
				: (issue?.message ?? 'is not valid'),
	};
}

/** Pictures of the post in order. */
export function imagesOf(body: PostBody): { id: string; altText: string | null }[] {
	const { content } = body;
	if (!content) return [];
	if ('media' in content) {
		return [{ id: content.media.id, altText: content.media.altText ?? null }];
	}
	if ('multiImage' in content) {
		return content.multiImage.images.map(({ id, altText }) => ({ id, altText: altText ?? null }));
	}
	return [];
}
