import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ICredentialType, INodePropertyOptions } from 'n8n-workflow';

import { PLATFORMS } from '../../../core/platforms';
import { MuseKitSocialBlueskyApi } from '../../../credentials/MuseKitSocialBlueskyApi.credentials';
import { MuseKitSocialInstagramOAuth2Api } from '../../../credentials/MuseKitSocialInstagramOAuth2Api.credentials';
import { MuseKitSocialLinkedInOAuth2Api } from '../../../credentials/MuseKitSocialLinkedInOAuth2Api.credentials';
import { MuseKitSocialXOAuth2Api } from '../../../credentials/MuseKitSocialXOAuth2Api.credentials';
import { OPERATIONS } from '../../../nodes/SocialAccount/actions/router';
import { SocialAccount } from '../../../nodes/SocialAccount/SocialAccount.node';

const ROOT = join(__dirname, '..', '..', '..');
const NODE = join(ROOT, 'nodes', 'SocialAccount');
const { description } = new SocialAccount();
const NAMES = Object.keys(OPERATIONS).sort();

const valuesOf = (options: unknown) =>
	((options ?? []) as INodePropertyOptions[]).map(({ value }) => String(value)).sort();

/** The doors by platform. */
const DOORS: Record<keyof typeof PLATFORMS, ICredentialType> = {
	x: new MuseKitSocialXOAuth2Api(),
	linkedin: new MuseKitSocialLinkedInOAuth2Api(),
	instagram: new MuseKitSocialInstagramOAuth2Api(),
	bluesky: new MuseKitSocialBlueskyApi(),
};

test('the editor offers the operations that the router knows, each with its preview', () => {
	const operation = description.properties.find(({ name }) => name === 'operation');
	expect(valuesOf(operation?.options)).toEqual(NAMES);
	const previews = readdirSync(join(NODE, '__schema__', 'v1.0.0'));
	expect(previews.map((file) => file.replace(/\.json$/, '')).sort()).toEqual(NAMES);
});

test('every property but the operation is shown for operations that exist', () => {
	for (const { name, displayOptions } of description.properties) {
		if (name === 'operation') continue;
		const operations = displayOptions?.show?.operation ?? [];
		expect(operations.length).toBeGreaterThan(0);
		for (const operation of operations) expect(NAMES).toContain(operation);
	}
});

test('every platform can be connected, with a credential of its own', () => {
	const platform = description.properties.find(
		({ name, displayOptions }) =>
			name === 'platform' && displayOptions?.show?.operation?.includes('connect'),
	);
	expect(valuesOf(platform?.options)).toEqual(Object.keys(PLATFORMS).sort());
	for (const [chosen, door] of Object.entries(DOORS)) {
		const shown = (description.credentials ?? []).filter(({ displayOptions }) => {
			const { show, hide } = displayOptions ?? {};
			const platforms = show?.platform ?? [chosen];
			return platforms.includes(chosen) && !hide?.platform?.includes(chosen);
		});
		expect(shown.map(({ name }) => name)).toEqual(['museKitSocialApi', door.name]);
		expect(shown[1].displayOptions?.show?.operation).toEqual(['connect']);
	}
});

test('the editor takes no field for the choice of an authentication, which it would hide', () => {
	const covered: Record<string, unknown[]> = {};
	for (const { displayOptions } of description.credentials ?? []) {
		for (const [field, values] of Object.entries(displayOptions?.show ?? {})) {
			covered[field] = [...(covered[field] ?? []), ...(values ?? [])];
		}
	}
	const hidden = description.properties.filter(
		({ name, options }) =>
			covered[name] && valuesOf(options).every((value) => covered[name].includes(value)),
	);
	expect(Object.keys(covered).sort()).toEqual(['operation', 'platform']);
	expect(hidden).toEqual([]);
});

test.each(Object.entries(DOORS))('%s: only our nodes may use the door', (_, door) => {
	expect(door.restrictToSupportedNodes).toBe(true);
	expect(door.authenticate).toBeUndefined();
});

test.each(Object.entries(DOORS).filter(([name]) => name !== 'bluesky'))(
	'%s: the door has no test and hides its addresses, which follow the base URL',
	(_, door) => {
		// A test would be a request with the token, and n8n renews a token that is refused.
		expect(door.test).toBeUndefined();
		expect(door.extends).toEqual(['oAuth2Api']);
		for (const name of ['authUrl', 'accessTokenUrl', 'scope', 'grantType', 'authentication']) {
			const field = door.properties.find((property) => property.name === name);
			expect(field?.type).toBe('hidden');
		}
		for (const name of ['authUrl', 'accessTokenUrl']) {
			const field = door.properties.find((property) => property.name === name);
			expect(field?.default).toContain('$self["baseUrl"]');
		}
	},
);

test('every page that node and credentials point to exists', () => {
	const codex = JSON.parse(readFileSync(join(NODE, 'SocialAccount.node.json'), 'utf8')) as {
		alias: string[];
		resources: Record<string, { url: string }[]>;
	};
	const named = Object.values(codex.resources).flatMap((pages) => pages.map(({ url }) => url));
	const urls = [...named, ...Object.values(DOORS).map((door) => door.documentationUrl ?? '')];
	for (const url of urls) {
		const page =
			/^https:\/\/github\.com\/musekit\/n8n-nodes-musekit-social\/blob\/main\/(.+)$/.exec(url);
		expect(page?.[1] && existsSync(join(ROOT, page[1])) ? url : `${url} is missing`).toBe(url);
	}
	for (const { displayName } of Object.values(PLATFORMS)) {
		expect(description.description).toContain(displayName);
		expect(codex.alias).toContain(displayName);
	}
});
