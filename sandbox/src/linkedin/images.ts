import type { Request, Response, Router } from 'express';
import { jsonBody, queryParam, rawBody, routeParam } from '../body';
import { callOf } from '../calls';
import { opaque } from '../ids';
import { sniffImage } from '../images';
import type { LinkedInAsset } from '../records';
import type { SandboxState } from '../state';
import { mayPostAs } from './authors';
import { accessDenied, linkedinError, schemaError } from './errors';

const MAX_PIXELS = 36_152_320;
const UPLOAD_MS = 24 * 3_600_000;

export type AssetStatus = 'WAITING_UPLOAD' | 'PROCESSING' | 'AVAILABLE' | 'PROCESSING_FAILED';

/** Images API: register, upload in one PUT, read the state (organisation tokens only). */
export function linkedinImages(router: Router, state: SandboxState): void {
	router.post('/rest/images', (req, res) => initialize(req, res, state));
	router.get('/rest/images/:urn', (req, res) => {
		const asset = state.assets.get(routeParam(req, 'urn'));
		if (!callOf(res).token?.scopes.includes('r_organization_social')) {
			return accessDenied(res, 'imagesV2.GET');
		}
		if (!asset) return linkedinError(res, 404, { message: 'Not Found', code: 'NOT_FOUND' });
		const status = assetStatus(state, asset);
		res.status(200).json({
			id: asset.urn,
			owner: asset.owner,
			status,
			...(status === 'AVAILABLE'
				? {
						downloadUrl: `${state.publicUrl}/_media/${asset.sha256}`,
						downloadUrlExpiresAt: state.now() + UPLOAD_MS,
					}
				: {}),
		});
	});
}

/** The upload address needs no token, as its secret is in the path. */
export function linkedinUploads(router: Router, state: SandboxState): void {
	router.put('/dms-uploads/:id/:uploadToken', (req, res) => {
		const asset = state.assets.get(`urn:li:image:${routeParam(req, 'id')}`);
		if (
			asset?.uploadToken !== routeParam(req, 'uploadToken') ||
			asset.uploadExpiresAt <= state.now()
		) {
			return linkedinError(res, 404, { message: 'Upload URL is unknown or expired' });
		}
		const bytes = rawBody(req);
		if (bytes.length === 0) return linkedinError(res, 400, { message: 'The upload is empty' });
		const facts = sniffImage(bytes);
		const allowed = facts !== null && facts.mime !== 'image/webp';
		const problem =
			facts === null || !allowed
				? 'The image is not a JPG, PNG or GIF'
				: facts.width * facts.height >= MAX_PIXELS
					? `The image has ${MAX_PIXELS} pixels or more`
					: null;
		state.assets.put(asset.urn, {
			...asset,
			availableAt: state.now() + state.settings.processingMs.linkedinAsset,
			sha256: state.saveBlob(bytes),
			mime: facts?.mime ?? 'application/octet-stream',
			problem,
		});
		res.status(201).end();
	});
}

export function assetStatus(state: SandboxState, asset: LinkedInAsset): AssetStatus {
	if (asset.availableAt === null) return 'WAITING_UPLOAD';
	if (asset.availableAt > state.now()) return 'PROCESSING';
	return asset.problem === null ? 'AVAILABLE' : 'PROCESSING_FAILED';
}

function initialize(req: Request, res: Response, state: SandboxState): void {
	if (queryParam(req, 'action') !== 'initializeUpload') {
		return linkedinError(res, 400, {
			message: 'Unknown or missing action',
			code: 'ILLEGAL_ARGUMENT',
		});
	}
	const request = jsonBody(req)?.initializeUploadRequest as { owner?: unknown } | undefined;
	if (typeof request !== 'object' || request === null) {
		return schemaError(
			res,
			'/initializeUploadRequest',
			'field is required but not found and has no default value',
		);
	}
	const { owner } = request;
	if (typeof owner !== 'string') {
		return schemaError(
			res,
			'/initializeUploadRequest/owner',
			'field is required but not found and has no default value',
		);
	}
	const { account, token } = callOf(res);
	if (!account || !token || !mayPostAs(state, account, token.scopes, owner)) {
		return accessDenied(res, 'imagesV2.ACTION.initializeUpload');
	}
	const urn = `urn:li:image:C4D${opaque(12)}`;
	const asset = state.assets.put(urn, {
		urn,
		owner,
		accountId: account.id,
		uploadToken: opaque(32),
		createdAt: state.now(),
		uploadExpiresAt: state.now() + UPLOAD_MS,
		availableAt: null,
		sha256: null,
		mime: null,
		problem: null,
	});
	res.status(200).json({
		value: {
			uploadUrlExpiresAt: asset.uploadExpiresAt,
			uploadUrl: `${state.publicUrl}/linkedin/dms-uploads/${urn.slice('urn:li:image:'.length)}/${asset.uploadToken}`,
			image: urn,
		},
	});
}
