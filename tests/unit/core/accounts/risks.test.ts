import { risksFor, type RiskInput, type TokenFacts } from '../../../../core/accounts/risks';
import { PLATFORMS } from '../../../../core/platforms';
import type { CarriedAccount, Platform, RiskSubject } from '../../../../core/store/contract';

const NOW = Date.parse('2026-11-22T12:00:00Z');
const HOUR = 3_600_000;
const at = (hours: number) => new Date(NOW + hours * HOUR).toISOString();

function input(
	platform: Platform,
	account: Partial<CarriedAccount> = {},
	subject: Partial<RiskSubject> = {},
	token: Partial<TokenFacts> = {},
): RiskInput {
	return {
		definition: PLATFORMS[platform],
		token: { readable: true, renewable: true, expiresAt: NOW + 1000 * HOUR, ...token },
		subject: {
			storeNow: at(0),
			published24h: 0,
			publishedTimes: [],
			posts: [{ id: 'post-1', at: at(3), pictures: 0 }],
			refusals: [],
			account: {
				id: 'account-1',
				owner: 'default',
				platform,
				mode: 'live',
				remoteId: '1',
				handle: 'shop',
				displayName: 'Shop',
				status: 'connected',
				statusReason: null,
				scopes: [],
				tokenExpiresAt: null,
				lastSuccessAt: null,
				lastValidatedAt: null,
				missingScopes: [],
				profileUrl: null,
				baseUrl: 'https://api.x.com',
				authUrl: 'https://api.x.com',
				token: 'v1.a.b.c',
				tokenVersion: 1,
				settings: {},
				...account,
			},
			...subject,
		},
	};
}

const codes = (given: RiskInput) => risksFor(given).map(({ code, postId }) => [code, postId]);

describe('looking ahead', () => {
	it('warns of nothing where all is well, nor where nothing is scheduled', () => {
		expect(risksFor(input('x'))).toEqual([]);
		expect(risksFor(input('x', { status: 'reconnect' }, { posts: [] }))).toEqual([]);
	});

	it('names the posts after the end of an access that cannot be renewed, and no others', () => {
		const posts = [
			{ id: 'before', at: at(3), pictures: 0 },
			{ id: 'after', at: at(9), pictures: 0 },
		];
		const ending = { expiresAt: NOW + 6 * HOUR };
		expect(codes(input('linkedin', {}, { posts }, { ...ending, renewable: false }))).toEqual([
			['token_ends_before_post', 'after'],
		]);
		expect(codes(input('linkedin', {}, { posts }, ending))).toEqual([]);
	});

	it('says when an account is not connected, and why', () => {
		const [risk] = risksFor(input('x', { status: 'reconnect', statusReason: 'It was revoked' }));
		expect(risk).toMatchObject({ code: 'account_not_connected', postId: null, at: at(3) });
		expect(risk.message).toContain('It was revoked');
	});

	it.each<[string, Platform, Partial<CarriedAccount>, number, boolean]>([
		['X text', 'x', { scopes: ['tweet.write'] }, 0, false],
		['X picture without media.write', 'x', { scopes: ['tweet.write'] }, 1, true],
		['X picture', 'x', { scopes: ['tweet.write', 'media.write'] }, 1, false],
		['LinkedIn member', 'linkedin', { scopes: ['w_member_social'] }, 0, false],
		[
			'LinkedIn page with a member scope',
			'linkedin',
			{
				scopes: ['w_member_social'],
				settings: { authorUrn: 'urn:li:organization:7' },
			},
			0,
			true,
		],
		['Instagram by Facebook', 'instagram', { scopes: ['instagram_content_publish'] }, 1, false],
		['Instagram without publishing', 'instagram', { scopes: ['instagram_basic'] }, 1, true],
		['Bluesky', 'bluesky', { scopes: ['anything'] }, 1, false],
	])('%s: a missing scope', (_name, platform, account, pictures, missing) => {
		const posts = [{ id: 'post-1', at: at(3), pictures }];
		expect(codes(input(platform, account, { posts }))).toEqual(
			missing ? [['post_scope_missing', 'post-1']] : [],
		);
	});

	it('counts what is live and what comes within the 24 hours before a post', () => {
		const publishedTimes = Array.from({ length: 98 }, () => at(-1));
		const posts = [1, 2, 3, 23].map((hours) => ({ id: `in-${hours}`, at: at(hours), pictures: 1 }));
		expect(codes(input('instagram', {}, { publishedTimes, posts }))).toEqual([
			['quota_reached', 'in-3'],
		]);
		expect(codes(input('x', {}, { publishedTimes, posts }))).toEqual([]);
	});

	it('repeats a refusal that will hit the next post too, and no passing one', () => {
		expect(codes(input('x', {}, { refusals: ['x_no_credits', 'x_rate_limit'] }))).toEqual([
			['x_no_credits', null],
		]);
	});

	it('warns of a LinkedIn version a month before its year is over', () => {
		const version = (linkedinVersion: string) =>
			codes(input('linkedin', { settings: { linkedinVersion } }));
		expect(version('202512')).toEqual([['linkedin_version_ends', null]]);
		expect(version('202602')).toEqual([]);
	});

	it('warns of an app in development and of a key that does not fit', () => {
		expect(codes(input('instagram', { settings: { appMode: 'development' } }))).toEqual([
			['app_in_development', null],
		]);
		expect(codes(input('x', {}, {}, { readable: false }))).toEqual([['token_not_readable', null]]);
	});
});
