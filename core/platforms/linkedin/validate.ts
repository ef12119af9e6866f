import { escapeLittleText } from '../../content/little-text';
import type { MediaInfo, PostContent, PostError } from '../../store/contract';
import { checkImages, checkText } from '../content-rules';
import { CAPABILITIES, MAX_PIXELS } from './capabilities';

const LINKEDIN = { name: 'linkedin', displayName: 'LinkedIn' };

/** What LinkedIn would refuse about a post, each with its field, limit and count. */
export function validate(content: PostContent, media: MediaInfo[]): PostError[] {
	const errors = [
		...checkText(LINKEDIN, CAPABILITIES, content, escapeLittleText(content.text).length),
		...checkImages(LINKEDIN, CAPABILITIES, content, media),
	];
	media.forEach(({ height, width }, index) => {
		const pixels = width * height;
		if (pixels < MAX_PIXELS) return;
		errors.push({
			code: 'linkedin_image_too_many_pixels',
			field: `media[${index}]`,
			message: `Picture ${index + 1} has ${pixels} of at most ${MAX_PIXELS - 1} pixels on LinkedIn. Nothing was created.`,
			remedy: 'Scale the picture down, for example to 4000 pixels on its longer side.',
		});
	});
	return errors;
}
