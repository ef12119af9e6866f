import { argon2, randomBytes, timingSafeEqual, type Argon2Parameters } from 'node:crypto';
import { promisify } from 'node:util';

const derive = promisify(argon2);

/** OWASP's Password Storage Cheat Sheet for argon2id: 19 MiB, 2 passes, 1 lane. */
const COST = { memory: 19_456, passes: 2, parallelism: 1 };
const SALT_BYTES = 16;
const TAG_BYTES = 32;

/** NIST SP 800-63B: 8 or more where it is the only factor of a reachable page we ask for 12; no rules of composition. */
export const PASSWORD_MIN = 12;
/** Bounds the work of one request; longer than anything that is typed. */
export const PASSWORD_MAX = 256;

const PHC = /^\$argon2id\$v=19\$m=(\d+),t=(\d+),p=(\d+)\$([A-Za-z0-9+/]+)\$([A-Za-z0-9+/]+)$/;

const unpadded = (bytes: Buffer) => bytes.toString('base64').replace(/=+$/, '');

async function tagOf(
	password: string,
	salt: Buffer,
	cost: typeof COST,
	tagLength: number,
): Promise<Buffer> {
	const parameters: Argon2Parameters = {
		message: password.normalize('NFKC'),
		nonce: salt,
		...cost,
		tagLength,
	};
	return await derive('argon2id', parameters);
}

/** The password's argon2id hash in PHC form, with a salt of its own. */
export async function hashPassword(password: string): Promise<string> {
	const salt = randomBytes(SALT_BYTES);
	const tag = await tagOf(password, salt, COST, TAG_BYTES);
	const { memory, passes, parallelism } = COST;
	return `$argon2id$v=19$m=${memory},t=${passes},p=${parallelism}$${unpadded(salt)}$${unpadded(tag)}`;
}

/** No password has this hash; it takes as long to find that out as for a real one. */
const NOBODY = `$argon2id$v=19$m=${COST.memory},t=${COST.passes},p=${COST.parallelism}$${unpadded(randomBytes(SALT_BYTES))}$${unpadded(randomBytes(TAG_BYTES))}`;

/**
 * True when the password is the hashed one. `null` stands for "nobody has this name" and costs the
 * same time, so that an answer does not tell which names exist.
 */
export async function passwordFits(password: string, hash: string | null): Promise<boolean> {
	const parts = PHC.exec(hash ?? NOBODY);
	if (parts === null) return false;
	const [, memory, passes, parallelism, salt, tag] = parts;
	const wanted = Buffer.from(tag, 'base64');
	const cost = {
		memory: Number(memory),
		passes: Number(passes),
		parallelism: Number(parallelism),
	};
	const found = await tagOf(password, Buffer.from(salt, 'base64'), cost, wanted.length);
	return timingSafeEqual(found, wanted) && hash !== null;
}
