import { appearance, capabilitiesOf, measure } from '../../../panel/shared/appearance';
import { PLATFORMS } from '../../../core/platforms';
import type { Platform } from '../../../core/store/contract';

const NAMES = Object.keys(PLATFORMS) as Platform[];
const TEXT = 'Hi @ada.bsky.social, see https://example.com/a?b=c #launch 🎉 naïve';
const marked = (platform: Platform, text = TEXT) =>
	appearance(platform, text)
		.filter(({ kind }) => kind !== 'text')
		.map(({ kind, text: piece }) => `${kind} ${piece}`);

describe('how a text looks', () => {
	it.each(NAMES)('loses nothing of it on %s', (platform) => {
		const texts = [TEXT, '', '#one#two', '{|}@[x](y) #tag_\\#', '👩‍👩‍👧 #é $TSLA a.com'];
		for (const text of texts) {
			const pieces = appearance(platform, text);
			expect(pieces.map((piece) => piece.text).join('')).toBe(text);
			expect(pieces.every((piece) => piece.text !== '')).toBe(true);
		}
	});

	it('marks what each platform makes a link of', () => {
		expect(marked('bluesky')).toEqual([
			'mention @ada.bsky.social',
			'link https://example.com/a?b=c',
			'tag #launch',
		]);
		expect(marked('linkedin')).toEqual(['link https://example.com/a?b=c', 'tag #launch']);
		expect(marked('instagram')).toEqual(['mention @ada.bsky.social', 'tag #launch']);
		expect(marked('x', 'see example.com and https://example.com/x')).toEqual([
			'link example.com',
			'link https://example.com/x',
		]);
		expect(marked('linkedin', '(#a_b) #c #a_b')).toEqual(['tag #a_b', 'tag #c', 'tag #a_b']);
	});
});

describe('how long a text is', () => {
	it('counts as the platform does', () => {
		const address = `https://example.com/${'a'.repeat(200)}`;
		expect(measure('x', address)).toMatchObject({ length: 23, max: 280 });
		expect(measure('instagram', address).length).toBe(address.length);
		expect(measure('bluesky', '👩‍👩‍👧')).toMatchObject({ length: 1, max: 300 });
		expect(measure('linkedin', '#a').length).toBe('{hashtag|\\#|a}'.length);
	});

	it.each(NAMES)('is refused on %s exactly when it is longer than the counter says', (platform) => {
		const { max } = capabilitiesOf(platform).text;
		const codes = (text: string) =>
			PLATFORMS[platform].validate({ text }, []).map(({ code }) => code);
		for (const letter of ['a', 'é', '漢', '#']) {
			let text = '';
			while (measure(platform, text).length <= max) text += letter.repeat(7);
			expect(codes(text)).toContain(`${platform}_text_too_long`);
			while (measure(platform, text).length > max) text = text.slice(0, -1);
			expect(codes(text)).not.toContain(`${platform}_text_too_long`);
		}
	});
});
