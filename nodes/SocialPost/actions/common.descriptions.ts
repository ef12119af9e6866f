import type { INodeProperties } from 'n8n-workflow';

/** One account from the searchable list or by id, or several at once. */
export const accountFields: INodeProperties[] = [
	{
		displayName: 'Accounts',
		name: 'accountMode',
		type: 'options',
		noDataExpression: true,
		options: [
			{ name: 'One Account', value: 'one' },
			{ name: 'Several Accounts', value: 'many' },
		],
		default: 'one',
		description: 'Whether the text goes to one account or to several at once',
	},
	{
		displayName: 'Account',
		name: 'account',
		type: 'resourceLocator',
		default: { mode: 'list', value: '' },
		required: true,
		displayOptions: { show: { accountMode: ['one'] } },
		modes: [
			{
				displayName: 'From List',
				name: 'list',
				type: 'list',
				placeholder: 'Select an account…',
				typeOptions: { searchListMethod: 'searchAccounts', searchable: true },
			},
			{
				displayName: 'By ID',
				name: 'id',
				type: 'string',
				placeholder: 'e.g. 01935f7a-7c3e-7d2a-9b1f-2f6f0c6b3d11',
			},
		],
		description: 'The connected account to post with',
	},
	{
		displayName: 'Account Names or IDs',
		name: 'accounts',
		type: 'multiOptions',
		typeOptions: { loadOptionsMethod: 'getAccounts' },
		default: [],
		required: true,
		displayOptions: { show: { accountMode: ['many'] } },
		description:
			'Choose from the list, or specify IDs using an <a href="https://docs.n8n.io/code/expressions/">expression</a>',
	},
];

export const textField: INodeProperties = {
	displayName: 'Text',
	name: 'text',
	type: 'string',
	typeOptions: { rows: 4 },
	default: '',
	placeholder: 'e.g. We have just released version 2',
	description: 'What the post says. Each platform checks it against its own limits.',
};

const altTextField: INodeProperties = {
	displayName: 'Alternative Text',
	name: 'altText',
	type: 'string',
	default: '',
	placeholder: 'e.g. A red bicycle leaning on a wall',
	description: 'What the picture shows, for people who cannot see it',
};

const optionalField: INodeProperties = {
	displayName: 'Skip If Missing',
	name: 'optional',
	type: 'boolean',
	default: false,
	description: 'Whether to go on without this picture when the item does not have it',
};

/** Pictures in two groups; those from binary data come first. */
export const imagesField: INodeProperties = {
	displayName: 'Images',
	name: 'images',
	type: 'fixedCollection',
	typeOptions: { multipleValues: true, sortable: true },
	placeholder: 'Add Image',
	default: {},
	description: 'Pictures of the post. Their bytes are kept in the store when the post is made.',
	options: [
		{
			displayName: 'From Binary Data',
			name: 'binary',
			values: [
				{
					displayName: 'Input Data Field Name',
					name: 'field',
					type: 'string',
					default: 'data',
					description:
						'Name of the binary field that holds the picture. Several names are separated by commas.',
				},
				altTextField,
				optionalField,
			],
		},
		{
			displayName: 'From URL',
			name: 'url',
			values: [
				{
					displayName: 'URL',
					name: 'url',
					type: 'string',
					default: '',
					placeholder: 'e.g. https://example.com/picture.jpg',
					description:
						'Public address of the picture. It is fetched once, when the post is made; redirects and private addresses are refused.',
				},
				altTextField,
				optionalField,
			],
		},
	],
};

export const postIdField: INodeProperties = {
	displayName: 'Post ID',
	name: 'postId',
	type: 'string',
	default: '',
	required: true,
	placeholder: 'e.g. 01935f7a-9d20-7b1c-8a55-1c7e7d7f2a90',
	description: 'ID of the post, as every operation of this node gives it',
};

export const timeFields: INodeProperties[] = [
	{
		displayName: 'Publish At',
		name: 'publishAt',
		type: 'dateTime',
		default: '',
		required: true,
		description:
			'When the post goes out. Text with or without an offset, a Date, a DateTime or a Unix time; without an offset it is local time of the time zone.',
	},
	{
		displayName: 'Time Zone',
		name: 'timeZone',
		type: 'string',
		default: '',
		placeholder: 'e.g. Europe/Berlin',
		description:
			'IANA name of the zone of "Publish At". Empty means the time zone of the workflow.',
	},
];

/** Single options, to be combined per operation (in alphabetical order). */
export const option = {
	allowRepeat: {
		displayName: 'Allow Repeat',
		name: 'allowRepeat',
		type: 'boolean',
		default: false,
		description:
			'Whether to post again what the same account posted within the last 12 hours. Otherwise the earlier post is returned.',
	},
	idempotencyKey: {
		displayName: 'Idempotency Key',
		name: 'idempotencyKey',
		type: 'string',
		default: '',
		placeholder: 'e.g. order-1042',
		description:
			'A name of your own for this call. The same key never makes a second post; the same key with other content is refused.',
	},
	ifMissed: {
		displayName: 'If Missed',
		name: 'ifMissed',
		type: 'options',
		options: [
			{
				name: 'Publish Late',
				value: 'publishLate',
				description:
					'Send it when it is possible again, within the minutes of "Publish Late Within"',
			},
			{
				name: 'Mark Missed',
				value: 'markMissed',
				description:
					'Do not send it any more. The usual delay of up to two minutes is not counted as missed.',
			},
		],
		default: 'publishLate',
		description: 'What to do when the post could not go out at its time, such as after an outage',
	},
	lateWithin: {
		displayName: 'Publish Late Within (Minutes)',
		name: 'maxLatenessMinutes',
		type: 'number',
		typeOptions: { minValue: 1 },
		default: 1440,
		description:
			'How late the post may still go out. Later than that it becomes missed. It has no effect with "Mark Missed".',
	},
	maxLateness: {
		displayName: 'Max Lateness (Minutes)',
		name: 'maxLatenessMinutes',
		type: 'number',
		typeOptions: { minValue: 1 },
		default: 1440,
		description:
			'How late the post may still go out after its time. Later than that it becomes missed.',
	},
	owner: {
		displayName: 'Owner',
		name: 'owner',
		type: 'string',
		default: 'default',
		description: 'The end user of your app to whom account and post belong',
	},
	waitFor: {
		displayName: 'Wait For (Seconds)',
		name: 'waitForSeconds',
		type: 'number',
		typeOptions: { minValue: 0, maxValue: 3600 },
		default: 60,
		description:
			'How long to wait for the end. After it the output says publishing, and the Publish Due workflow or the fallback runner finishes the post.',
	},
} satisfies Record<string, INodeProperties>;

/** How many results to return. */
export const limitFields: INodeProperties[] = [
	{
		displayName: 'Return All',
		name: 'returnAll',
		type: 'boolean',
		default: false,
		description: 'Whether to return all results or only up to a given limit',
	},
	{
		displayName: 'Limit',
		name: 'limit',
		type: 'number',
		typeOptions: { minValue: 1 },
		default: 50,
		displayOptions: { show: { returnAll: [false] } },
		description: 'Max number of results to return',
	},
];

/** The collection "Options" of an operation. */
export function optionsField(options: INodeProperties[]): INodeProperties {
	return {
		displayName: 'Options',
		name: 'options',
		type: 'collection',
		placeholder: 'Add Option',
		default: {},
		options,
	};
}

export const simplifyField: INodeProperties = {
	displayName: 'Simplify',
	name: 'simplify',
	type: 'boolean',
	default: true,
	description: 'Whether to return a simplified version of the response instead of the raw data',
};
