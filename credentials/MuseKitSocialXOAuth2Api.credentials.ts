import type { Icon, ICredentialType, INodeProperties } from 'n8n-workflow';

/**
 * Sign-in at X. Only the door: Social Account → Connect stores what it brought in the vault, and no
 * request is ever sent with it. n8n would renew a rotated token by itself, and X ends both then.
 */
export class MuseKitSocialXOAuth2Api implements ICredentialType {
	name = 'museKitSocialXOAuth2Api';

	extends = ['oAuth2Api'];

	displayName = 'MuseKit Social X OAuth2 API';

	documentationUrl =
		'https://github.com/musekit/n8n-nodes-musekit-social/blob/main/docs/connect-x.md';

	icon: Icon = { light: 'file:musekit-social.svg', dark: 'file:musekit-social.dark.svg' };

	restrictToSupportedNodes = true as const;

	properties: INodeProperties[] = [
		{
			displayName:
				'After signing in, run <b>Social Account → Connect</b> once with this credential. The connection then lives in the vault and stays alive by itself; this credential is not used again.',
			name: 'doorNotice',
			type: 'notice',
			default: '',
		},
		{
			displayName: 'Sandbox Base URL',
			name: 'baseUrl',
			type: 'string',
			default: '',
			placeholder: 'e.g. http://127.0.0.1:14402/x',
			description: 'Leave empty for the real X. An address here makes a sandbox account.',
		},
		{ displayName: 'Grant Type', name: 'grantType', type: 'hidden', default: 'pkce' },
		{
			displayName: 'Authorization URL',
			name: 'authUrl',
			type: 'hidden',
			default: '={{$self["baseUrl"] || "https://x.com"}}/i/oauth2/authorize',
		},
		{
			displayName: 'Access Token URL',
			name: 'accessTokenUrl',
			type: 'hidden',
			default: '={{$self["baseUrl"] || "https://api.x.com"}}/2/oauth2/token',
		},
		{
			displayName: 'Scope',
			name: 'scope',
			type: 'hidden',
			// offline.access brings the refresh token, media.write the pictures.
			default: 'tweet.read tweet.write users.read media.write offline.access',
		},
		{
			displayName: 'Auth URI Query Parameters',
			name: 'authQueryParameters',
			type: 'hidden',
			default: '',
		},
		{ displayName: 'Authentication', name: 'authentication', type: 'hidden', default: 'header' },
	];
}
