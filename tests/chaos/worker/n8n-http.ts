import axios from 'axios';
import type { IHttpRequestOptions } from 'n8n-workflow';
import type { HttpPort } from '../../../core/ports';
import { createHttpPort } from '../../../nodes/SocialPost/transport/http-port';

/**
 * The node's own http port over what n8n's request helper is underneath (axios, n8n-core 2.41): no
 * hook before the first byte, so the deadline is read before the call only.
 */
export function createN8nHttpPort(): HttpPort {
	return createHttpPort({
		httpRequest: async (options: IHttpRequestOptions) => {
			const answer = await axios.request<string>({
				method: options.method,
				url: options.url,
				headers: options.headers as Record<string, string>,
				data: options.body,
				responseType: 'text',
				transformResponse: (text: string) => text,
				validateStatus: () => true,
				maxRedirects: 0,
				signal: options.abortSignal as AbortSignal,
			});
			const { status, headers, data } = answer;
			return { statusCode: status, headers: { ...headers }, body: data };
		},
	});
}
