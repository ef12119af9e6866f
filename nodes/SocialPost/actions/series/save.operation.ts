import { updateDisplayOptions } from 'n8n-workflow';
import type { IExecuteFunctions, INodeProperties } from 'n8n-workflow';

import { saveSeries, type SeriesDraft } from '../../../../core/publishing/series';
import { isId } from '../../input/accounts';
import { readImages } from '../../input/images';
import { maxLatenessOf, type LatenessOptions } from '../../input/max-lateness';
import { joinErrors, operationError, type Problem } from '../../input/problem';
import { isTimeZone, unknownZone } from '../../input/schedule-time';
import { readDay, readTimeOfDay, readWeekdays } from '../../input/series-rule';
import { storeProblem } from '../../input/store-problem';
import { readOwner } from '../ask-store';
import { imagesField, option, optionsField, textField } from '../common.descriptions';
import type { ItemOperation } from '../node.type';
import { paired } from '../output';
import { seriesOutput } from './series-output';

const NOTHING_SAVED = 'Nothing was saved, and running the node again is safe.';
const NOT_KNOWN =
	'It is not known whether the series was saved; running the node again is safe, for the same series is then saved again and not made twice.';

const properties: INodeProperties[] = [
	{
		displayName: 'Account Name or ID',
		name: 'accountId',
		type: 'options',
		typeOptions: { loadOptionsMethod: 'getSingleAccounts' },
		default: '',
		required: true,
		description:
			'Choose from the list, or specify an ID using an <a href="https://docs.n8n.io/code/expressions/">expression</a>',
	},
	textField,
	imagesField,
	{
		displayName: 'Frequency',
		name: 'frequency',
		type: 'options',
		options: [
			{ name: 'Daily', value: 'daily' },
			{ name: 'Weekly', value: 'weekly' },
			{ name: 'Monthly', value: 'monthly' },
		],
		default: 'weekly',
		description: 'How often the post comes again',
	},
	{
		displayName: 'Every',
		name: 'every',
		type: 'number',
		typeOptions: { minValue: 1, maxValue: 366 },
		default: 1,
		description: 'Every how many days, weeks or months; 2 with Weekly is every other week',
	},
	{
		displayName: 'Weekdays',
		name: 'weekdays',
		type: 'multiOptions',
		options: [
			{ name: 'Monday', value: 1 },
			{ name: 'Tuesday', value: 2 },
			{ name: 'Wednesday', value: 3 },
			{ name: 'Thursday', value: 4 },
			{ name: 'Friday', value: 5 },
			{ name: 'Saturday', value: 6 },
			{ name: 'Sunday', value: 7 },
		],
		default: [1],
		displayOptions: { show: { frequency: ['weekly'] } },
		description: 'On which days of the week. As numbers 1 is Monday and 7 is Sunday.',
	},
	{
		displayName: 'Day of Month',
		name: 'monthDay',
		type: 'number',
		typeOptions: { minValue: 1, maxValue: 31 },
		default: 1,
		displayOptions: { show: { frequency: ['monthly'] } },
		description: 'On which day of the month. In a shorter month it is its last day.',
	},
	{
		displayName: 'Time of Day',
		name: 'localTime',
		type: 'string',
		default: '09:00',
		required: true,
		placeholder: 'e.g. 09:00',
		description:
			'Local time of the time zone. It stays the same when the clocks change for summer and winter.',
	},
	{
		displayName: 'Time Zone',
		name: 'timeZone',
		type: 'string',
		default: '',
		placeholder: 'e.g. Europe/Berlin',
		description: 'IANA name of the zone. Empty means the time zone of the workflow.',
	},
	{
		displayName: 'Series ID',
		name: 'seriesId',
		type: 'string',
		default: '',
		placeholder: 'e.g. weekly-tip',
		description:
			'ID of the series to change, or a name of your own: the same name is always the same series. Empty means that account, content and times name it, so that saving the same rule again makes no second series.',
	},
	optionsField([
		{
			displayName: 'End Date',
			name: 'endsOn',
			type: 'dateTime',
			typeOptions: { dateOnly: true },
			default: '',
			description: 'Last day on which the post may come. Empty means without end.',
		},
		option.ifMissed,
		option.owner,
		option.lateWithin,
		{
			displayName: 'Start Date',
			name: 'startsOn',
			type: 'dateTime',
			typeOptions: { dateOnly: true },
			default: '',
			description:
				'First day on which the post may come; "Every" counts from it. Empty means today. A series keeps the start date it was made with.',
		},
	]),
];

