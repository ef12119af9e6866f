import { validate } from '../../../../../core/platforms/instagram/validate';
import { FORBIDDEN_WORDS, picture } from '../posts';

const MB = 1024 * 1024;
const MEDIA = [{ hash: 'a' }];
const codes = (...given: Parameters<typeof validate>) => validate(...given).map(({ code }) => code);
const many = (count: number, what: string) =>
	Array.from({ length: count }, (_, at) => `${what}${at}`).join(' ');

describe('Instagram takes', () => {
	test.each([
		['a caption at its limit', 'a'.repeat(2200)],
		['no caption', ''],
		['30 hashtags', many(30, '#tag')],
		['20 mentions', many(20, '@user')],
		['mail addresses, which mention nobody', many(30, 'me@host')],
	])('%s', (_name, text) => {
		expect(validate({ text, media: MEDIA }, [picture()])).toEqual([]);
	});

	test.each([
		['4:5', 800, 1000],
		['1.91:1', 1910, 1000],
		['the narrowest', 320, 320],
		['wider than 1440, which Instagram scales down', 4000, 4000],
		['a pixel of rounding', 1079, 1350],
	])('%s', (_name, width, height) => {
		expect(
			validate({ text: '', media: MEDIA }, [picture({ width, height, bytes: 8 * MB })]),
		).toEqual([]);
	});
});

describe('Instagram does not take', () => {
	test.each([
		['a caption over its limit', 'a'.repeat(2201), 'instagram_text_too_long', '2201 of 2200'],
		['31 hashtags', many(31, '#tag'), 'instagram_too_many_hashtags', '31 of at most 30'],
		['21 mentions', many(21, '@user'), 'instagram_too_many_mentions', '21 of at most 20'],
	])('%s', (_name, text, code, numbers) => {
		const errors = validate({ text, media: MEDIA }, [picture()]);
		expect(errors).toMatchObject([{ code, field: 'text' }]);
		expect(errors[0]?.message).toContain(numbers);
	});

	test('a post without a picture, told once, or with two', () => {
		expect(validate({ text: '' }, [])).toMatchObject([
			{ code: 'instagram_image_missing', field: 'media' },
		]);
		expect(codes({ text: 'Hi' }, [])).toEqual(['instagram_image_missing']);
		expect(codes({ text: '', media: [...MEDIA, ...MEDIA] }, [picture(), picture()])).toEqual([
			'instagram_too_many_images',
		]);
	});

	test.each([
		['PNG', { mime: 'image/png' }, 'instagram_image_type', 'PNG file; Instagram takes JPEG'],
		['8 MB and a byte', { bytes: 8 * MB + 1 }, 'instagram_image_too_large', '8.01 MB of 8 MB'],
		['too tall', { width: 797, height: 1000 }, 'instagram_image_ratio', '0.80'],
		['too wide', { width: 1912, height: 1000 }, 'instagram_image_ratio', '1.91'],
		[
			'319 pixels wide',
			{ width: 319, height: 319 },
			'instagram_image_too_narrow',
			'319 of at least 320',
		],
	])('%s', (_name, change, code, numbers) => {
		const errors = validate({ text: '', media: MEDIA }, [picture(change)]);
		expect(errors).toMatchObject([{ code, field: 'media[0]' }]);
		expect(errors[0]?.message).toContain(numbers);
		expect(errors[0]?.message).not.toMatch(FORBIDDEN_WORDS);
	});

	test('an alternative text of 1001 characters', () => {
		const content = { text: '', media: [{ hash: 'a', altText: 'x'.repeat(1001) }] };
		expect(validate(content, [picture()])).toMatchObject([
			{ code: 'instagram_alt_text_too_long', field: 'media[0].altText' },
		]);
	});
});
