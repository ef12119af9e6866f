import sharp from 'sharp';

import { sniffImage } from '../../../../core/content/image';

const picture = (width: number, height: number, channels: 3 | 4 = 3) =>
	sharp({
		create: {
			width,
			height,
			channels,
			background: channels === 4 ? { r: 9, g: 99, b: 200, alpha: 0.5 } : { r: 9, g: 99, b: 200 },
		},
	});

const FILES: [string, string, () => Promise<Buffer>][] = [
	['baseline JPEG', 'image/jpeg', () => picture(641, 359).jpeg().toBuffer()],
	[
		'progressive JPEG',
		'image/jpeg',
		() => picture(641, 359).jpeg({ progressive: true }).toBuffer(),
	],
	[
		'JPEG with EXIF and a colour profile',
		'image/jpeg',
		() =>
			picture(641, 359)
				.withExif({ IFD0: { Artist: 'x'.repeat(500) } })
				.withIccProfile('p3')
				.jpeg()
				.toBuffer(),
	],
	['PNG', 'image/png', () => picture(641, 359, 4).png().toBuffer()],
	['GIF', 'image/gif', () => picture(641, 359).gif().toBuffer()],
	['lossy WebP', 'image/webp', () => picture(641, 359).webp().toBuffer()],
	['lossless WebP', 'image/webp', () => picture(641, 359, 4).webp({ lossless: true }).toBuffer()],
	[
		'extended WebP',
		'image/webp',
		() =>
			picture(641, 359, 4)
				.webp()
				.withExif({ IFD0: { Artist: 'me' } })
				.toBuffer(),
	],
];

describe('sniffImage', () => {
	test.each(FILES)('reads a %s', async (_name, mime, make) => {
		const file = await make();
		expect(sniffImage(new Uint8Array(file))).toEqual({ mime, width: 641, height: 359 });
	});

	test.each(FILES)('reads a %s in the middle of a larger buffer', async (_name, mime, make) => {
		const file = await make();
		const larger = new Uint8Array(file.length + 20);
		larger.set(file, 7);
		expect(sniffImage(larger.subarray(7, 7 + file.length))).toMatchObject({ mime, width: 641 });
	});

	test.each(FILES)('takes no %s that is cut off before its size', async (_name, _mime, make) => {
		const file = new Uint8Array(await make());
		for (let length = 0; length < 10; length++) {
			expect(sniffImage(file.subarray(0, length))).toBeNull();
		}
	});

	test('takes nothing else for a picture', async () => {
		const encoder = new TextEncoder();
		for (const text of [
			'',
			'<html>',
			'%PDF-1.7',
			'<svg xmlns="http://www.w3.org/2000/svg"/>',
			'RIFFxxxxWAVE',
		]) {
			expect(sniffImage(encoder.encode(text))).toBeNull();
		}
		expect(sniffImage(new Uint8Array(await picture(9, 9).tiff().toBuffer()))).toBeNull();
		expect(sniffImage(Uint8Array.of(0xff, 0xd8, 0xff, 0xd9, 0, 0, 0, 0, 0, 0, 0, 0))).toBeNull();
	});

	test('reads the full range of sizes', async () => {
		for (const [width, height] of [
			[1, 1],
			[1, 16000],
			[4097, 3],
		] as const) {
			for (const format of ['jpeg', 'png', 'gif', 'webp'] as const) {
				const file = await picture(width, height).toFormat(format).toBuffer();
				expect(sniffImage(new Uint8Array(file))).toEqual({
					mime: `image/${format}`,
					width,
					height,
				});
			}
		}
	});
});
