import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { INodePropertyOptions } from 'n8n-workflow';

import { PLATFORMS } from '../../../core/platforms';
import { OPERATIONS, type Resource } from '../../../nodes/SocialPost/actions/node.type';
import { SocialPost } from '../../../nodes/SocialPost/SocialPost.node';

const NODE = join(__dirname, '..', '..', '..', 'nodes', 'SocialPost');
const { description } = new SocialPost();
const RESOURCES = Object.keys(OPERATIONS) as Resource[];

const valuesOf = (options: unknown) =>
	((options ?? []) as INodePropertyOptions[]).map(({ value }) => value);

it('the editor offers the resources that the router knows', () => {
	const resource = description.properties.find(({ name }) => name === 'resource');
	expect(valuesOf(resource?.options).sort()).toEqual([...RESOURCES].sort());
});

describe.each(RESOURCES)('%s', (resource) => {
	const shown = description.properties.filter(({ displayOptions }) =>
		displayOptions?.show?.resource?.includes(resource),
	);

	it('the editor offers the operations that the router knows, each with its preview', () => {
		const operation = shown.find(({ name }) => name === 'operation');
		expect(valuesOf(operation?.options).sort()).toEqual([...OPERATIONS[resource]].sort());
		const folder = join(NODE, '__schema__', 'v1.0.0', resource);
		const previews = readdirSync(folder).map((file) => file.replace(/\.json$/, ''));
		expect(previews.sort()).toEqual([...OPERATIONS[resource]].sort());
	});

	it('every property is shown for operations that exist', () => {
		for (const property of shown) {
			const operations = property.displayOptions?.show?.operation ?? [];
			for (const operation of operations) expect(OPERATIONS[resource]).toContain(operation);
		}
	});
});

it('every platform is named in the description, the search words and the filter', () => {
	const codex = JSON.parse(readFileSync(join(NODE, 'SocialPost.node.json'), 'utf8')) as {
		alias: string[];
	};
	for (const { displayName } of Object.values(PLATFORMS)) {
		expect(description.description).toContain(displayName);
		expect(codex.alias).toContain(displayName);
	}
	const filters = description.properties.find(({ name }) => name === 'filters');
	const platforms = (filters?.options ?? []).find(({ name }) => name === 'platforms');
	const offered = platforms !== undefined && 'options' in platforms ? platforms.options : [];
	expect(valuesOf(offered).sort()).toEqual(Object.keys(PLATFORMS).sort());
});
