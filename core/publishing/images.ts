import { toHex } from '../accounts/encoding';
import { sniffImage } from '../content/image';
import type { CryptoPort, Ports, RpcAnswer } from '../ports';
import { createStore } from '../store/client';
import type { MediaInfo, MediaRef, PostError } from '../store/contract';
import { patiently } from './patience';

/** A picture of a draft: its bytes, or the hash of one that the owner has stored already. */
export type DraftMedia =
	| { bytes: Uint8Array; altText?: string }
	| { hash: string; altText?: string };

/** Bytes that were handed in, with what they are. */
export interface Picture {
	bytes: Uint8Array;
	info: MediaInfo;
}

export interface ReadMedia {
	/** In the order of the draft. */
	refs: MediaRef[];
	/** By hash; a reference to a stored picture has none. */
	pictures: Map<string, Picture>;
	/** Bytes that are no picture. */
	errors: PostError[];
}

/** Hashes and sniffs the pictures of a draft. */
export async function readMedia(
	crypto: Pick<CryptoPort, 'sha256'>,
	drafts: DraftMedia[],
): Promise<ReadMedia> {
	const read: ReadMedia = { refs: [], pictures: new Map(), errors: [] };
	for (const [index, media] of drafts.entries()) {
		const altText = media.altText === undefined ? {} : { altText: media.altText };
		if ('hash' in media) {
			read.refs.push({ hash: media.hash, ...altText });
			continue;
		}
		const hash = toHex(await crypto.sha256(media.bytes));
		read.refs.push({ hash, ...altText });
		const facts = sniffImage(media.bytes);
		if (facts === null) {
			read.errors.push(notAPicture(index));
		} else {
			const info: MediaInfo = { hash, bytes: media.bytes.length, ...facts };
			read.pictures.set(hash, { bytes: media.bytes, info });
		}
	}
	return read;
}

/** The facts of all pictures in the order of the references; null when one is not known. */
export function mediaInfos(
	{ refs, pictures }: Pick<ReadMedia, 'refs' | 'pictures'>,
	known: ReadonlyMap<string, MediaInfo>,
): MediaInfo[] | null {
	const infos = refs.flatMap(({ hash }) => pictures.get(hash)?.info ?? known.get(hash) ?? []);
	return infos.length === refs.length ? infos : null;
}

/** Which of these pictures the owner has stored already, by hash. */
export async function knownMedia(
	ports: Ports,
	owner: string,
	refs: MediaRef[],
): Promise<RpcAnswer<Map<string, MediaInfo>>> {
	const hashes = new Set(refs.map(({ hash }) => hash));
	if (hashes.size === 0) return { kind: 'ok', value: new Map() };
	const store = createStore(ports.store);
	const answer = await patiently(ports, async () => {
		return await store.call('social_media_known', { p_owner: owner, p_hashes: [...hashes] });
	});
	if (answer.kind !== 'ok') return answer;
	return { kind: 'ok', value: new Map(answer.value.map((info) => [info.hash, info])) };
}

/**
 * Stores pictures: bytes first, then the row that names them, so that a row never promises what is
 * not there. Storing the same bytes again does no harm.
 */
export async function storeImages(
	ports: Ports,
	owner: string,
	pictures: Iterable<Picture>,
): Promise<RpcAnswer<null>> {
	const store = createStore(ports.store);
	for (const { bytes, info } of pictures) {
		const put = await patiently(ports, async () => {
			return await ports.store.putObject(`${owner}/${info.hash}`, bytes, info.mime);
		});
		if (put.kind !== 'ok') return put;
		const registered = await patiently(ports, async () => {
			return await store.call('social_media_register', {
				p_owner: owner,
				p_hash: info.hash,
				p_mime: info.mime,
				p_bytes: info.bytes,
				p_width: info.width,
				p_height: info.height,
			});
		});
		if (registered.kind !== 'ok') return registered;
	}
	return { kind: 'ok', value: null };
}

function notAPicture(index: number): PostError {
	return {
		code: 'media_not_an_image',
		message: `Picture ${index + 1} is not a JPEG, PNG, GIF or WebP file, whatever its name says.`,
		remedy: 'Hand in the picture itself; a web page or a damaged file cannot be posted.',
		field: `media[${index}]`,
	};
}
