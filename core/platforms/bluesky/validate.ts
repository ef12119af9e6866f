import type { MediaInfo, PostContent, PostError } from '../../store/contract';
import { checkImages, checkText } from '../content-rules';
import { CAPABILITIES, TEXT_BYTES } from './capabilities';
import { NAMES } from './errors';
import { graphemes, utf8Length } from './text-length';

/** Problems that Bluesky's server would refuse the post for. */
export function validate(content: PostContent, media: MediaInfo[]): PostError[] {
	const bytes = utf8Length(content.text);
	const length = graphemes(content.text);
	const errors = [
		...checkText(NAMES, CAPABILITIES, content, length),
		...checkImages(NAMES, CAPABILITIES, content, media),
	];
	if (length <= CAPABILITIES.text.max && bytes > TEXT_BYTES) {
		errors.push({
			code: 'bluesky_text_too_many_bytes',
			field: 'text',
			message: `The text has ${bytes} of ${TEXT_BYTES} bytes on Bluesky: its characters are made of many parts (emoji with joiners, stacked accents). Nothing was created.`,
			remedy: 'Use fewer or simpler emoji.',
		});
	}
	return errors;
}
