import type { HttpRequest } from '../../ports';
import type { CarriedAccount } from '../../store/contract';
import { isAbsolute, mayReach, requestUrl } from '../addresses';
import type { PlatformRequest } from '../platform';
import { DEFAULT_VERSION } from './capabilities';

/** API and upload hosts (Images API: uploads go to www.linkedin.com/dms-uploads). */
export const PUBLIC_HOSTS = ['api.linkedin.com', 'www.linkedin.com'];

/**
 * Adds the token, the API version and the Rest.li protocol. The token never goes to an absolute
 * address outside LinkedIn.
 */
export function authorize(
	request: PlatformRequest,
	account: CarriedAccount,
	accessToken: string,
): HttpRequest {
	const { linkedinVersion } = account.settings;
	const own = !isAbsolute(request.path);
	const trusted = own || mayReach(request.path, account, PUBLIC_HOSTS);
	return {
		method: request.method,
		url: requestUrl(request.path, account),
		headers: {
			...request.headers,
			...(trusted ? { authorization: `Bearer ${accessToken}` } : {}),
			...(own
				? {
						'linkedin-version':
							typeof linkedinVersion === 'string' && linkedinVersion !== ''
								? linkedinVersion
								: DEFAULT_VERSION,
						'x-restli-protocol-version': '2.0.0',
					}
				: {}),
		},
		...(request.body === undefined ? {} : { body: request.body }),
		limitMs: request.limitMs,
	};
}
