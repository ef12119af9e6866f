import type { IExecuteFunctions } from 'n8n-workflow';

import { fetchImage, IMAGE_BYTES_MAX } from '../transport/fetch-image';
import type { Problem } from './problem';

/** The parameter "Images": its two groups of rows. */
interface ImageRows {
	binary?: Array<Row & { field?: string }>;
	url?: Array<Row & { url?: string }>;
}

interface Row {
	altText?: string;
	optional?: boolean;
}

/** A picture's bytes as they came in; its type is sniffed by core, never taken from a name. */
export interface InputImage {
	bytes: Uint8Array;
	altText?: string;
}

export type ReadImages =
	| { outcome: 'ok'; images: InputImage[] }
	| { outcome: 'refused'; problem: Problem };

/** The pictures of one item: binary fields in the order of their rows, then those from URLs. */
export async function readImages(
	context: IExecuteFunctions,
	itemIndex: number,
): Promise<ReadImages> {
	const rows = context.getNodeParameter('images', itemIndex, {}) as ImageRows;
	const images: InputImage[] = [];
	for (const row of rows.binary ?? []) {
		const read = await fromFields(context, itemIndex, row);
		if (read.outcome === 'refused') return read;
		images.push(...read.images);
	}
	for (const row of rows.url ?? []) {
		const url = String(row.url ?? '').trim();
		if (url === '' && row.optional) continue;
		const fetched = await fetchImage(context.helpers, url);
		if (fetched.outcome === 'refused') return fetched;
		images.push({ bytes: fetched.bytes, ...described(row) });
	}
	return { outcome: 'ok', images };
}

/** One row may name several fields; its alternative text then goes to each of them. */
async function fromFields(
	context: IExecuteFunctions,
	itemIndex: number,
	row: Row & { field?: string },
): Promise<ReadImages> {
	const names = String(row.field ?? '')
		.split(',')
		.map((name) => name.trim())
		.filter((name) => name !== '');
	if (names.length === 0 && !row.optional) {
		return refused(
			'An image has no "Input Data Field Name".',
			'Enter the name of the binary field, such as data.',
		);
	}
	const images: InputImage[] = [];
	for (const name of names) {
		const present = context.getInputData()[itemIndex]?.binary?.[name] !== undefined;
		if (!present && row.optional) continue;
		if (!present) return missingField(context, itemIndex, name);
		const buffer = await context.helpers.getBinaryDataBuffer(itemIndex, name);
		if (buffer.length > IMAGE_BYTES_MAX) {
			return refused(
				'The picture in the binary data is larger than 16 MB.',
				`It is in the field "${name}". Use a smaller picture; the platforms accept less than that.`,
			);
		}
		images.push({ bytes: new Uint8Array(buffer), ...described(row) });
	}
	return { outcome: 'ok', images };
}

function described(row: Row): { altText?: string } {
	const altText = String(row.altText ?? '').trim();
	return altText === '' ? {} : { altText };
}

function missingField(context: IExecuteFunctions, itemIndex: number, name: string): ReadImages {
	const there = Object.keys(context.getInputData()[itemIndex]?.binary ?? {});
	return refused(
		'The item does not have the binary field that is named for an image.',
		there.length > 0
			? `"${name}" was named; the item has ${there.join(', ')}. Enter one of these, or switch "Optional" on.`
			: `"${name}" was named; the item has no binary data at all. Pass the picture to this node, or switch "Optional" on.`,
	);
}

function refused(message: string, remedy: string): ReadImages {
	return { outcome: 'refused', problem: { message, remedy } };
}
