import { queryOptions } from '@tanstack/react-query';
import type { Mode } from '../../../../core/store/contract';
import type {
	ConnectorsAnswer,
	ConnectorView,
	StartConnectAnswer,
	StartConnectRequest,
} from '../../../shared/api';
import { call } from './client';

/** Every way to connect, with its developer app and guide. */
export const connectorsQuery = queryOptions({
	queryKey: ['connectors'],
	queryFn: async () => {
		const answer = await call<ConnectorsAnswer>('GET', '/api/connectors');
		return answer.connectors;
	},
	// A platform that is switched off elsewhere closes here within seconds.
	refetchInterval: 4_000,
});

/** Address of a connector's own page. */
export function connectorPath(id: string, mode: Mode, accountId?: string | null): string {
	const query = new URLSearchParams({ mode, ...(accountId ? { account: accountId } : {}) });
	return `/accounts/apps/${encodeURIComponent(id)}?${query}`;
}

/** True when the consent page is one click away. */
export function isReady(connector: ConnectorView): boolean {
	return connector.kind === 'oauth' && connector.unavailable === null;
}

/** Begins at the server and leaves for the platform's consent page. Never comes back on success. */
export async function leaveForConsent(request: StartConnectRequest): Promise<never> {
	const { redirectTo } = await call<StartConnectAnswer>('POST', '/api/connect', request);
	location.assign(redirectTo);
	// The page stays busy until the browser has left it.
	return await new Promise<never>(() => undefined);
}
