import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import { SocialPost } from '../../../nodes/SocialPost/SocialPost.node';

interface Template {
	id: string;
	name: string;
	nodes: Array<{
		name: string;
		type: string;
		position: [number, number];
		parameters: Record<string, unknown> & { content?: string; color?: number };
		credentials?: Record<string, { id: string; name: string }>;
	}>;
	connections: Record<string, { main: Array<Array<{ node: string }>> }>;
	settings: Record<string, unknown>;
}

const FOLDER = join(__dirname, '..', '..', '..', 'workflows');
const index = read('index.json') as unknown as {
	credential: { type: string; id: string; name: string };
	workflows: Array<{ id: string; file: string; name: string }>;
};
const templates = index.workflows.map(({ file }) => [file, read(file)] as const);

function read(file: string): Template {
	return JSON.parse(readFileSync(join(FOLDER, file), 'utf8')) as Template;
}

const words = (text: string) => text.split(/\s+/).filter((word) => word !== '').length;
const stickies = (template: Template) =>
	template.nodes.filter(({ type }) => type === 'n8n-nodes-base.stickyNote');
const steps = (template: Template) =>
	template.nodes.filter(({ type }) => type !== 'n8n-nodes-base.stickyNote');

it('the index names every template, with its id and name', () => {
	const files = readdirSync(FOLDER).filter(
		(file) => file.endsWith('.json') && file !== 'index.json',
	);
	expect(index.workflows.map(({ file }) => file).sort()).toEqual(files.sort());
	for (const entry of index.workflows) {
		expect(read(entry.file)).toMatchObject({ id: entry.id, name: entry.name });
	}
});

// Template submission guidelines of n8n (reference/n8n-standards.md §2.1).
describe.each(templates)('%s', (_file, template) => {
	it('has one yellow note of 100 to 300 words with "How it works" and "Setup steps"', () => {
		const yellow = stickies(template).filter(({ parameters }) => parameters.color === undefined);
		expect(yellow).toHaveLength(1);
		const content = yellow[0].parameters.content ?? '';
		expect(words(content)).toBeGreaterThanOrEqual(100);
		expect(words(content)).toBeLessThanOrEqual(300);
		expect(content).toMatch(/How it works/);
		expect(content).toMatch(/Setup steps/);
	});

	it('has short white notes that do not overlap', () => {
		const boxes = stickies(template).map(({ position: [x, y], parameters }) => ({
			left: x,
			right: x + Number(parameters.width),
			top: y,
			bottom: y + Number(parameters.height),
		}));
		for (const [place, box] of boxes.entries()) {
			for (const other of boxes.slice(place + 1)) {
				const apart =
					box.right <= other.left ||
					other.right <= box.left ||
					box.bottom <= other.top ||
					other.bottom <= box.top;
				expect(apart).toBe(true);
			}
		}
		for (const { parameters } of stickies(template).filter((note) => note.parameters.color === 7)) {
			expect(words(parameters.content ?? '')).toBeLessThanOrEqual(50);
		}
	});

	it('has a title of at most 80 characters and connections between nodes that exist', () => {
		expect(template.name.length).toBeLessThanOrEqual(80);
		const names = new Set(steps(template).map(({ name }) => name));
		for (const [from, { main }] of Object.entries(template.connections)) {
			expect(names).toContain(from);
			for (const { node } of main.flat()) expect(names).toContain(node);
		}
		expect(template.settings.executionOrder).toBe('v1');
	});

	it('uses only parameters, operations and the credential that the node has', () => {
		const { properties } = new SocialPost().description;
		const own = steps(template).filter(({ type }) => type.endsWith('.socialPost'));
		expect(own).toHaveLength(1);
		const [{ parameters, credentials }] = own;
		const operations = properties.find(({ name }) => name === 'operation')?.options ?? [];
		expect(operations.map((each) => ('value' in each ? each.value : ''))).toContain(
			parameters.operation,
		);
		const shown = properties.filter(
			({ displayOptions }) =>
				displayOptions?.show?.operation === undefined ||
				displayOptions.show.operation.includes(parameters.operation as string),
		);
		for (const name of Object.keys(parameters)) {
			expect(shown.map((property) => property.name)).toContain(name);
		}
		const options = shown.find(({ name }) => name === 'options')?.options ?? [];
		for (const name of Object.keys(parameters.options as object)) {
			expect(options.map((option) => option.name)).toContain(name);
		}
		const { type, id, name } = index.credential;
		expect(credentials).toEqual({ [type]: { id, name } });
	});
});

it('the schedule keeps no successful executions and has a time-out longer than its watch', () => {
	const { settings, nodes } = read('publish-due-posts.json');
	expect(settings.saveDataSuccessExecution).toBe('none');
	const { watchForSeconds } = nodes.find(({ type }) => type.endsWith('.socialPost'))?.parameters
		.options as { watchForSeconds: number };
	expect(watchForSeconds).toBe(25);
	expect(settings.executionTimeout).toBeGreaterThan(watchForSeconds * 2);
});
