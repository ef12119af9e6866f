import {
	BATCH_BYTES_MAX,
	BATCH_ROWS_MAX,
	BATCH_ROWS_WITH_PICTURES,
	type ImportRow,
} from '../../../../shared/imports';

const encoder = new TextEncoder();

/** Rows in portions that one request may hold; those with pictures in small ones. */
export function batchesOf(rows: ImportRow[]): ImportRow[][] {
	const batches: ImportRow[][] = [];
	let batch: ImportRow[] = [];
	let bytes = 0;
	let limit = BATCH_ROWS_MAX;
	for (const { row, cells } of rows) {
		const size = encoder.encode(JSON.stringify({ row, cells })).length + 1;
		const most = cells.images ? BATCH_ROWS_WITH_PICTURES : limit;
		if (batch.length > 0 && (batch.length >= most || bytes + size > BATCH_BYTES_MAX)) {
			batches.push(batch);
			batch = [];
			bytes = 0;
			limit = BATCH_ROWS_MAX;
		}
		if (cells.images) limit = BATCH_ROWS_WITH_PICTURES;
		batch.push({ row, cells });
		bytes += size;
	}
	if (batch.length > 0) batches.push(batch);
	return batches;
}
