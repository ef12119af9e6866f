import { queryOptions } from '@tanstack/react-query';
import type { Toggle } from '../../../../../core/store/contract';
import type {
	ChecksAnswer,
	FeaturesAnswer,
	ReachAnswer,
	StatusAnswer,
} from '../../../../shared/features';
import { call } from '../../api/client';

/** A switch that somebody else has turned shows within this time. */
const LOOK_MS = 4_000;

export const featuresQuery = queryOptions({
	queryKey: ['features'],
	queryFn: () => call<FeaturesAnswer>('GET', '/api/features'),
	refetchInterval: LOOK_MS,
});

export const statusQuery = queryOptions({
	queryKey: ['module-status'],
	queryFn: () => call<StatusAnswer>('GET', '/api/status'),
	refetchInterval: 15_000,
});

const pathOf = (toggle: Toggle) => `/api/features/${encodeURIComponent(toggle)}`;

export const checksQuery = (toggle: Toggle) =>
	queryOptions({
		queryKey: ['feature-checks', toggle],
		queryFn: () => call<ChecksAnswer>('GET', `${pathOf(toggle)}/checks`),
		staleTime: 20_000,
	});

/** The same checks asked anew, whatever is known. */
export const freshChecks = (toggle: Toggle) =>
	call<ChecksAnswer>('GET', `${pathOf(toggle)}/checks?fresh=1`);

export const reachQuery = (toggle: Toggle) =>
	queryOptions({
		queryKey: ['feature-reach', toggle],
		queryFn: () => call<ReachAnswer>('GET', `${pathOf(toggle)}/reach`),
		staleTime: 0,
		gcTime: 0,
	});

export const switchPath = pathOf;
