import type { HttpResponse } from '../../../../core/ports';
import type { RejectionClass, StepReading } from '../../../../core/platforms/platform';
import { readRefusal, refusedAnswer, type RefusalTable } from '../../../../core/platforms/refusals';
import { FORBIDDEN_WORDS, NOW } from './posts';

/** One answer of a platform with what it has to become. */
export interface Sample {
	name: string;
	answer: HttpResponse;
	code: string;
	/** On a step that the world sees. */
	visible: RejectionClass | 'ambiguous';
	/** On a step that nobody sees; default: the same. */
	invisible?: RejectionClass;
	waitMs?: number;
	platformCode?: string;
	namedId?: string;
}

const REDO = ['media_0_start', 'media_0_finish'];

function read(table: RefusalTable, answer: HttpResponse, visible: boolean): StepReading {
	return readRefusal(table, answer, { visible, redo: REDO, nowMs: NOW });
}

/** Checks the samples, that every row of the table has one, and what people read. */
export function describeRefusals(table: RefusalTable, samples: Sample[]): void {
	describe.each(samples)('$name', (sample) => {
		test(`is ${sample.visible} on a visible step`, () => {
			const reading = read(table, sample.answer, true);
			expect(reading).toMatchObject({
				outcome: sample.visible === 'ambiguous' ? 'ambiguous' : 'rejected',
				error: { code: sample.code, status: sample.answer.status },
			});
			if (reading.outcome !== 'rejected') return;
			expect(reading.class).toBe(sample.visible);
			expect(reading.redo).toEqual(sample.visible === 'redo' ? REDO : undefined);
			expect(reading.namedId).toBe(sample.namedId);
			if (sample.waitMs !== undefined) expect(reading.waitMs).toBe(sample.waitMs);
			if (sample.platformCode !== undefined) {
				expect(reading.error.platformCode).toBe(sample.platformCode);
			}
		});

		const invisible =
			sample.invisible ?? (sample.visible === 'ambiguous' ? 'retry' : sample.visible);
		test(`is ${invisible} on an invisible step`, () => {
			expect(read(table, sample.answer, false)).toMatchObject({
				outcome: 'rejected',
				class: invisible,
			});
		});
	});

	describe('the table', () => {
		test('has a sample for every row, and each row is reached', () => {
			const reached = new Set(
				samples.map(
					({ answer }) =>
						table.rows.find((row) => row.match(refusedAnswer(table, answer, NOW)))?.code,
				),
			);
			expect(table.rows.map((row) => row.code).filter((code) => !reached.has(code))).toEqual([]);
		});

		test('has unique codes that name the platform', () => {
			const codes = table.rows.map((row) => row.code);
			expect(new Set(codes).size).toBe(codes.length);
			expect(codes.filter((code) => !code.startsWith(`${table.platform}_`))).toEqual([]);
		});

		test.each(table.rows.map((row) => [row.code, row] as const))(
			'%s says what it means for the post and what to do',
			(_code, row) => {
				expect(row.message).toMatch(/^[A-Z].*\.$/);
				expect(row.remedy).toMatch(/^[A-Z].*\.$/);
				expect(row.message).toMatch(
					row.class === 'ambiguous'
						? /may be live/
						: /Nothing was published|published nothing|did not publish/,
				);
				expect(`${row.message} ${row.remedy}`).not.toMatch(FORBIDDEN_WORDS);
			},
		);
	});

	describe('answers that no row knows', () => {
		const answer = (status: number, text: string): HttpResponse => ({
			kind: 'response',
			status,
			headers: {},
			text,
		});

		test.each([500, 502, 503, 504, 408, 301, 307, 200, 201, 204])(
			'HTTP %i without a clear body is ambiguous, and a retry where nobody sees it',
			(status) => {
				for (const text of ['', '<html>Bad gateway</html>', '{"unexpected":true}', '{"cut off']) {
					expect(read(table, answer(status, text), true)).toMatchObject({
						outcome: 'ambiguous',
						error: { code: `${table.platform}_no_clear_answer`, status },
					});
					expect(read(table, answer(status, text), false)).toMatchObject({
						outcome: 'rejected',
						class: 'retry',
					});
				}
			},
		);

		test('a 4xx is permanent on a step that nobody sees, in the platform’s own words', () => {
			const reading = read(table, answer(418, '{"unknown":1}'), false);
			expect(reading).toMatchObject({ outcome: 'rejected', class: 'permanent' });
		});

		test.each([
			[407, 'retry'],
			[401, 'refresh'],
			[429, 'rate_limit'],
		])('HTTP %i without a body is %s', (status, expected) => {
			expect(read(table, answer(status, ''), true)).toMatchObject({ class: expected });
		});
	});
}
