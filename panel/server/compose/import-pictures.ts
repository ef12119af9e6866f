import { readMedia, storeImages } from '../../../core/publishing/images';
import type { MediaRef, PostError } from '../../../core/store/contract';
import { valueOf } from '../connect/context';
import type { ComposeContext } from './context';
import type { FetchPicture } from './fetch-picture';
import type { ReadRow } from './import-rows';

/** Pictures on their way at the same time. */
const AT_ONCE = 4;
/** Addresses that are remembered, so that the import after the check fetches nothing again. */
const KEPT = 20_000;
const KEPT_MS = 3_600_000;

interface Known {
	hash: string;
	until: number;
}

/** Fetches and stores the pictures of rows; an address once an hour. */
export class ImportPictures {
	readonly #known = new Map<string, Known>();

	constructor(
		private readonly context: ComposeContext,
		private readonly fetchPicture: FetchPicture,
	) {}

	/** The pictures of every row by its number; an address that brings none becomes the row's problem. */
	async of(owner: string, rows: ReadRow[]): Promise<Map<number, MediaRef[]>> {
		const asked = rows.flatMap((row) => row.images.map(({ url }) => url));
		const waiting = [...new Set(asked)];
		const found = new Map<string, { hash: string } | { problem: PostError }>();
		const lanes = Array.from({ length: AT_ONCE }, async () => {
			for (let url = waiting.shift(); url !== undefined; url = waiting.shift()) {
				found.set(url, await this.#store(owner, url));
			}
		});
		await Promise.all(lanes);
		return new Map(
			rows.map((row) => {
				const refs = row.images.flatMap(({ url, altText }): MediaRef[] => {
					const one = found.get(url);
					if (one === undefined || 'problem' in one) {
						if (one) row.problems.push({ ...one.problem, column: 'images' });
						return [];
					}
					return [{ hash: one.hash, ...(altText === undefined ? {} : { altText }) }];
				});
				return [row.row, refs];
			}),
		);
	}

	async #store(owner: string, url: string): Promise<{ hash: string } | { problem: PostError }> {
		const place = `${owner}\n${url}`;
		const known = this.#known.get(place);
		if (known !== undefined && known.until > Date.now()) return known;
		const fetched = await this.fetchPicture(url);
		if (fetched.outcome === 'refused') return { problem: fetched.problem };
		const { ports } = this.context;
		const read = await readMedia(ports.crypto, [{ bytes: fetched.bytes }]);
		if (read.errors.length > 0) {
			return {
				problem: {
					code: 'media_not_an_image',
					message: 'What the address brings is not a JPEG, PNG, GIF or WebP picture.',
					remedy: 'Use the address of the picture itself, not of a page that shows it.',
				},
			};
		}
		valueOf(await storeImages(ports, owner, read.pictures.values()));
		const [{ hash }] = read.refs;
		if (this.#known.size >= KEPT) this.#known.clear();
		const kept = { hash, until: Date.now() + KEPT_MS };
		this.#known.set(place, kept);
		return kept;
	}
}
