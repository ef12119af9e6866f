import { createHmac } from 'node:crypto';
import express, { type NextFunction, type Request, type Response, type Router } from 'express';
import { errors, jwtVerify, SignJWT } from 'jose';
import type { Caller, Refusal } from './keys';
import type { ObjectFacts, ObjectStore } from './stored-objects';

export interface StorageOptions {
	store: ObjectStore;
	/** The only bucket; private. */
	bucket: string;
	/** URLs are signed with a key made from it, so a media token is no API token. */
	jwtSecret: string;
	/** Who calls, or the refusal to send. */
	check: (request: Request) => Promise<Caller | { refusal: Refusal }>;
}

/** Supabase Storage answers most refusals with HTTP 400 and the real status in the body. */
class StorageRefusal extends Error {
	constructor(
		readonly statusCode: number,
		readonly error: string,
		message: string,
		readonly httpStatus = 400,
	) {
		super(message);
	}
}

const notFound = () => new StorageRefusal(404, 'not_found', 'Object not found');
/** As the bucket of a Supabase project is made by the migrations. */
const MIME_TYPES = ['image/jpeg', 'image/png', 'image/gif', 'image/webp'];
const MAX_SIGN_SECONDS = 60 * 60 * 24 * 365;

/** Bucket and path of a URL below `prefix`; every segment decoded once and checked. */
function objectOf(request: Request, prefix: string): { bucket: string; name: string } {
	const raw = request.path.slice(prefix.length);
	let parts: string[];
	try {
		parts = raw.split('/').map(decodeURIComponent);
	} catch {
		throw new StorageRefusal(400, 'InvalidKey', 'Invalid key: not a valid URL path');
	}
	const [bucket, ...segments] = parts;
	const name = segments.join('/');
	const bad =
		segments.length === 0 ||
		name.length > 1024 ||
		segments.some(
			(part) => part === '' || part === '.' || part === '..' || /[/\\\p{Cc}]/u.test(part),
		);
	if (bad) throw new StorageRefusal(400, 'InvalidKey', `Invalid key: ${name.slice(0, 200)}`);
	return { bucket, name };
}

/**
 * The part of Supabase Storage that `StorePort` uses: upload, download, signed URLs, delete.
 * Mount at `/storage/v1`.
 */
