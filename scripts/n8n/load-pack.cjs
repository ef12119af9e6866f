/**
 * Loads an unpacked node pack as n8n does at its start (NODE_PATH is n8n's node_modules) and fails
 * unless every registered node and credential came out with its description and icon.
 */
const { readFileSync } = require('node:fs');
const { createRequire } = require('node:module');
const path = require('node:path');

async function main(folder, n8nFolder) {
	const requireFromN8n = createRequire(path.join(n8nFolder, 'package.json'));
	requireFromN8n('reflect-metadata');
	const { PackageDirectoryLoader } = requireFromN8n('n8n-core');
	const loader = new PackageDirectoryLoader(folder);
	await loader.loadAll();
	const { n8n } = JSON.parse(readFileSync(path.join(folder, 'package.json'), 'utf8'));
	const nodes = loader.types.nodes.filter((type) => !/(Tool|HitlTool)$/.test(type.name));
	const { credentials } = loader.types;
	console.log(`nodes: ${nodes.map((type) => type.name).join(', ')}`);
	console.log(`credentials: ${credentials.map((type) => type.name).join(', ')}`);
	const named = new Set(nodes.map((type) => type.name));
	if (named.size < n8n.nodes.length || credentials.length < n8n.credentials.length) {
		throw new Error(
			`${n8n.nodes.length} nodes and ${n8n.credentials.length} credentials are registered, ${named.size} and ${credentials.length} were loaded`,
		);
	}
	for (const type of [...nodes, ...credentials]) {
		if (!type.displayName) throw new Error(`${type.name} has no display name`);
		if (!type.iconUrl) throw new Error(`${type.name} has no icon in the package`);
	}
}

main(path.resolve(process.argv[2]), path.resolve(process.argv[3])).then(
	() => process.exit(0),
	(error) => {
		console.error(error);
		process.exit(1);
	},
);
