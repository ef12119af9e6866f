import { isListedHost, mayReach, requestUrl } from '../../../../core/platforms/addresses';
import { account } from './posts';

const HOSTS = ['api.linkedin.com', '*.linkedin.example'];

describe('isListedHost', () => {
	test.each([
		['api.linkedin.com', true],
		['API.LinkedIn.com', true],
		['eu.linkedin.example', true],
		['a.b.linkedin.example', false],
		['linkedin.example', false],
		['evil-api.linkedin.com.example', false],
		['api.linkedin.com.', false],
	])('%s: %s', (host, listed) => {
		expect(isListedHost(host, HOSTS)).toBe(listed);
	});
});

describe('mayReach', () => {
	const live = account('linkedin', { mode: 'live', baseUrl: 'https://api.linkedin.com' });
	const sandbox = account('linkedin');

	test.each([
		['https://api.linkedin.com/upload', true],
		['http://api.linkedin.com/upload', false],
		['https://api.linkedin.com:8443/upload', false],
		['https://me:pw@api.linkedin.com/upload', false],
		['https://api.linkedin.com.evil.example/', false],
		['http://127.0.0.1:4010/linkedin/upload', false],
		['not an address', false],
		['', false],
	])('live, %j: %s', (url, allowed) => {
		expect(mayReach(url, live, HOSTS)).toBe(allowed);
	});

	test.each([
		['http://127.0.0.1:4010/linkedin/dms-uploads/1', true],
		['http://127.0.0.1:4011/linkedin/dms-uploads/1', false],
		['https://127.0.0.1:4010/linkedin/dms-uploads/1', false],
		['http://localhost:4010/', false],
		['https://api.linkedin.com/upload', false],
		['http://127.0.0.1:4010@evil.example/', false],
	])('sandbox, %j: %s', (url, allowed) => {
		expect(mayReach(url, sandbox, HOSTS)).toBe(allowed);
	});
});

test('requestUrl keeps absolute addresses and puts others below the base URL', () => {
	const sandbox = account('x');
	expect(requestUrl('/2/tweets', sandbox)).toBe('http://127.0.0.1:4010/x/2/tweets');
	expect(requestUrl('https://a.example/b', sandbox)).toBe('https://a.example/b');
});
