import { countCashtags, invalidCharacter, weightedLength } from '../../content/weighted-length';
import type { MediaInfo, PostContent, PostError } from '../../store/contract';
import { checkImages, checkText } from '../content-rules';
import { CAPABILITIES, MAX_CASHTAGS } from './capabilities';

const X = { name: 'x', displayName: 'X' };

/** What X would refuse about a post, each with its field, limit and count. */
export function validate(content: PostContent, media: MediaInfo[]): PostError[] {
	const errors = [
		...checkText(X, CAPABILITIES, content, weightedLength(content.text)),
		...checkImages(X, CAPABILITIES, content, media),
	];
	const cashtags = countCashtags(content.text);
	if (cashtags > MAX_CASHTAGS) {
		errors.push({
			code: 'x_too_many_cashtags',
			field: 'text',
			message: `The text has ${cashtags} of at most ${MAX_CASHTAGS} cashtag on X. Nothing was created.`,
			remedy: 'Keep one $TICKER and write the others without the dollar sign.',
		});
	}
	const invalid = invalidCharacter(content.text);
	if (invalid !== null) {
		const point = invalid.charCodeAt(0).toString(16).toUpperCase();
		errors.push({
			code: 'x_text_invisible_character',
			field: 'text',
			message: `The text holds the invisible character U+${point}, which X does not take. Nothing was created.`,
			remedy: 'Remove it; it often comes along when text is copied from a file.',
		});
	}
	if (media.length > 1 && media.some((picture) => picture.mime === 'image/gif')) {
		errors.push({
			code: 'x_gif_not_alone',
			field: 'media',
			message: `The post has ${media.length} pictures and one is a GIF; X takes a GIF only alone. Nothing was created.`,
			remedy: 'Post the GIF by itself, or convert it to JPEG or PNG.',
		});
	}
	return errors;
}
