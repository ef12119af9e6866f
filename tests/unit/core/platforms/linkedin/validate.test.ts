import { validate } from '../../../../../core/platforms/linkedin/validate';
import { FORBIDDEN_WORDS, picture } from '../posts';

const MB = 1024 * 1024;
const media = (count: number) => Array.from({ length: count }, () => ({ hash: 'a' }));
const codes = (...given: Parameters<typeof validate>) => validate(...given).map(({ code }) => code);

test('takes a text at its limit, and pictures without a text', () => {
	expect(validate({ text: 'a'.repeat(3000) }, [])).toEqual([]);
	expect(
		validate(
			{ text: '', media: media(20) },
			media(20).map(() => picture()),
		),
	).toEqual([]);
	const content = { text: '', media: [{ hash: 'a', altText: 'x'.repeat(4086) }] };
	expect(validate(content, [picture({ bytes: 10 * MB, width: 6024, height: 6001 })])).toEqual([]);
});

test('counts the text as it is sent, escapes included', () => {
	expect(validate({ text: 'a'.repeat(3001) }, [])).toMatchObject([
		{ code: 'linkedin_text_too_long', field: 'text' },
	]);
	expect(validate({ text: 'a'.repeat(3001) }, [])[0]?.message).toContain('3001 of 3000');
	expect(validate({ text: '(ab)'.repeat(500) }, [])).toEqual([]);
	expect(codes({ text: '(ab)'.repeat(501) }, [])).toEqual(['linkedin_text_too_long']);
});

test('refuses what LinkedIn refuses, with field and numbers', () => {
	expect(codes({ text: ' ' }, [])).toEqual(['linkedin_text_missing']);
	expect(
		codes(
			{ text: '', media: media(21) },
			media(21).map(() => picture()),
		),
	).toEqual(['linkedin_too_many_images']);
	const content = { text: '', media: [{ hash: 'a', altText: 'x'.repeat(4087) }] };
	const errors = validate(content, [
		picture({ mime: 'image/webp', bytes: 10 * MB + 1, width: 6025, height: 6001 }),
	]);
	expect(errors).toMatchObject([
		{ code: 'linkedin_image_type', field: 'media[0]' },
		{ code: 'linkedin_image_too_large', field: 'media[0]' },
		{ code: 'linkedin_alt_text_too_long', field: 'media[0].altText' },
		{ code: 'linkedin_image_too_many_pixels', field: 'media[0]' },
	]);
	expect(errors[0]?.message).toContain('WebP file; LinkedIn takes JPEG, PNG or GIF');
	expect(errors[3]?.message).toContain('36156025 of at most 36152319 pixels');
	for (const { message, remedy } of errors) expect(message + remedy).not.toMatch(FORBIDDEN_WORDS);
});
