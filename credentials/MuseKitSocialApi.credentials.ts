import type {
	IAuthenticateGeneric,
	Icon,
	ICredentialTestRequest,
	ICredentialType,
	INodeProperties,
} from 'n8n-workflow';

/**
 * The store (Supabase project or the embedded gateway) and the key of its token vault.
 * Only nodes of this pack may use it: the secret key opens every row of the store.
 */
export class MuseKitSocialApi implements ICredentialType {
	name = 'museKitSocialApi';

	displayName = 'MuseKit Social API';

	documentationUrl = 'https://github.com/musekit/n8n-nodes-musekit-social#readme';

	icon: Icon = { light: 'file:musekit-social.svg', dark: 'file:musekit-social.dark.svg' };

	restrictToSupportedNodes = true as const;

	properties: INodeProperties[] = [
		{
			displayName: 'Project URL',
			name: 'url',
			type: 'string',
			default: '',
			required: true,
			placeholder: 'e.g. https://abcdefgh.supabase.co',
			description:
				'Address of your Supabase project (Project Settings → API), or of the gateway that npm start prints. When n8n runs in a container, the host is host.docker.internal and not 127.0.0.1.',
		},
		{
			displayName: 'Secret Key',
			name: 'secretKey',
			type: 'string',
			typeOptions: { password: true },
			default: '',
			required: true,
			description:
				'Secret key of the project (sb_secret_…), or the service_role key of an older project',
		},
		{
			displayName: 'Vault Key',
			name: 'vaultKey',
			type: 'string',
			typeOptions: { password: true },
			default: '',
			required: true,
			description:
				'32 bytes as 64 hexadecimal characters. It opens the tokens of the connected accounts; panel, runner and n8n need the same one. While keys are rotated: the new one, a space, the old one.',
		},
		{
			displayName: 'Companion URL',
			name: 'companionUrl',
			type: 'string',
			default: '',
			placeholder: 'e.g. http://127.0.0.1:14403',
			description: 'Address of the MuseKit Social panel. Optional.',
		},
	];

	// `apikey` alone opens the gateway and any project with sb_ keys; such a key is no JWT and would
	// be refused as a Bearer. Older projects have JWT keys and take their role from the Bearer. n8n
	// sends a header whose value is empty, so the second header changes its name instead.
	authenticate: IAuthenticateGeneric = {
		type: 'generic',
		properties: {
			headers: {
				apikey: '={{$credentials.secretKey.trim()}}',
				'={{$credentials.secretKey.trim().startsWith("eyJ") ? "Authorization" : "apikey"}}':
					'={{$credentials.secretKey.trim().startsWith("eyJ") ? "Bearer " + $credentials.secretKey.trim() : $credentials.secretKey.trim()}}',
			},
		},
	};

	test: ICredentialTestRequest = {
		request: {
			method: 'POST',
			url: '={{$credentials.url.trim().replace(/\\/+$/, "")}}/rest/v1/rpc/social_ping',
			headers: { 'Content-Type': 'application/json' },
			body: {
				p_contract: 1,
				p_vault_fingerprint:
					'={{$credentials.vaultKey.trim().split(/[\\s,;]+/)[0].hash("sha256")}}',
			},
			json: true,
			timeout: 15000,
		},
		// n8n's tester reads both kinds from one list; its type allows only lists of one kind.
		rules: [
			responseCode(
				401,
				'The secret key was not accepted. Copy the secret key (sb_secret_… or service_role) of this project again; a publishable or anon key does not open the store.',
			),
			responseCode(
				403,
				'This key may not use the store. Use the secret key (sb_secret_… or service_role), not the publishable or anon key.',
			),
			responseCode(
				404,
				'The Project URL answers, but there is no MuseKit Social store. Check the URL, and that the migrations in supabase/migrations were applied to this project.',
			),
			responseCode(
				405,
				'The Project URL answers, but not as a store. Enter only the address of the project, such as https://abcdefgh.supabase.co, without a path.',
			),
			responseCode(
				429,
				'The store gets too many requests at the moment. The entries may be right: wait a minute and test again.',
			),
			responseCode(
				500,
				'The store has trouble of its own. The entries may be right: look at the log of the database and test again.',
			),
			responseCode(
				502,
				'The Project URL answers, but the store behind it does not. Check that the project is running and not paused.',
			),
			responseCode(
				503,
				'The Project URL answers, but the store behind it does not. Check that the project is running and not paused.',
			),
			pingCode(
				'vault_key_mismatch',
				'The vault key is not the one this store was set up with. Copy it from the panel or the runner; the tokens of the connected accounts open only with that key.',
			),
			pingCode(
				'vault_not_set',
				'The store is reachable and the secret key is right, but no vault key was set up yet. Start the panel or the runner once with this vault key, then test again.',
			),
			pingCode(
				'contract_mismatch',
				'The store speaks another contract version than this node. Update the older of the two: the node in n8n (Settings → Community nodes) or the store (npm run migrate).',
			),
			pingCode(
				'durability_off',
				'The database runs with fsync or synchronous_commit switched off, so posts could be lost or doubled after a crash. Switch both on.',
			),
			{
				type: 'responseSuccessBody',
				properties: {
					key: 'code',
					value: undefined,
					message:
						'The Project URL answers, but not as a MuseKit Social store. Enter the address of the project, such as https://abcdefgh.supabase.co, without a path.',
				},
			},
		] as ICredentialTestRequest['rules'],
	};
}

function responseCode(value: number, message: string) {
	return { type: 'responseCode' as const, properties: { value, message } };
}

function pingCode(value: string, message: string) {
	return { type: 'responseSuccessBody' as const, properties: { key: 'code', value, message } };
}
