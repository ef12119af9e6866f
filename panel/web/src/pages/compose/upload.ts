import type { MediaInfo } from '../../../../../core/store/contract';
import type { MediaAnswer } from '../../../../shared/compose';
import { answered, csrfHeaders } from '../../api/client';

export interface Upload {
	done: Promise<MediaInfo>;
	cancel: () => void;
}

/**
 * Sends a picture and tells how far it is; `fetch` could not. The promise is rejected with an
 * `ApiError`, and never settles once it was cancelled.
 */
export function upload(file: Blob, owner: string, progress: (share: number) => void): Upload {
	const request = new XMLHttpRequest();
	const done = new Promise<MediaInfo>((resolve, reject) => {
		request.upload.addEventListener('progress', ({ loaded, total }) => {
			if (total > 0) progress(loaded / total);
		});
		request.addEventListener('loadend', () => {
			if (request.status === 0 && cancelled) return;
			try {
				resolve(answered<MediaAnswer>(request.status, request.response).media);
			} catch (error) {
				reject(error);
			}
		});
	});
	let cancelled = false;
	request.open('POST', `/api/media?${new URLSearchParams({ owner })}`);
	request.responseType = 'json';
	request.setRequestHeader('content-type', 'application/octet-stream');
	for (const [name, value] of Object.entries(csrfHeaders())) request.setRequestHeader(name, value);
	request.send(file);
	return {
		done,
		cancel: () => {
			cancelled = true;
			request.abort();
		},
	};
}

/** Where a stored picture is shown. */
export function pictureAddress(hash: string, owner: string): string {
	return `/api/media/${hash}?${new URLSearchParams({ owner })}`;
}
