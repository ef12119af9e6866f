/** A multiple of 3, so that pieces join without padding between them. */
const PIECE = 3 * 8192;

/** Standard base64 of bytes, without line breaks. */
export function encodeBase64(bytes: Uint8Array): string {
	let text = '';
	for (let from = 0; from < bytes.length; from += PIECE) {
		text += btoa(String.fromCharCode(...bytes.subarray(from, from + PIECE)));
	}
	return text;
}
