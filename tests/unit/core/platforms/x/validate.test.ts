import { validate } from '../../../../../core/platforms/x/validate';
import { FORBIDDEN_WORDS, picture } from '../posts';

const MB = 1024 * 1024;
const codes = (...given: Parameters<typeof validate>) => validate(...given).map(({ code }) => code);
const media = (count: number) => Array.from({ length: count }, () => ({ hash: 'a' }));

describe('X takes', () => {
	test.each<[string, string]>([
		['280 letters', 'a'.repeat(280)],
		['140 CJK characters', '漢'.repeat(140)],
		['280 with a long address', `${'a'.repeat(256)} https://example.com/${'b'.repeat(400)}`],
		['one cashtag', 'Buy $MSFT'],
	])('%s', (_name, text) => {
		expect(validate({ text }, [])).toEqual([]);
	});

	test('a picture at every limit, without a text', () => {
		const content = { text: '', media: [{ hash: 'a', altText: 'x'.repeat(1000) }] };
		for (const mime of ['image/jpeg', 'image/png', 'image/webp', 'image/gif']) {
			expect(validate(content, [picture({ mime, bytes: 5 * MB })])).toEqual([]);
		}
	});

	test('four pictures', () => {
		expect(
			validate(
				{ text: '', media: media(4) },
				media(4).map(() => picture()),
			),
		).toEqual([]);
	});
});

describe('X does not take', () => {
	test('281 characters, and says how many there are', () => {
		expect(validate({ text: 'a'.repeat(281) }, [])).toMatchObject([
			{ code: 'x_text_too_long', field: 'text' },
		]);
		expect(validate({ text: 'a'.repeat(301) }, [])[0]?.message).toContain(
			'The text has 301 of 280 characters (as X counts them) on X',
		);
	});

	test.each<[string, string, string]>([
		['141 CJK characters', '漢'.repeat(141), 'x_text_too_long'],
		['an empty text', '', 'x_text_missing'],
		['only blanks', ' \n ', 'x_text_missing'],
		['two cashtags', '$MSFT $AAPL', 'x_too_many_cashtags'],
		['a byte order mark', 'a\uFEFFb', 'x_text_invisible_character'],
		['half an emoji', 'a\uD83D', 'x_text_character'],
		['a zero byte', 'a\u0000b', 'x_text_character'],
	])('%s', (_name, text, code) => {
		expect(codes({ text }, [])).toEqual([code]);
	});

	test('a picture over its limits, with field and numbers', () => {
		const content = { text: 'a', media: [{ hash: 'a', altText: 'x'.repeat(1001) }] };
		const errors = validate(content, [picture({ mime: 'image/tiff', bytes: 5 * MB + 1 })]);
		expect(errors).toMatchObject([
			{ code: 'x_image_type', field: 'media[0]' },
			{ code: 'x_image_too_large', field: 'media[0]' },
			{ code: 'x_alt_text_too_long', field: 'media[0].altText' },
		]);
		expect(errors[1]?.message).toContain('5.01 MB of 5 MB');
		expect(errors[2]?.message).toContain('1001 of 1000 characters');
	});

	test('five pictures, or a GIF with another picture', () => {
		expect(
			codes(
				{ text: '', media: media(5) },
				media(5).map(() => picture()),
			),
		).toEqual(['x_too_many_images']);
		expect(
			codes({ text: '', media: media(2) }, [picture(), picture({ mime: 'image/gif' })]),
		).toEqual(['x_gif_not_alone']);
	});

	test('anything without saying so in plain words', () => {
		const errors = [
			...validate({ text: `${'漢'.repeat(150)} $A $B \uFEFF\u0000` }, []),
			...validate({ text: '', media: media(5) }, [picture({ mime: 'image/gif', bytes: 9 * MB })]),
			...validate({ text: '' }, []),
		];
		expect(errors.length).toBeGreaterThanOrEqual(7);
		for (const { message, remedy } of errors) {
			expect(`${message} ${remedy}`).not.toMatch(FORBIDDEN_WORDS);
			expect(message).toMatch(/Nothing was created\.$/);
		}
	});
});
