import type { Icon, ICredentialType, INodeProperties } from 'n8n-workflow';

/**
 * Sign-in at Instagram by one of Meta's two login products. Only the door: Social Account → Connect
 * exchanges the short token it brought for a long-lived one in the vault, and no request is ever sent
 * with the credential itself.
 */
export class MuseKitSocialInstagramOAuth2Api implements ICredentialType {
	name = 'museKitSocialInstagramOAuth2Api';

	extends = ['oAuth2Api'];

	displayName = 'MuseKit Social Instagram OAuth2 API';

	documentationUrl =
		'https://github.com/musekit/n8n-nodes-musekit-social/blob/main/docs/connect-instagram.md';

	icon: Icon = { light: 'file:musekit-social.svg', dark: 'file:musekit-social.dark.svg' };

	restrictToSupportedNodes = true as const;

	properties: INodeProperties[] = [
		{
			displayName:
				'After signing in, run <b>Social Account → Connect</b> within an hour: until then Instagram gives only a short token. The connection then lives in the vault; this credential is not used again.',
			name: 'doorNotice',
			type: 'notice',
			default: '',
		},
		{
			displayName: 'Login Product',
			name: 'loginProduct',
			type: 'options',
			options: [
				{ name: 'Instagram Login', value: 'instagram' },
				{ name: 'Facebook Login', value: 'facebook' },
			],
			default: 'instagram',
			description:
				'Which product the Meta app has. With Facebook Login the Instagram account must be linked to a Facebook page.',
		},
		{
			displayName: 'Sandbox Base URL',
			name: 'baseUrl',
			type: 'string',
			default: '',
			placeholder: 'e.g. http://127.0.0.1:14402/instagram',
			description: 'Leave empty for the real Instagram. An address here makes a sandbox account.',
		},
		{ displayName: 'Grant Type', name: 'grantType', type: 'hidden', default: 'authorizationCode' },
		{
			displayName: 'Authorization URL',
			name: 'authUrl',
			type: 'hidden',
			default:
				'={{$self["loginProduct"] === "facebook" ? ($self["baseUrl"] || "https://www.facebook.com") + "/v26.0/dialog/oauth" : ($self["baseUrl"] || "https://www.instagram.com") + "/oauth/authorize"}}',
		},
		{
			displayName: 'Access Token URL',
			name: 'accessTokenUrl',
			type: 'hidden',
			default:
				'={{$self["loginProduct"] === "facebook" ? ($self["baseUrl"] || "https://graph.facebook.com") + "/v26.0/oauth/access_token" : ($self["baseUrl"] || "https://api.instagram.com") + "/oauth/access_token"}}',
		},
		{
			displayName: 'Scope',
			name: 'scope',
			type: 'hidden',
			// With a comma in it n8n sends it joined by commas, as Meta wants it.
			default:
				'={{$self["loginProduct"] === "facebook" ? "instagram_basic,instagram_content_publish,instagram_manage_insights,pages_show_list,pages_read_engagement" : "instagram_business_basic,instagram_business_content_publish,instagram_business_manage_insights"}}',
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
