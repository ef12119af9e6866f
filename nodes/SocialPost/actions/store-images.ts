import { toHex } from '../../../core/accounts/encoding';
import { sniffImage } from '../../../core/content/image';
import type { RpcAnswer } from '../../../core/ports';
import type { MediaInfo, MediaRef } from '../../../core/store/contract';
import type { InputImage } from '../input/images';
import type { Problem } from '../input/problem';
import { storeProblem } from '../input/store-problem';
import type { Session } from '../transport/ports';

export type StoredImages =
	| { outcome: 'ok'; refs: MediaRef[]; infos: MediaInfo[] }
	| { outcome: 'refused'; problem: Problem };

/** Sniffs pictures for a change of a post; null for bytes that are no picture. */
export async function describeImages(
	session: Session,
	images: InputImage[],
): Promise<StoredImages> {
	const refs: MediaRef[] = [];
	const infos: MediaInfo[] = [];
	for (const [index, { bytes, altText }] of images.entries()) {
		const facts = sniffImage(bytes);
		if (facts === null) {
			return {
				outcome: 'refused',
				problem: {
					message: `Picture ${index + 1} is not a JPEG, PNG, GIF or WebP file, whatever its name says.`,
					remedy: 'Hand in the picture itself; a web page or a damaged file cannot be posted.',
				},
			};
		}
		const hash = toHex(await session.ports.crypto.sha256(bytes));
		refs.push({ hash, ...(altText === undefined ? {} : { altText }) });
		infos.push({ hash, bytes: bytes.length, ...facts });
	}
	return { outcome: 'ok', refs, infos };
}

/** Bytes first, then the row that names them, as at create. Saving the same bytes again does no harm. */
export async function storeImages(
	session: Session,
	owner: string,
	images: InputImage[],
	infos: MediaInfo[],
): Promise<Problem | undefined> {
	for (const [index, { hash, mime, bytes, width, height }] of infos.entries()) {
		const put = await session.ports.store.putObject(`${owner}/${hash}`, images[index].bytes, mime);
		const saved: RpcAnswer<unknown> =
			put.kind === 'ok'
				? await session.store.call('social_media_register', {
						p_owner: owner,
						p_hash: hash,
						p_mime: mime,
						p_bytes: bytes,
						p_width: width,
						p_height: height,
					})
				: put;
		if (saved.kind !== 'ok') return storeProblem(saved);
	}
	return undefined;
}