export const description = updateDisplayOptions(
	{ show: { resource: ['series'], operation: ['save'] } },
	properties,
);

interface Options extends LatenessOptions {
	endsOn?: unknown;
	startsOn?: unknown;
}

/** Creates or changes a series; its posts are made two weeks ahead. */
export const execute: ItemOperation = async (context, itemIndex, session) => {
	const draft = await readDraft(context, itemIndex);
	const id = text(context, itemIndex, 'seriesId');
	const outcome = await saveSeries(session.ports, session.carrier.platforms, {
		owner: readOwner(context, itemIndex),
		...(id === '' ? {} : { id }),
		draft,
	});
	switch (outcome.kind) {
		case 'saved':
			return [paired(seriesOutput(outcome.series, outcome.warnings), itemIndex)];
		case 'invalid':
			throw refusal(context, itemIndex, joinErrors(outcome.errors));
		case 'refused':
			throw refusal(
				context,
				itemIndex,
				storeProblem(outcome),
				outcome.earlierUnclear ? NOT_KNOWN : NOTHING_SAVED,
			);
		case 'unreachable':
			throw refusal(context, itemIndex, storeProblem(outcome), NOT_KNOWN);
	}
};

async function readDraft(context: IExecuteFunctions, itemIndex: number): Promise<SeriesDraft> {
	const accountId = text(context, itemIndex, 'accountId');
	if (!isId(accountId)) {
		throw refusal(context, itemIndex, {
			message:
				accountId === ''
					? 'No account is chosen for the series.'
					: 'The chosen account is not known: its id does not have the form of an account id.',
			remedy: 'Choose one under "Account", or give its id by an expression.',
		});
	}
	const timeZone = text(context, itemIndex, 'timeZone') || context.getTimezone();
	const zone = isTimeZone(timeZone) ? null : unknownZone(timeZone);
	if (zone?.kind === 'refused') throw refusal(context, itemIndex, zone);
	const images = await readImages(context, itemIndex);
	if (images.outcome === 'refused') throw refusal(context, itemIndex, images.problem);
	const frequency = text(context, itemIndex, 'frequency') as SeriesDraft['frequency'];
	const options = context.getNodeParameter('options', itemIndex, {}) as Options;
	const maxLatenessMs = maxLatenessOf(options);
	const startsOn = readDay(options.startsOn, timeZone);
	const endsOn = readDay(options.endsOn, timeZone);
	return {
		accountId,
		text: String((context.getNodeParameter('text', itemIndex, '') as unknown) ?? ''),
		...(images.images.length > 0 ? { media: images.images } : {}),
		frequency,
		every: Number(context.getNodeParameter('every', itemIndex, 1)),
		...(frequency === 'weekly'
			? { weekdays: readWeekdays(context.getNodeParameter('weekdays', itemIndex, [])) }
			: {}),
		...(frequency === 'monthly'
			? { monthDay: Number(context.getNodeParameter('monthDay', itemIndex, 1)) }
			: {}),
		localTime: readTimeOfDay(context.getNodeParameter('localTime', itemIndex, '')),
		timeZone,
		...(startsOn === undefined ? {} : { startsOn }),
		...(endsOn === undefined ? {} : { endsOn }),
		...(maxLatenessMs === undefined ? {} : { maxLatenessMs }),
	};
}

function text(context: IExecuteFunctions, itemIndex: number, name: string): string {
	return String((context.getNodeParameter(name, itemIndex, '') as unknown) ?? '').trim();
}

function refusal(
	context: IExecuteFunctions,
	itemIndex: number,
	problem: Problem,
	state: string = NOTHING_SAVED,
) {
	return operationError(context, problem, itemIndex, state);
}
