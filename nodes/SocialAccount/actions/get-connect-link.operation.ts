import { updateDisplayOptions } from 'n8n-workflow';
import type { IExecuteFunctions, INodeProperties } from 'n8n-workflow';

import { createConnectLink } from '../../../core/accounts/connect-link';
import type { Mode, Platform } from '../../../core/store/contract';
import { optionsField } from '../../SocialPost/actions/common.descriptions';
import type { ItemOperation } from '../../SocialPost/actions/node.type';
import { paired } from '../../SocialPost/actions/output';
import { operationError } from '../../SocialPost/input/problem';
import { storeProblem } from '../../SocialPost/input/store-problem';
import type { SocialCredential } from '../../SocialPost/transport/ports';
import { CREDENTIAL } from '../../SocialPost/transport/store-port';

/** The panel's ways to connect, and the platform of each. */
const CONNECTORS: Record<string, Platform> = {
	x: 'x',
	linkedin: 'linkedin',
	'linkedin-pages': 'linkedin',
	instagram: 'instagram',
	'instagram-facebook': 'instagram',
	bluesky: 'bluesky',
};

const HOUR_MS = 3_600_000;
const NOT_MADE = 'No link was made, and running the node again is safe.';

const properties: INodeProperties[] = [
	{
		displayName: 'Connect With',
		name: 'connector',
		type: 'options',
		options: [
			{ name: 'Bluesky', value: 'bluesky' },
			{ name: 'Instagram (Facebook Login)', value: 'instagram-facebook' },
			{ name: 'Instagram (Instagram Login)', value: 'instagram' },
			{ name: 'LinkedIn', value: 'linkedin' },
			{ name: 'LinkedIn Pages', value: 'linkedin-pages' },
			{ name: 'X', value: 'x' },
		],
		default: 'x',
		description:
			'Which platform the client connects. Its developer app must be set up in the panel.',
	},
	{
		displayName: 'Owner',
		name: 'owner',
		type: 'string',
		default: '',
		required: true,
		placeholder: 'e.g. client-17',
		description: 'The end user or client to whom the account will belong',
	},
	optionsField([
		{
			displayName: 'Expires In (Hours)',
			name: 'expiresInHours',
			type: 'number',
			typeOptions: { minValue: 1, maxValue: 720 },
			default: 72,
			description: 'How long the link may be used. It works once in any case.',
		},
		{
			displayName: 'Sandbox',
			name: 'sandbox',
			type: 'boolean',
			default: false,
			description: 'Whether the account is one of the sandbox, for trying out',
		},
	]),
];

export const description = updateDisplayOptions(
	{ show: { operation: ['getConnectLink'] } },
	properties,
);

/** A link of the panel with which a client connects an account; it works once and runs out. */
export const execute: ItemOperation = async (context, itemIndex, session) => {
	const connector = context.getNodeParameter('connector', itemIndex) as string;
	const owner = String(context.getNodeParameter('owner', itemIndex, '')).trim();
	const hours = Number(context.getNodeParameter('options.expiresInHours', itemIndex, 72));
	const sandbox = context.getNodeParameter('options.sandbox', itemIndex, false) === true;
	const platform = CONNECTORS[connector];
	const problem =
		platform === undefined
			? {
					message: `There is no way to connect called "${connector}".`,
					remedy: `Use one of: ${Object.keys(CONNECTORS).join(', ')}.`,
				}
			: owner === ''
				? {
						message: 'The parameter "Owner" is empty.',
						remedy: 'Name the client to whom the account will belong, or use default.',
					}
				: hours >= 1 && hours <= 720
					? undefined
					: {
							message: 'A link may be open for 1 to 720 hours.',
							remedy: 'Change "Expires In (Hours)".',
						};
	if (problem) throw operationError(context, problem, itemIndex, NOT_MADE);
	const mode: Mode = sandbox ? 'sandbox' : 'live';
	const panel = await panelOrigin(context, itemIndex);
	const wish = { owner, connector, platform, mode, ttlMs: hours * HOUR_MS };
	const made = await createConnectLink(session.ports, wish);
	if (made.kind !== 'ok') throw operationError(context, storeProblem(made), itemIndex, NOT_MADE);
	const { path, expiresAt } = made.value;
	return [
		paired({ url: `${panel}${path}`, expiresAt, connector, platform, owner, mode }, itemIndex),
	];
};

/** Where the client's browser finds the panel. */
async function panelOrigin(context: IExecuteFunctions, itemIndex: number): Promise<string> {
	const { companionUrl } = await context.getCredentials<SocialCredential>(CREDENTIAL);
	const given = String(companionUrl ?? '').trim();
	if (URL.canParse(given) && /^https?:$/.test(new URL(given).protocol)) {
		return given.replace(/\/+$/, '');
	}
	throw operationError(
		context,
		{
			message:
				'A connect link leads to the panel, and the credential "MuseKit Social API" has no Companion URL.',
			remedy:
				'Enter the panel’s public address there, such as https://social.example.com; clients must be able to open it.',
		},
		itemIndex,
		NOT_MADE,
	);
}
