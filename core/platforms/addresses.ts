import type { CarriedAccount } from '../store/contract';

/** Is this an absolute address (an upload URL that a platform handed out)? */
export function isAbsolute(path: string): boolean {
	return /^[a-z][a-z0-9+.-]*:/i.test(path);
}

/** Does a host fit a list in which a leading `*.` stands for any one label? */
export function isListedHost(host: string, hosts: string[]): boolean {
	const labels = host.toLowerCase().split('.');
	return hosts.some((entry) => {
		const wanted = entry.toLowerCase().split('.');
		return (
			wanted.length === labels.length &&
			wanted.every((label, index) => (label === '*' && index === 0) || label === labels[index])
		);
	});
}

/**
 * May bytes and the token of this account go to this absolute address? Live accounts: the
 * platform's public hosts by HTTPS. Sandbox accounts: only the origin they are connected to.
 */
export function mayReach(
	url: string,
	account: Pick<CarriedAccount, 'mode' | 'baseUrl'>,
	publicHosts: string[],
): boolean {
	if (!URL.canParse(url)) return false;
	const target = new URL(url);
	if (target.username !== '' || target.password !== '') return false;
	if (account.mode === 'sandbox') {
		return URL.canParse(account.baseUrl) && target.origin === new URL(account.baseUrl).origin;
	}
	return (
		target.protocol === 'https:' && target.port === '' && isListedHost(target.hostname, publicHosts)
	);
}

/** Full address of a request: below the account's base URL unless it is absolute. */
export function requestUrl(path: string, account: Pick<CarriedAccount, 'baseUrl'>): string {
	return isAbsolute(path) ? path : `${account.baseUrl}${path}`;
}
