import { registerHooks } from 'node:module';
import path from 'node:path';
import { pathToFileURL } from 'node:url';

/** Bare imports of the scripts in this folder come from the server's own folder in the cache. */
const here = new URL('.', import.meta.url).href;
const there = pathToFileURL(path.join(process.env.MUSEKIT_PDS, 'package.json')).href;

registerHooks({
	resolve: (specifier, context, next) =>
		specifier.startsWith('@') && context.parentURL?.startsWith(here)
			? next(specifier, { ...context, parentURL: there })
			: next(specifier, context),
});
