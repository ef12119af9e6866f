import type { MediaInfo, PostContent, PostError } from '../../store/contract';
import { checkImages, checkText } from '../content-rules';
import {
	CAPABILITIES,
	MAX_HASHTAGS,
	MAX_MENTIONS,
	MAX_RATIO,
	MIN_RATIO,
	MIN_WIDTH,
} from './capabilities';

const INSTAGRAM = { name: 'instagram', displayName: 'Instagram' };

/** What Instagram turns into links to a topic and to a profile. */
export const HASHTAG = /(?:^|[^\p{L}\p{N}_&])#[\p{L}\p{N}_]+/gu;
export const MENTION = /(?:^|[^\p{L}\p{N}_@])@[A-Za-z0-9_.]+/gu;

/** What Instagram would refuse about a post, each with its field, limit and count. */
export function validate(content: PostContent, media: MediaInfo[]): PostError[] {
	const errors = [
		...checkText(INSTAGRAM, CAPABILITIES, content, content.text.length),
		...checkImages(INSTAGRAM, CAPABILITIES, content, media),
		...checkCount(content.text, { what: 'hashtags', pattern: HASHTAG, max: MAX_HASHTAGS }),
		...checkCount(content.text, { what: 'mentions', pattern: MENTION, max: MAX_MENTIONS }),
	];
	// An empty post is told once, as the picture that is missing.
	return [
		...errors.filter((error) => error.code !== 'instagram_text_missing'),
		...media.flatMap(checkShape),
	];
}

function checkCount(
	text: string,
	{ max, pattern, what }: { what: string; pattern: RegExp; max: number },
): PostError[] {
	const count = text.match(pattern)?.length ?? 0;
	if (count <= max) return [];
	return [
		{
			code: `instagram_too_many_${what}`,
			field: 'text',
			message: `The text has ${count} of at most ${max} ${what} on Instagram. Nothing was created.`,
			remedy: `Remove ${count - max}.`,
		},
	];
}

function checkShape({ height, width }: MediaInfo, index: number): PostError[] {
	const errors: PostError[] = [];
	const field = `media[${index}]`;
	// A whole pixel of rounding belongs to both ends of the range.
	const tooTall = width < MIN_RATIO * height - 1;
	const tooWide = width > MAX_RATIO * height + 1;
	if (tooTall || tooWide) {
		errors.push({
			code: 'instagram_image_ratio',
			field,
			message: `Picture ${index + 1} is ${width} × ${height} pixels, a ratio of ${(width / height).toFixed(2)}; Instagram takes ${MIN_RATIO} (4:5) to ${MAX_RATIO}. Nothing was created.`,
			remedy: tooTall ? 'Crop it to at most 4:5 upright.' : 'Crop it to at most 1.91:1 across.',
		});
	}
	if (width < MIN_WIDTH) {
		errors.push({
			code: 'instagram_image_too_narrow',
			field,
			message: `Picture ${index + 1} is ${width} of at least ${MIN_WIDTH} pixels wide on Instagram. Nothing was created.`,
			remedy: 'Use a larger picture.',
		});
	}
	return errors;
}
