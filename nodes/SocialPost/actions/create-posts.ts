import type { IDataObject, IExecuteFunctions, INodeExecutionData } from 'n8n-workflow';

import type { CreateRequest, NamedEntry, PostDraft } from '../../../core/publishing/create';
import type { StoreRefusal } from '../../../core/ports';
import type { AccountView, CreatedEntry, Page } from '../../../core/store/contract';
import { ALL_ACCOUNTS, isId, readAccountIds } from '../input/accounts';
import { callKey } from '../input/idempotency';
import { readImages } from '../input/images';
import { maxLatenessOf, type LatenessOptions } from '../input/max-lateness';
import { joinErrors, NOTHING_MADE, operationError } from '../input/problem';
import { storeProblem } from '../input/store-problem';
import type { Session } from '../transport/ports';
import { askStore, readOwner } from './ask-store';
import { invalidPost, paired, plainProblem, simplifiedPost } from './output';
import type { ReadTime } from './read-time';

const PAGE = 100;

interface Options extends LatenessOptions {
	allowRepeat?: boolean;
	idempotencyKey?: unknown;
}

/** The create call of one item: its text and pictures for each of its accounts. */
export async function readCreateRequest(
	context: IExecuteFunctions,
	itemIndex: number,
	session: Session,
	wish: { as: 'draft' | 'scheduled'; time?: ReadTime },
): Promise<Omit<CreateRequest, 'claim'>> {
	const owner = readOwner(context, itemIndex);
	const options = context.getNodeParameter('options', itemIndex, {}) as Options;
	const maxLatenessMs = maxLatenessOf(options);
	const text = context.getNodeParameter('text', itemIndex, '') as unknown;
	const accountIds = await chosenAccounts(context, itemIndex, session, owner);
	const images = await readImages(context, itemIndex);
	if (images.outcome === 'refused') throw operationError(context, images.problem, itemIndex);
	const draft: Omit<PostDraft, 'accountId'> = {
		text: text === null || text === undefined ? '' : String(text),
		...(images.images.length > 0 ? { media: images.images } : {}),
		as: wish.as,
		...timeOf(wish.time),
		...(maxLatenessMs === undefined ? {} : { maxLatenessMs }),
	};
	return {
		...callKey(context, itemIndex, {
			callerKey: String(options.idempotencyKey ?? ''),
			allowRepeat: options.allowRepeat === true,
		}),
		owner,
		source: 'n8n',
		entries: accountIds.map((accountId) => ({ accountId, ...draft })),
	};
}

/** The time as a create or update call takes it. */
export function timeOf(time: ReadTime | undefined) {
	if (time === undefined) return {};
	return time.kind === 'instant'
		? { scheduledAt: time.scheduledAt }
		: { wallTime: time.wallTime, timeZone: time.timeZone };
}

async function chosenAccounts(
	context: IExecuteFunctions,
	itemIndex: number,
	session: Session,
	owner: string,
): Promise<string[]> {
	const ids = readAccountIds(context, itemIndex);
	if (ids.length === 0) {
		throw operationError(
			context,
			{
				message: 'No account is chosen to post with.',
				remedy: 'Choose one under "Account", or give account ids by an expression.',
			},
			itemIndex,
		);
	}
	if (ids.includes(ALL_ACCOUNTS))
		return await connectedAccounts(context, itemIndex, session, owner);
	const strange = ids.find((id) => !isId(id));
	if (strange !== undefined) {
		throw operationError(
			context,
			{
				message: 'A chosen account is not known: its id does not have the form of an account id.',
				remedy: `"${strange.slice(0, 60)}" was given. Choose the account from the list, or copy its id from the panel.`,
			},
			itemIndex,
		);
	}
	return ids;
}

async function connectedAccounts(
	context: IExecuteFunctions,
	itemIndex: number,
	session: Session,
	owner: string,
): Promise<string[]> {
	const ids: string[] = [];
	let cursor: string | null = null;
	do {
		const page: Page<AccountView> = await askStore(
			context,
			itemIndex,
			session,
			'social_account_list',
			{ p_owner: owner, p_limit: PAGE, p_cursor: cursor },
			NOTHING_MADE,
		);
		ids.push(...page.items.filter(({ status }) => status === 'connected').map(({ id }) => id));
		cursor = page.nextCursor;
	} while (cursor !== null);
	if (ids.length > 0) return ids;
	throw operationError(
		context,
		{
			message: 'No account is connected to post with.',
			remedy: `Connect an account for the owner "${owner}" first, or name another owner.`,
		},
		itemIndex,
	);
}

type Created =
	| { kind: 'ok'; entries: NamedEntry[] }
	| { kind: 'refused'; refusal: StoreRefusal; earlierUnclear: boolean }
	| { kind: 'unreachable'; reason: string };

/**
 * One output item per account. An account whose post is invalid does not stop the others; only when
 * none could be made, the item is refused.
 */
export function createdItems(
	context: IExecuteFunctions,
	itemIndex: number,
	request: Omit<CreateRequest, 'claim'>,
	created: Created,
): INodeExecutionData[] {
	if (created.kind !== 'ok') throw notCreated(context, itemIndex, created);
	const errors = created.entries.map((entry) => (entry.post ? [] : (entry.errors ?? [])));
	if (created.entries.every((entry) => entry.post === undefined)) {
		throw operationError(context, joinErrors(errors.flat()), itemIndex);
	}
	return created.entries.map((entry, place) =>
		paired(
			entry.post
				? { ...simplifiedPost(entry.post), ...remarks(entry) }
				: invalidPost(errors[place], {
						accountId: request.entries[entry.ordinal]?.accountId ?? null,
						account: entry.account,
					}),
			itemIndex,
		),
	);
}

function notCreated(
	context: IExecuteFunctions,
	itemIndex: number,
	created: Exclude<Created, { kind: 'ok' }>,
) {
	const problem = storeProblem(created);
	if (created.kind === 'unreachable') {
		return operationError(context, problem, itemIndex, afterSilence(context));
	}
	if (!created.earlierUnclear) return operationError(context, problem, itemIndex, NOTHING_MADE);
	const message = `The store gave no answer at first and then refused the repeat: ${problem.message}`;
	return operationError(context, { ...problem, message }, itemIndex, afterSilence(context));
}

function remarks(entry: CreatedEntry): IDataObject {
	const warnings = (entry.warnings ?? []).map(plainProblem);
	return {
		...(entry.result === 'duplicate'
			? {
					repeated: true,
					reason:
						'This account has had the same post within the last 12 hours, so no second one was made; this is the earlier post.',
					remedy: 'To post it again, switch on "Allow Repeat" in the options.',
				}
			: {}),
		...(entry.result === 'existing' ? { repeated: true } : {}),
		...(warnings.length > 0 ? { warnings } : {}),
	};
}

/** A manual run has a new key each time, so only there a second run could make a second post. */
function afterSilence(context: IExecuteFunctions): string {
	return context.getMode() === 'manual'
		? 'It is not known whether the post was made: look with Get Many before you run it by hand again. Retry in the executions list is safe.'
		: 'It is not known whether the post was made; running again is safe, for the same post is then returned and not made twice.';
}
