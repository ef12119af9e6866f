import type { Icon, ICredentialType, INodeProperties } from 'n8n-workflow';

/**
 * Sign-in at LinkedIn. Only the door: Social Account → Connect stores what it brought in the vault,
 * and no request is ever sent with it.
 */
export class MuseKitSocialLinkedInOAuth2Api implements ICredentialType {
	name = 'museKitSocialLinkedInOAuth2Api';

	extends = ['oAuth2Api'];

	displayName = 'MuseKit Social LinkedIn OAuth2 API';

	documentationUrl =
		'https://github.com/musekit/n8n-nodes-musekit-social/blob/main/docs/connect-linkedin.md';

	icon: Icon = { light: 'file:musekit-social.svg', dark: 'file:musekit-social.dark.svg' };

	restrictToSupportedNodes = true as const;

	properties: INodeProperties[] = [
		{
			displayName:
				'After signing in, run <b>Social Account → Connect</b> once with this credential. The connection then lives in the vault; this credential is not used again.',
			name: 'doorNotice',
			type: 'notice',
			default: '',
		},
		{
			displayName: 'Pages',
			name: 'organisations',
			type: 'boolean',
			default: false,
			description:
				'Whether to connect company pages. LinkedIn gives the product for it (Community Management API) only to an app that has no other product, so pages need an app of their own.',
		},
		{
			displayName: 'Sandbox Base URL',
			name: 'baseUrl',
			type: 'string',
			default: '',
			placeholder: 'e.g. http://127.0.0.1:14402/linkedin',
			description: 'Leave empty for the real LinkedIn. An address here makes a sandbox account.',
		},
		{ displayName: 'Grant Type', name: 'grantType', type: 'hidden', default: 'authorizationCode' },
		{
			displayName: 'Authorization URL',
			name: 'authUrl',
			type: 'hidden',
			default: '={{$self["baseUrl"] || "https://www.linkedin.com"}}/oauth/v2/authorization',
		},
		{
			displayName: 'Access Token URL',
			name: 'accessTokenUrl',
			type: 'hidden',
			default: '={{$self["baseUrl"] || "https://www.linkedin.com"}}/oauth/v2/accessToken',
		},
		{
			displayName: 'Scope',
			name: 'scope',
			type: 'hidden',
			// LinkedIn gives the rights for pages only to an app without the products for members.
			default:
				'={{$self["organisations"] ? "w_organization_social r_organization_social rw_organization_admin w_member_social" : "openid profile w_member_social"}}',
		},
		{
			displayName: 'Auth URI Query Parameters',
			name: 'authQueryParameters',
			type: 'hidden',
			default: '',
		},
		{ displayName: 'Authentication', name: 'authentication', type: 'hidden', default: 'body' },
	];
}
