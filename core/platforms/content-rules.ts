import type { MediaInfo, PostContent, PostError } from '../store/contract';
import type { Capabilities } from './platform';

/** Names a platform in codes and sentences. */
export interface Named {
	name: string;
	displayName: string;
}

const KILOBYTE = 1024;
const MEGABYTE = 1024 * KILOBYTE;

/** Zero bytes and lone halves of a surrogate pair: Postgres and JSON cannot keep them. */
const NO_TEXT = /[\0\p{Cs}]/u;

const TYPES: Record<string, string> = {
	'image/jpeg': 'JPEG',
	'image/png': 'PNG',
	'image/gif': 'GIF',
	'image/webp': 'WebP',
};

/** `8 MB`, `5.01 MB`, `320 KB`: two digits after the point, so that just over shows as over. */
export function sizeText(bytes: number): string {
	const [unit, name] = bytes >= MEGABYTE ? [MEGABYTE, 'MB'] : [KILOBYTE, 'KB'];
	return `${Math.ceil((bytes * 100) / unit) / 100} ${name}`;
}

export function typeText(mime: string): string {
	return TYPES[mime] ?? mime;
}

function listed(names: string[]): string {
	return names.length > 1 ? `${names.slice(0, -1).join(', ')} or ${names.at(-1)}` : names.join('');
}

/** Text present where it is needed, within its limit, and free of what no store can keep. */
export function checkText(
	platform: Named,
	capabilities: Capabilities,
	content: PostContent,
	length: number,
): PostError[] {
	const { displayName, name } = platform;
	const { max, required, unit } = capabilities.text;
	const errors: PostError[] = [];
	if (content.text.trim() === '' && (required || (content.media ?? []).length === 0)) {
		errors.push({
			code: `${name}_text_missing`,
			field: 'text',
			message: `The post has no text${required ? '' : ' and no picture'}, and ${displayName} publishes nothing empty. Nothing was created.`,
			remedy: required ? 'Write a text.' : 'Write a text or add a picture.',
		});
	}
	if (length > max) {
		errors.push({
			code: `${name}_text_too_long`,
			field: 'text',
			message: `The text has ${length} of ${max} ${unit} on ${displayName}, ${length - max} too many. Nothing was created.`,
			remedy: `Shorten the text by ${length - max}.`,
		});
	}
	if (NO_TEXT.test(content.text)) {
		errors.push({
			code: `${name}_text_character`,
			field: 'text',
			message: `The text holds a character that is no text (a zero byte or half of an emoji), which ${displayName} does not take. Nothing was created.`,
			remedy: 'Remove the character; cutting a text in the middle of an emoji makes one.',
		});
	}
	return errors;
}

/** Count, type, size and alternative texts of the pictures. */
export function checkImages(
	platform: Named,
	capabilities: Capabilities,
	content: PostContent,
	media: MediaInfo[],
): PostError[] {
	const { displayName, name } = platform;
	const { altTextMax, max, maxBytes, mimes, min } = capabilities.images;
	const refs = content.media ?? [];
	const errors: PostError[] = [];
	if (refs.length < min) {
		errors.push({
			code: `${name}_image_missing`,
			field: 'media',
			message: `${displayName} needs ${min === 1 ? 'a picture' : `at least ${min} pictures`} and the post has ${refs.length === 0 ? 'none' : refs.length}. Nothing was created.`,
			remedy: 'Add a picture.',
		});
	}
	if (refs.length > max) {
		errors.push({
			code: `${name}_too_many_images`,
			field: 'media',
			message: `The post has ${refs.length} of at most ${max} ${max === 1 ? 'picture' : 'pictures'} on ${displayName}. Nothing was created.`,
			remedy: `Remove ${refs.length - max}.`,
		});
	}
	media.forEach((picture, index) => {
		const field = `media[${index}]`;
		if (!mimes.includes(picture.mime)) {
			errors.push({
				code: `${name}_image_type`,
				field,
				message: `Picture ${index + 1} is a ${typeText(picture.mime)} file; ${displayName} takes ${listed(mimes.map(typeText))}. Nothing was created.`,
				remedy: `Convert the picture to ${typeText(mimes[0] ?? 'image/jpeg')}.`,
			});
		}
		if (picture.bytes > maxBytes) {
			errors.push({
				code: `${name}_image_too_large`,
				field,
				message: `Picture ${index + 1} has ${sizeText(picture.bytes)} of ${sizeText(maxBytes)} on ${displayName}. Nothing was created.`,
				remedy: 'Make the picture smaller or compress it more.',
			});
		}
	});
	refs.forEach(({ altText }, index) => {
		const length = (altText ?? '').length;
		if (length <= altTextMax) return;
		errors.push({
			code: `${name}_alt_text_too_long`,
			field: `media[${index}].altText`,
			message: `The alternative text of picture ${index + 1} has ${length} of ${altTextMax} characters on ${displayName}. Nothing was created.`,
			remedy: `Shorten it by ${length - altTextMax}.`,
		});
	});
	return errors;
}
