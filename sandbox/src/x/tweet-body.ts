import { z } from 'zod';

const id = z.string().regex(/^[0-9]{1,19}$/);

/** Body of `POST /2/tweets`, openapi.json v2.167 (`additionalProperties: false`). */
const tweetBody = z.strictObject({
	text: z.string().optional(),
	media: z
		.strictObject({
			media_ids: z.array(id).min(1).max(4),
			tagged_user_ids: z.array(id).max(10).optional(),
		})
		.optional(),
	reply: z
		.strictObject({
			in_reply_to_tweet_id: id,
			exclude_reply_user_ids: z.array(id).optional(),
			auto_populate_reply_metadata: z.boolean().optional(),
		})
		.optional(),
	quote_tweet_id: id.optional(),
	poll: z
		.strictObject({
			options: z.array(z.string().min(1).max(25)).min(2).max(4),
			duration_minutes: z.number().int().min(5).max(10080),
			reply_settings: z.enum(['following', 'mentionedUsers', 'subscribers', 'verified']).optional(),
		})
		.optional(),
	reply_settings: z.enum(['following', 'mentionedUsers', 'subscribers', 'verified']).optional(),
	edit_options: z.strictObject({ previous_post_id: id }).optional(),
	community_id: id.optional(),
	share_with_followers: z.boolean().optional(),
	nullcast: z.boolean().optional(),
	made_with_ai: z.boolean().optional(),
	paid_partnership: z.boolean().optional(),
	card_uri: z.string().optional(),
	geo: z.strictObject({ place_id: z.string().optional() }).optional(),
	direct_message_deep_link: z.string().optional(),
	for_super_followers_only: z.boolean().optional(),
});

export type TweetBody = z.output<typeof tweetBody>;

/** The checked body, or the field and X's sentence about it. */
export function readTweetBody(
	body: Record<string, unknown>,
): { body: TweetBody } | { parameter: string; message: string } {
	const read = tweetBody.safeParse(body);
	if (read.success) return { body: read.data };
	const issue = read.error.issues[0];
	const path = issue?.path.join('.') ?? '';
	if (issue?.code === 'unrecognized_keys') {
		const name = `$.${[...issue.path, issue.keys[0]].join('.')}`;
		return {
			parameter: name,
			message: `${name}: is not defined in the schema and the schema does not allow additional properties`,
		};
	}
	return { parameter: path, message: `$.${path}: ${issue?.message ?? 'is not valid'}` };
}
