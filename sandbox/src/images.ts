/** What a picture's own bytes say about it; names and content types are not believed. */
export interface ImageFacts {
	mime: 'image/jpeg' | 'image/png' | 'image/gif' | 'image/webp';
	width: number;
	height: number;
	/** Pictures in an animation. */
	frames: number;
}

/** Facts of a complete picture, or null when the bytes are none (or cut short). */
export function sniffImage(bytes: Buffer): ImageFacts | null {
	try {
		return png(bytes) ?? jpeg(bytes) ?? gif(bytes) ?? webp(bytes);
	} catch {
		// A read past the end: the file is cut short.
		return null;
	}
}

function png(bytes: Buffer): ImageFacts | null {
	if (bytes.toString('latin1', 0, 8) !== '\x89PNG\r\n\x1a\n') return null;
	if (!bytes.subarray(-12).includes('IEND')) return null;
	return {
		mime: 'image/png',
		width: bytes.readUInt32BE(16),
		height: bytes.readUInt32BE(20),
		frames: 1,
	};
}

function jpeg(bytes: Buffer): ImageFacts | null {
	if (bytes[0] !== 0xff || bytes[1] !== 0xd8) return null;
	if (bytes.lastIndexOf(Buffer.from([0xff, 0xd9])) < 0) return null;
	let at = 2;
	while (at < bytes.length) {
		const marker = bytes.readUInt8(at + 1);
		if (bytes[at] !== 0xff) return null;
		// Start-of-frame markers, without DHT (C4), JPG (C8) and DAC (CC).
		if (marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker)) {
			return {
				mime: 'image/jpeg',
				height: bytes.readUInt16BE(at + 5),
				width: bytes.readUInt16BE(at + 7),
				frames: 1,
			};
		}
		at += marker === 0xff ? 1 : 2 + bytes.readUInt16BE(at + 2);
	}
	return null;
}

function gif(bytes: Buffer): ImageFacts | null {
	if (!/^GIF8[79]a$/.test(bytes.toString('latin1', 0, 6))) return null;
	let at = 13 + colourTable(bytes.readUInt8(10));
	let frames = 0;
	for (;;) {
		const block = bytes.readUInt8(at);
		if (block === 0x3b) break;
		if (block === 0x21) at = afterSubBlocks(bytes, at + 2);
		else if (block === 0x2c) {
			frames += 1;
			at = afterSubBlocks(bytes, at + 11 + colourTable(bytes.readUInt8(at + 9)));
		} else return null;
	}
	if (frames === 0) return null;
	return {
		mime: 'image/gif',
		width: bytes.readUInt16LE(6),
		height: bytes.readUInt16LE(8),
		frames,
	};
}

function colourTable(flags: number): number {
	return flags & 0x80 ? 3 * 2 ** ((flags & 7) + 1) : 0;
}

function afterSubBlocks(bytes: Buffer, start: number): number {
	let at = start;
	for (;;) {
		const length = bytes.readUInt8(at);
		at += length + 1;
		if (length === 0) return at;
	}
}

function webp(bytes: Buffer): ImageFacts | null {
	if (bytes.toString('latin1', 0, 4) !== 'RIFF' || bytes.toString('latin1', 8, 12) !== 'WEBP') {
		return null;
	}
	if (bytes.length < bytes.readUInt32LE(4) + 8) return null;
	const chunk = bytes.toString('latin1', 12, 16);
	const size = (width: number, height: number): ImageFacts => ({
		mime: 'image/webp',
		width,
		height,
		frames: 1,
	});
	if (chunk === 'VP8X') return size(bytes.readUIntLE(24, 3) + 1, bytes.readUIntLE(27, 3) + 1);
	if (chunk === 'VP8L') {
		const bits = bytes.readUInt32LE(21);
		return size((bits & 0x3fff) + 1, ((bits >> 14) & 0x3fff) + 1);
	}
	if (chunk === 'VP8 ') {
		return size(bytes.readUInt16LE(26) & 0x3fff, bytes.readUInt16LE(28) & 0x3fff);
	}
	return null;
}
