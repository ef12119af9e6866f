import { fileURLToPath } from 'node:url';
import js from '@eslint/js';
import tseslint from 'typescript-eslint';

const root = fileURLToPath(new URL('..', import.meta.url));

const names = (list) => Object.fromEntries(list.split(' ').map((name) => [name, 'readonly']));
const nodeGlobals = names(
	'AbortController AbortSignal Buffer URL URLSearchParams clearInterval clearTimeout console fetch process setImmediate setInterval setTimeout',
);
const commonJs = names('__dirname __filename exports module require');
const browserGlobals = names(
	'AbortSignal DOMParser Intl clearTimeout document fetch location setTimeout window',
);

/**
 * ESLint rules of the private workspaces. Each has its own `eslint.config.mjs` that returns this,
 * because n8n's strict rules at the root forbid what a server needs (process, timers, sockets).
 *
 * @param {{ browser?: string[] }} [options] `browser`: globs of scripts that run in a page.
 */
export function companionConfig({ browser = [] } = {}) {
	return tseslint.config(
		{ ignores: ['**/node_modules', '**/dist', '**/test-results', '**/n8n/node_modules'] },
		{ linterOptions: { reportUnusedDisableDirectives: 'error' } },
		js.configs.recommended,
		{
			files: ['**/*.{ts,mts}'],
			extends: [tseslint.configs.recommended],
			languageOptions: {
				parserOptions: { project: ['tsconfig.companion.json'], tsconfigRootDir: root },
			},
			rules: {
				'@typescript-eslint/no-floating-promises': 'error',
				'@typescript-eslint/await-thenable': 'error',
			},
		},
		{ files: ['**/*.{mjs,js,cjs}'], languageOptions: { globals: nodeGlobals } },
		{
			files: ['**/*.{js,cjs}'],
			languageOptions: { sourceType: 'commonjs', globals: commonJs },
		},
		...(browser.length > 0
			? [
					{
						files: browser,
						languageOptions: { sourceType: 'script', globals: browserGlobals },
					},
				]
			: []),
	);
}
