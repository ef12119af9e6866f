import { updateDisplayOptions } from 'n8n-workflow';
import type { IExecuteFunctions, INodeExecutionData, INodeProperties } from 'n8n-workflow';

import { connectAccount, connectWithAppPassword } from '../../../core/accounts/connect';
import type { ConnectOptions, ConnectOutcome } from '../../../core/accounts/connect-types';
import { identifyToken } from '../../../core/accounts/identify';
import { PLATFORMS } from '../../../core/platforms';
import type { AccountCandidate } from '../../../core/platforms/identity';
import type { Platform } from '../../../core/store/contract';
import { readOwner } from '../../SocialPost/actions/ask-store';
import { option, optionsField } from '../../SocialPost/actions/common.descriptions';
import type { ItemOperation } from '../../SocialPost/actions/node.type';
import { paired } from '../../SocialPost/actions/output';
import { isId } from '../../SocialPost/input/accounts';
import { operationError } from '../../SocialPost/input/problem';
import { accountOutput, UNTOUCHED } from './common';
import { readOAuthDoor, readPasswordDoor } from './doors';

const properties: INodeProperties[] = [
	{
		displayName: 'Platform',
		name: 'platform',
		type: 'options',
		noDataExpression: true,
		options: Object.values(PLATFORMS).map((platform) => ({
			name: platform.displayName,
			value: platform.name,
		})),
		default: 'x',
		description: 'Where the account is. The credential for it appears above.',
	},
	{
		displayName: 'Which Accounts',
		name: 'which',
		type: 'options',
		options: [
			{
				name: 'All of the Sign-In',
				value: 'all',
				description: 'The person and every page or account that the sign-in may post for',
			},
			{
				name: 'By ID at the Platform',
				value: 'byId',
				description: 'One of them',
			},
		],
		default: 'all',
		displayOptions: { show: { platform: ['linkedin', 'instagram'] } },
		description: 'Which accounts to connect, for one sign-in may be good for several',
	},
	{
		displayName: 'ID at the Platform',
		name: 'remoteId',
		type: 'string',
		default: '',
		required: true,
		placeholder: 'e.g. 1234567',
		displayOptions: { show: { platform: ['linkedin', 'instagram'], which: ['byId'] } },
		description:
			'The remoteId of the account, as Connect names it when it is not found. A URN of LinkedIn is understood too.',
	},
	optionsField([
		option.owner,
		{
			displayName: 'Reconnect Account ID',
			name: 'accountId',
			type: 'string',
			default: '',
			description:
				'ID of the account to connect again. A sign-in as somebody else is then refused. Without it an account that is there already is found by itself.',
		},
	]),
];

export const description = updateDisplayOptions({ show: { operation: ['connect'] } }, properties);

/** Checks the sign-in by a real call and stores it in the vault; n8n's credential is only the door. */
export const execute: ItemOperation = async (context, itemIndex, session) => {
	const platform = context.getNodeParameter('platform', itemIndex) as Platform;
	const definition = PLATFORMS[platform];
	const options: ConnectOptions = { vaultKey: session.carrier.vaultKey, definition };
	const wanted = { owner: readOwner(context, itemIndex), ...reconnect(context, itemIndex) };
	if (definition.identity.signIn !== null) {
		const door = await readPasswordDoor(context, itemIndex);
		return [
			connected(
				context,
				itemIndex,
				await connectWithAppPassword(session.ports, options, { ...wanted, ...door }),
				0,
			),
		];
	}
	const token = await readOAuthDoor(context, itemIndex, definition);
	const found = await identifyToken(session.ports, definition, token);
	if (found.outcome !== 'ok') {
		const used = found.outcome === 'refused' && found.tokenRefused;
		const problem = used ? { ...found.error, remedy: SIGN_IN_AGAIN } : found.error;
		throw operationError(context, problem, itemIndex, UNTOUCHED);
	}
	const lasting = { ...token, secret: found.secret, grantedScopes: found.grantedScopes };
	const chosen = choose(context, itemIndex, found.candidates);
	const done: INodeExecutionData[] = [];
	// One after the other, for they share one token at the platform.
	for (const { remoteId } of chosen) {
		const request = { ...lasting, ...wanted, remoteId };
		const outcome = await connectAccount(session.ports, options, request);
		done.push(connected(context, itemIndex, outcome, done.length));
	}
	return done;
};

/** The vault renews what came in through the credential; the credential itself keeps the old token. */
const SIGN_IN_AGAIN =
	'A sign-in is good for one Connect. If the account is connected already, there is nothing to do; else sign in again in the credential of this node and run it again.';

/** The accounts to connect; throws when none of them can be. */
function choose(
	context: IExecuteFunctions,
	itemIndex: number,
	candidates: AccountCandidate[],
): AccountCandidate[] {
	const byId = context.getNodeParameter('which', itemIndex, 'all') === 'byId';
	const given = byId ? String(context.getNodeParameter('remoteId', itemIndex)).trim() : '';
	const remoteId = given.replace(/^urn:li:\w+:/, '');
	const usable = candidates.filter(
		(candidate) => (!byId || candidate.remoteId === remoteId) && candidate.unavailable === null,
	);
	if (usable.length > 0) return usable;
	const unavailable = candidates.find(
		(candidate) => candidate.unavailable !== null && (!byId || candidate.remoteId === remoteId),
	)?.unavailable;
	const listed = candidates.map((candidate) => `${candidate.displayName} (${candidate.remoteId})`);
	throw operationError(
		context,
		unavailable ?? {
			message: byId
				? `The sign-in is not good for the account ${remoteId === '' ? 'with an empty ID' : remoteId}.`
				: 'The sign-in is good for no account that can post.',
			remedy: `It is good for: ${listed.join(', ') || 'none'}. Choose one of these, or sign in again in the credential.`,
		},
		itemIndex,
		UNTOUCHED,
	);
}

function reconnect(context: IExecuteFunctions, itemIndex: number): { accountId?: string } {
	const given = context.getNodeParameter('options.accountId', itemIndex, '') as unknown;
	const accountId = String(given ?? '').trim();
	if (accountId === '') return {};
	if (isId(accountId)) return { accountId };
	throw operationError(
		context,
		{
			message: 'The "Reconnect Account ID" is not the id of an account.',
			remedy: 'Give the field id that Get Many returns, or leave it empty.',
		},
		itemIndex,
		UNTOUCHED,
	);
}

function connected(
	context: IExecuteFunctions,
	itemIndex: number,
	outcome: ConnectOutcome,
	before: number,
): INodeExecutionData {
	if (outcome.outcome === 'connected') {
		return paired(accountOutput(outcome.account, outcome.warnings), itemIndex);
	}
	const state =
		before === 0
			? UNTOUCHED
			: `${before} other account(s) of this sign-in were connected before it, and running the node again is safe.`;
	if (outcome.outcome !== 'choose') {
		throw operationError(context, outcome.error, itemIndex, state);
	}
	const listed = outcome.candidates.map(
		(candidate) => `${candidate.displayName} (${candidate.remoteId})`,
	);
	throw operationError(
		context,
		{
			message: 'The sign-in is good for several accounts.',
			remedy: `Choose one by its ID: ${listed.join(', ')}.`,
		},
		itemIndex,
		state,
	);
}
