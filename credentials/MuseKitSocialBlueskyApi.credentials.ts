import type { Icon, ICredentialTestRequest, ICredentialType, INodeProperties } from 'n8n-workflow';

/**
 * An app password of Bluesky. Only the door: Social Account → Connect signs in once and keeps the
 * session in the vault; the password itself is not stored there.
 */
export class MuseKitSocialBlueskyApi implements ICredentialType {
	name = 'museKitSocialBlueskyApi';

	displayName = 'MuseKit Social Bluesky API';

	documentationUrl =
		'https://github.com/musekit/n8n-nodes-musekit-social/blob/main/docs/connect-bluesky.md';

	icon: Icon = { light: 'file:musekit-social.svg', dark: 'file:musekit-social.dark.svg' };

	restrictToSupportedNodes = true as const;

	properties: INodeProperties[] = [
		{
			displayName: 'Handle',
			name: 'identifier',
			type: 'string',
			default: '',
			required: true,
			placeholder: 'e.g. name.bsky.social',
			description: 'Your handle without @, or the e-mail address of the account',
		},
		{
			displayName: 'App Password',
			name: 'appPassword',
			type: 'string',
			typeOptions: { password: true },
			default: '',
			required: true,
			description:
				'Made in Bluesky under Settings → Privacy and security → App passwords. Never your main password.',
		},
		{
			displayName: 'Server',
			name: 'server',
			type: 'string',
			default: 'https://bsky.social',
			placeholder: 'e.g. https://bsky.social',
			description: 'The server (PDS) that holds the account; https://bsky.social for most people',
		},
		{
			displayName: 'Sandbox',
			name: 'sandbox',
			type: 'boolean',
			default: false,
			description:
				'Whether the server is one for trying out, such as one on this machine. Posts then never reach the public network.',
		},
	];

	// Signs in once per test: 30 sign-ins in five minutes are allowed.
	test: ICredentialTestRequest = {
		request: {
			method: 'POST',
			baseURL: '={{($credentials.server || "https://bsky.social").trim().replace(/\\/+$/, "")}}',
			url: '/xrpc/com.atproto.server.createSession',
			headers: { 'Content-Type': 'application/json' },
			body: {
				identifier: '={{$credentials.identifier.trim().replace(/^@/, "")}}',
				password: '={{$credentials.appPassword.trim()}}',
			},
			json: true,
			timeout: 15000,
		},
		rules: [
			{
				type: 'responseCode',
				properties: {
					value: 401,
					message:
						'Bluesky does not know this handle with this app password. Check both, and that the server is the one that holds the account.',
				},
			},
			{
				type: 'responseCode',
				properties: {
					value: 429,
					message:
						'Bluesky allows no more sign-ins for a few minutes. The entries may be right: wait and test again.',
				},
			},
		],
	};
}
