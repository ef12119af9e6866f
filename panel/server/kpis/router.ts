import { type Request, type Response, Router } from 'express';
import { z } from 'zod';
import type { StorePort } from '../../../core/ports';
import { createStore } from '../../../core/store/client';
import type { KpiGroup } from '../../../core/store/contract';
import {
	KPI_BUCKETS,
	KPI_RANGES,
	type KpiQuery,
	type KpisAnswer,
	successRate,
} from '../../shared/kpis';
import { sendProblem, sendStoreProblem } from '../problem';
import { sessionOf } from '../session';
import { csvFile } from './csv';
import { filled, rangeOf } from './range';
import { Rollups } from './rollups';

const list = <T extends string>(values: readonly [T, ...T[]]) =>
	z
		.string()
		.max(200)
		.default('')
		.transform((text) => text.split(',').filter((part) => part !== ''))
		.pipe(z.array(z.enum(values)));

const query = z
	.object({
		range: z.enum(KPI_RANGES).default('30d'),
		bucket: z.enum(['hour', 'day', 'week', 'month']).optional(),
		scope: z.enum(['own', 'all']).default('own'),
		platform: list(['x', 'linkedin', 'instagram', 'bluesky']),
		carrier: list(['n8n', 'runner', 'none']),
		tier: list(['universal', 'power']),
	})
	.transform((asked): KpiQuery => {
		// Of all owners nothing is told by the hour.
		const [first] = KPI_BUCKETS[asked.range];
		return { ...asked, bucket: asked.bucket ?? first };
	})
	.refine(({ range, bucket }) => KPI_BUCKETS[range].includes(bucket));

const HEAD = [
	'Group',
	'Key',
	'Created',
	'Published',
	'Failed',
	'Missed',
	'Cancelled',
	'Needs review',
	'Success rate',
	'Lateness p50 (ms)',
	'Lateness p95 (ms)',
];

const line = (of: string, group: KpiGroup) => {
	const rate = successRate(group);
	return [
		of,
		group.key,
		group.created,
		group.published,
		group.failed,
		group.missed,
		group.cancelled,
		group.needsReview,
		rate === null ? null : Number(rate.toFixed(4)),
		group.lateness?.p50 ?? null,
		group.lateness?.p95 ?? null,
	];
};

/** `GET /api/kpis` and `GET /api/kpis.csv`. */
export function createKpisRouter(port: StorePort): Router {
	const store = createStore(port);
	const rollups = new Rollups(store);
	const router = Router();

	/** Null when it has sent a problem. */
	const answerOf = async (request: Request, response: Response): Promise<KpisAnswer | null> => {
		const parsed = query.safeParse(request.query);
		const session = sessionOf(response);
		if (!parsed.success || session === null) {
			sendProblem(response, 400, {
				code: 'input_invalid',
				message: 'This asks for a range, a step or a filter that does not exist.',
				remedy: 'Open the key figures anew.',
			});
			return null;
		}
		const { range, bucket, scope, platform, carrier, tier } = parsed.data;
		if (scope === 'all' && session.role !== 'admin') {
			sendProblem(response, 403, {
				code: 'owner_refused',
				message: 'Figures of all owners are for admins.',
				remedy: 'Look at your own.',
			});
			return null;
		}
		const round = rollups.due();
		if (scope === 'all') await round;
		const now = new Date();
		const { from, to } = rangeOf(range, bucket, now);
		const answer = await store.call('social_kpis', {
			p_from: from.toISOString(),
			p_to: to.toISOString(),
			p_bucket: bucket,
			p_owner: scope === 'own' ? session.owner : null,
			p_filters: {
				...(platform.length > 0 ? { platforms: platform } : {}),
				...(carrier.length > 0 ? { carriers: carrier } : {}),
				...(tier.length > 0 ? { tiers: tier } : {}),
			},
		});
		if (answer.kind !== 'ok') {
			sendStoreProblem(response, answer);
			return null;
		}
		return {
			...answer.value,
			series: filled(answer.value.series, bucket, from, to),
			scope,
			range,
			asOf: now.toISOString(),
		};
	};

	router.get('/api/kpis', async (request, response) => {
		const answer = await answerOf(request, response);
		if (answer !== null) response.json(answer);
	});

	router.get('/api/kpis.csv', async (request, response) => {
		const answer = await answerOf(request, response);
		if (answer === null) return;
		const lines = [
			HEAD,
			line('Total', { key: `${answer.from}/${answer.to}`, ...answer.totals }),
			...answer.series.map((group) => line(`By ${answer.bucket} (UTC)`, group)),
			...answer.platforms.map((group) => line('Platform', group)),
			...answer.carriers.map((group) => line('Carrier', group)),
			...answer.tiers.map((group) => line('Tier', group)),
		];
		response
			.type('text/csv; charset=utf-8')
			.attachment(`key-figures-${answer.range}-${answer.asOf.slice(0, 10)}.csv`)
			.send(csvFile(lines));
	});
	return router;
}