export function storageRoutes(options: StorageOptions): Router {
	const { store } = options;
	const router = express.Router();
	const urlKey = createHmac('sha256', options.jwtSecret).update('storage url signing').digest();

	const knownBucket = (bucket: string) => {
		if (bucket !== options.bucket) {
			throw new StorageRefusal(404, 'Bucket not found', 'Bucket not found');
		}
	};

	/** Caller of a private route, or null after a refusal was sent. */
	const callerOf = async (request: Request, response: Response): Promise<Caller | null> => {
		const checked = await options.check(request);
		if (!('refusal' in checked)) {
			response.locals.role = checked.role;
			return checked;
		}
		const { status, body, headers } = checked.refusal;
		response
			.set(headers ?? {})
			.status(status)
			.json(body);
		return null;
	};

	const existing = async (bucket: string, name: string): Promise<ObjectFacts> => {
		knownBucket(bucket);
		const facts = await store.find(bucket, name);
		if (!facts) throw notFound();
		return facts;
	};

	const send = (facts: ObjectFacts, response: Response, next: NextFunction) => {
		response.set('content-type', facts.contentType);
		// Pictures are shown, never run: a stored page must not act as a page of this origin.
		response.set('content-security-policy', "default-src 'none'; sandbox");
		response.sendFile(
			store.fileOf(facts),
			{ dotfiles: 'allow', cacheControl: false, etag: true },
			(error?: Error & { status?: number }) => {
				if (!error) return;
				if (response.headersSent) response.destroy();
				else next(error.status === 404 ? notFound() : error);
			},
		);
	};

	router.get('/object/sign/*path', async (request, response, next) => {
		const { bucket, name } = objectOf(request, '/object/sign/');
		const token = typeof request.query.token === 'string' ? request.query.token : '';
		try {
			const { payload } = await jwtVerify(token, urlKey, { algorithms: ['HS256'] });
			if (payload.url !== `${bucket}/${name}`) {
				throw new StorageRefusal(
					400,
					'InvalidSignature',
					'The URL was changed after it was signed',
				);
			}
		} catch (error) {
			if (error instanceof StorageRefusal) throw error;
			const expired = error instanceof errors.JWTExpired;
			throw new StorageRefusal(
				400,
				'InvalidJWT',
				expired ? '"exp" claim timestamp check failed' : 'invalid signature',
			);
		}
		send(await existing(bucket, name), response, next);
	});

	router.post('/object/sign/*path', express.json({ limit: '10kb' }), async (request, response) => {
		const caller = await callerOf(request, response);
		if (!caller) return;
		const { bucket, name } = objectOf(request, '/object/sign/');
		if (caller.role !== 'service_role') throw notFound();
		await existing(bucket, name);
		const seconds = (request.body as { expiresIn?: unknown } | undefined)?.expiresIn;
		if (!Number.isInteger(seconds) || Number(seconds) < 1 || Number(seconds) > MAX_SIGN_SECONDS) {
			throw new StorageRefusal(
				400,
				'InvalidRequest',
				`body/expiresIn must be an integer from 1 to ${MAX_SIGN_SECONDS} (seconds)`,
			);
		}
		const token = await new SignJWT({ url: `${bucket}/${name}` })
			.setProtectedHeader({ alg: 'HS256', typ: 'JWT' })
			.setIssuedAt()
			.setExpirationTime(Math.floor(Date.now() / 1000) + Number(seconds))
			.sign(urlKey);
		const path = [bucket, ...name.split('/')].map(encodeURIComponent).join('/');
		response.json({ signedURL: `/object/sign/${path}?token=${token}` });
	});

	const download = (prefix: string) => {
		return async (request: Request, response: Response, next: NextFunction) => {
			const caller = await callerOf(request, response);
			if (!caller) return;
			const { bucket, name } = objectOf(request, prefix);
			if (caller.role !== 'service_role') throw notFound();
			send(await existing(bucket, name), response, next);
		};
	};
	router.get('/object/authenticated/*path', download('/object/authenticated/'));
	router.get('/object/*path', download('/object/'));

	router.post('/object/*path', async (request, response) => {
		const caller = await callerOf(request, response);
		if (!caller) return;
		const { bucket, name } = objectOf(request, '/object/');
		knownBucket(bucket);
		if (caller.role !== 'service_role') {
			throw new StorageRefusal(403, 'Unauthorized', 'new row violates row-level security policy');
		}
		const contentType = request.get('content-type') ?? 'application/octet-stream';
		if (contentType.startsWith('multipart/')) {
			throw new StorageRefusal(
				400,
				'InvalidRequest',
				'Send the bytes themselves as the body, with their content-type; forms are not supported here',
			);
		}
		if (!MIME_TYPES.includes(contentType.split(';')[0].trim().toLowerCase())) {
			throw new StorageRefusal(
				415,
				'invalid_mime_type',
				`mime type ${contentType.slice(0, 100)} is not supported`,
			);
		}
		const tooLarge = () =>
			new StorageRefusal(
				413,
				'Payload too large',
				`The object exceeded the maximum allowed size (${store.maxBytes} bytes)`,
				413,
			);
		if (Number(request.get('content-length') ?? 0) > store.maxBytes) throw tooLarge();
		const saved = await store.save(
			bucket,
			name,
			contentType,
			request,
			request.get('x-upsert') === 'true',
		);
		if (saved === 'exists') {
			throw new StorageRefusal(409, 'Duplicate', 'The resource already exists');
		}
		if (saved === 'too_large') throw tooLarge();
		if (saved === 'hash_mismatch') {
			throw new StorageRefusal(
				400,
				'InvalidChecksum',
				'The bytes do not have the SHA-256 that the path names: nothing was stored. Send the picture again',
			);
		}
		if (saved === 'cut_off') return;
		response.json({ Key: `${bucket}/${name}` });
	});

	router.delete('/object/:bucket', express.json({ limit: '256kb' }), async (request, response) => {
		const caller = await callerOf(request, response);
		if (!caller) return;
		const bucket = request.params.bucket;
		knownBucket(bucket);
		const prefixes = (request.body as { prefixes?: unknown } | undefined)?.prefixes;
		if (
			!Array.isArray(prefixes) ||
			prefixes.length > 1000 ||
			!prefixes.every((name) => typeof name === 'string')
		) {
			throw new StorageRefusal(400, 'InvalidRequest', 'body/prefixes must be up to 1000 paths');
		}
		const removed: { name: string; bucket_id: string }[] = [];
		if (caller.role === 'service_role') {
			for (const name of prefixes as string[]) {
				if (await store.remove(bucket, name)) removed.push({ name, bucket_id: bucket });
			}
		}
		response.json(removed);
	});

	router.use((_request, _response, next) => {
		next(new StorageRefusal(404, 'not_found', 'Route not found', 404));
	});

	router.use((error: unknown, request: Request, response: Response, next: NextFunction) => {
		if (response.headersSent) return next(error);
		let refusal = error;
		if (!(refusal instanceof StorageRefusal)) {
			const status = (error as { status?: number }).status ?? 500;
			if (status >= 500) return next(error);
			refusal =
				error instanceof URIError
					? new StorageRefusal(400, 'InvalidKey', 'Invalid key: not a valid URL path')
					: new StorageRefusal(status, 'InvalidRequest', 'The request body is not valid JSON');
		}
		const { statusCode, error: name, message, httpStatus } = refusal as StorageRefusal;
		response.status(httpStatus).json({ statusCode: String(statusCode), error: name, message });
		// What the client still sends is thrown away, or it would see a reset instead of the answer.
		request.resume();
	});
	return router;
}
