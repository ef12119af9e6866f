import { REFUSALS } from '../../../../../core/platforms/linkedin/errors';
import { response } from '../posts';
import { describeRefusals, type Sample } from '../refusal-samples';

const said = (status: number, body: Record<string, unknown>) =>
	response(status, { ...body, status });
const content = (status: number, message: string, code: string) =>
	said(status, {
		errorDetailType: 'com.linkedin.common.error.BadRequest',
		message: `com.linkedin.content.common.exception.BadRequestResponseException: ${message}`,
		errorDetails: { inputErrors: [{ description: 'x', input: {}, code }] },
	});

const SAMPLES: Sample[] = [
	{
		name: 'duplicate, verbatim 2023-12',
		answer: content(
			422,
			'Content is a duplicate of urn:li:share:7141138937766391808',
			'DUPLICATE_POST',
		),
		code: 'linkedin_duplicate_post',
		visible: 'duplicate',
		namedId: 'urn:li:share:7141138937766391808',
		platformCode: 'DUPLICATE_POST',
	},
	{
		name: 'duplicate that names nothing',
		answer: content(422, 'Duplicate post is detected', 'DUPLICATE_POST'),
		code: 'linkedin_duplicate_post',
		visible: 'duplicate',
	},
	{
		name: 'invalid token',
		answer: said(401, { serviceErrorCode: 65600, message: 'Invalid access token' }),
		code: 'linkedin_access_refused',
		visible: 'refresh',
		platformCode: '65600',
	},
	{
		name: 'revoked token',
		answer: said(401, { serviceErrorCode: 65601, code: 'REVOKED_ACCESS_TOKEN', message: 'x' }),
		code: 'linkedin_token_revoked',
		visible: 'refresh',
	},
	{
		name: 'expired token',
		answer: said(401, { serviceErrorCode: 65602, code: 'EXPIRED_ACCESS_TOKEN', message: 'x' }),
		code: 'linkedin_token_expired',
		visible: 'refresh',
	},
	{
		name: 'missing permission',
		answer: said(403, {
			serviceErrorCode: 100,
			code: 'ACCESS_DENIED',
			message: 'Not enough permissions to access: partnerApiPostsExternal.CREATE',
		}),
		code: 'linkedin_permission_missing',
		visible: 'reconnect',
	},
	{
		name: 'dead version (postiz #2005)',
		answer: said(426, {
			code: 'NONEXISTENT_VERSION',
			message: 'Requested version 20250101 is not active',
		}),
		code: 'linkedin_version_gone',
		visible: 'account',
	},
	{
		name: 'text too long',
		answer: content(
			400,
			'ShareCommentary text length (8694 characters) exceeded the maximum allowed (3000 characters)',
			'FIELD_ARRAY_SIZE_TOO_HIGH',
		),
		code: 'linkedin_text_too_long',
		visible: 'permanent',
	},
	{
		name: 'picture in processing',
		answer: content(
			400,
			'Asset urn:li:image:C4D is not available: PROCESSING',
			'MEDIA_ASSET_PROCESSING',
		),
		code: 'linkedin_image_not_ready',
		visible: 'retry',
		waitMs: 5_000,
	},
	{
		name: 'picture that cannot be processed',
		answer: content(
			400,
			'Asset urn:li:image:C4D is not available: PROCESSING_FAILED',
			'MEDIA_ASSET_PROCESSING_FAILED',
		),
		code: 'linkedin_image_unusable',
		visible: 'permanent',
	},
	{
		name: 'picture that is gone',
		answer: content(400, 'Asset urn:li:image:C4D does not exist', 'INVALID_URN_ID'),
		code: 'linkedin_image_gone',
		visible: 'redo',
	},
	{
		name: 'schema',
		answer: said(422, { message: 'ERROR :: /author :: field is required but not found' }),
		code: 'linkedin_field_refused',
		visible: 'permanent',
	},
	{
		name: 'conflict',
		answer: said(409, { message: 'Conflict occurred', code: 'CONFLICT' }),
		code: 'linkedin_conflict',
		visible: 'retry',
	},
	{
		name: 'daily throttle, over at midnight UTC',
		answer: said(429, {
			serviceErrorCode: 101,
			code: 'TOO_MANY_REQUESTS',
			message: 'Resource level throttle APPLICATION_AND_MEMBER DAY limit for calls is reached.',
		}),
		code: 'linkedin_rate_limit',
		visible: 'rate_limit',
		waitMs: 14 * 3_600_000 + 120_000,
	},
	{
		name: 'another throttle',
		answer: said(429, { code: 'TOO_MANY_REQUESTS', message: 'Resource level throttle' }),
		code: 'linkedin_rate_limit',
		visible: 'rate_limit',
		waitMs: 900_000,
	},
	{
		name: 'throttle with Retry-After',
		answer: response(429, { message: 'DAY limit' }, { 'retry-after': '30' }),
		code: 'linkedin_rate_limit',
		visible: 'rate_limit',
		waitMs: 30_000,
	},
];

describeRefusals(REFUSALS, SAMPLES);
