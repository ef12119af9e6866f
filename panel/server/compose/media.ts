import express, { type NextFunction, type Request, type Response, Router } from 'express';
import { readMedia, storeImages } from '../../../core/publishing/images';
import { createStore } from '../../../core/store/client';
import { type MediaAnswer, PICTURE_BYTES_MAX } from '../../shared/compose';
import { Refused, valueOf } from '../connect/context';
import { handled } from '../connect/handled';
import { sendProblem } from '../problem';
import { requireRole } from '../session';
import { type ComposeContext, ownerOf } from './context';
import { hashParam, ownerQuery } from './input';

const BYTES = 'application/octet-stream';

/** Pictures: stored before a post names them, and shown from the store. */
export function mediaRoutes({ ports }: ComposeContext): Router {
	const router = Router();
	const store = createStore(ports.store);
	router.post(
		'/api/media',
		requireRole('admin'),
		refuseLarge,
		express.raw({ type: BYTES, limit: PICTURE_BYTES_MAX }),
		handled(async (request, response) => {
			const owner = ownerOf(response, ownerQuery.parse(request.query).owner);
			const body: unknown = request.body;
			if (!(body instanceof Buffer) || body.length === 0) throw new Refused(400, noBytes());
			const read = await readMedia(ports.crypto, [{ bytes: new Uint8Array(body) }]);
			const [unreadable] = read.errors;
			if (unreadable) {
				throw new Refused(400, {
					code: unreadable.code,
					message: 'The file is not a JPEG, PNG, GIF or WebP picture, whatever its name says.',
					remedy: 'Choose the picture itself; a damaged file or another format cannot be posted.',
				});
			}
			valueOf(await storeImages(ports, owner, read.pictures.values()));
			const [picture] = read.pictures.values();
			response.json({ media: picture.info } satisfies MediaAnswer);
		}),
	);
	router.get(
		'/api/media/:hash',
		requireRole('viewer'),
		handled(async (request, response) => {
			const { hash } = hashParam.parse(request.params);
			const owner = ownerOf(response, ownerQuery.parse(request.query).owner);
			const [known] = valueOf(
				await store.call('social_media_known', { p_owner: owner, p_hashes: [hash] }),
			);
			if (known === undefined) throw new Refused(404, unknownPicture());
			const bytes = await ports.store.getObject(`${owner}/${hash}`);
			if (bytes.kind === 'refused') throw new Refused(404, unknownPicture());
			response
				.set('Content-Security-Policy', "default-src 'none'; sandbox")
				.set('Cache-Control', 'private, max-age=3600, immutable')
				.type(known.mime)
				.send(Buffer.from(valueOf(bytes)));
		}),
	);
	return router;
}

/** Says that a file is too large before its bytes come. */
function refuseLarge(request: Request, response: Response, next: NextFunction): void {
	if (Number(request.headers['content-length'] ?? 0) <= PICTURE_BYTES_MAX) {
		next();
		return;
	}
	sendProblem(response, 413, {
		code: 'media_too_large',
		message: 'The picture is larger than 16 MB. It was not stored.',
		remedy: 'Use a smaller picture; the platforms accept less than that.',
	});
}

function noBytes() {
	return {
		code: 'media_missing_bytes',
		message: 'The request holds no picture. Nothing was stored.',
		remedy: `Send the bytes of the file as ${BYTES}.`,
	};
}

function unknownPicture() {
	return {
		code: 'media_unknown',
		message: 'There is no such picture for this owner.',
		remedy: 'Add the picture again.',
	};
}
