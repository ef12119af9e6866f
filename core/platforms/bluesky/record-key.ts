/** Letters in the order of their values, so that keys sort by time (atproto.com/specs/tid). */
const SORTABLE = '234567abcdefghijklmnopqrstuvwxyz';
const TID_LENGTH = 13;
const CLOCK_IDS = 1024n;
const MICROSECONDS = 1000n;
const UUID7 = /^([0-9a-f]{8})-([0-9a-f]{4})-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/i;

/** FNV-1a, 64 bits: spreads ids of one millisecond, nothing more. */
function spread(text: string): bigint {
	let hash = 0xcbf29ce484222325n;
	for (const byte of new TextEncoder().encode(text)) {
		hash = BigInt.asUintN(64, (hash ^ BigInt(byte)) * 0x100000001b3n);
	}
	return hash;
}

/**
 * The record key of a post on Bluesky: a TID (13 characters) made from the post's id alone, so that
 * every carrier sends the same post under the same key. The millisecond is that of the uuidv7,
 * microsecond and clock id come from a hash of the whole id; two posts of one millisecond meet once
 * in a million, and then `swapRecord: null` keeps the second from replacing the first.
 * @throws RangeError for an id that is no uuidv7.
 */
export function recordKey(postId: string): string {
	const match = UUID7.exec(postId);
	if (match === null) throw new RangeError('The id of the post is no uuidv7');
	const hash = spread(postId.toLowerCase());
	const milliseconds = BigInt(`0x${match[1]}${match[2]}`);
	const microsecond = (hash / CLOCK_IDS) % MICROSECONDS;
	let value = ((milliseconds * MICROSECONDS + microsecond) * CLOCK_IDS) | hash % CLOCK_IDS;
	// Year 2255 on: more than the 53 bits that a TID has for its time.
	if (value >= 1n << 63n) throw new RangeError('The id of the post names a time out of range');
	let key = '';
	for (let index = 0; index < TID_LENGTH; index++) {
		key = SORTABLE.charAt(Number(value % 32n)) + key;
		value /= 32n;
	}
	return key;
}
