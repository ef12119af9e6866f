/** What the first bytes of a picture say about it; pixels as stored, before any EXIF rotation. */
export interface ImageFacts {
	mime: 'image/jpeg' | 'image/png' | 'image/gif' | 'image/webp';
	width: number;
	height: number;
}

/** Frame headers SOF0–SOF15 without DHT (C4), JPG (C8) and DAC (CC) (ITU T.81, table B.1). */
const FRAME_HEADERS = new Set([
	0xc0, 0xc1, 0xc2, 0xc3, 0xc5, 0xc6, 0xc7, 0xc9, 0xca, 0xcb, 0xcd, 0xce, 0xcf,
]);

function startsWith(bytes: Uint8Array, at: number, expected: string): boolean {
	if (bytes.length < at + expected.length) return false;
	return [...expected].every((character, index) => bytes[at + index] === character.charCodeAt(0));
}

function sized(mime: ImageFacts['mime'], width: number, height: number): ImageFacts | null {
	return width > 0 && height > 0 ? { mime, width, height } : null;
}

function jpeg(view: DataView): ImageFacts | null {
	let at = 2;
	while (at + 9 <= view.byteLength) {
		if (view.getUint8(at) !== 0xff) return null;
		const marker = view.getUint8(at + 1);
		if (marker === 0xff) {
			at += 1; // fill byte
			continue;
		}
		if (FRAME_HEADERS.has(marker)) {
			return sized('image/jpeg', view.getUint16(at + 7), view.getUint16(at + 5));
		}
		// Start of scan or end of image before any frame header: no picture.
		if (marker === 0xda || marker === 0xd9) return null;
		const alone = marker === 0x01 || (marker >= 0xd0 && marker <= 0xd7);
		at += alone ? 2 : 2 + view.getUint16(at + 2);
	}
	return null;
}

function webp(bytes: Uint8Array, view: DataView): ImageFacts | null {
	if (view.byteLength < 30) return null;
	if (startsWith(bytes, 12, 'VP8 ')) {
		const started = bytes[23] === 0x9d && bytes[24] === 0x01 && bytes[25] === 0x2a;
		if (!started) return null;
		return sized(
			'image/webp',
			view.getUint16(26, true) & 0x3fff,
			view.getUint16(28, true) & 0x3fff,
		);
	}
	if (startsWith(bytes, 12, 'VP8L')) {
		if (bytes[20] !== 0x2f) return null;
		const bits = view.getUint32(21, true);
		return sized('image/webp', 1 + (bits & 0x3fff), 1 + ((bits >>> 14) & 0x3fff));
	}
	if (startsWith(bytes, 12, 'VP8X')) {
		const width = 1 + (view.getUint32(24, true) & 0xffffff);
		const height = 1 + (view.getUint16(27, true) | (view.getUint8(29) << 16));
		return sized('image/webp', width, height);
	}
	return null;
}

/**
 * Type and size of a JPEG, PNG, GIF or WebP picture from its bytes alone, whatever its name or
 * declared type says. Null for anything else and for a file cut off before its size.
 */
export function sniffImage(bytes: Uint8Array): ImageFacts | null {
	const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
	if (bytes[0] === 0xff && bytes[1] === 0xd8) return jpeg(view);
	if (startsWith(bytes, 0, '\x89PNG\r\n\x1a\n') && startsWith(bytes, 12, 'IHDR')) {
		return bytes.length < 24 ? null : sized('image/png', view.getUint32(16), view.getUint32(20));
	}
	if (startsWith(bytes, 0, 'GIF87a') || startsWith(bytes, 0, 'GIF89a')) {
		return bytes.length < 10
			? null
			: sized('image/gif', view.getUint16(6, true), view.getUint16(8, true));
	}
	if (startsWith(bytes, 0, 'RIFF') && startsWith(bytes, 8, 'WEBP')) return webp(bytes, view);
	return null;
}
