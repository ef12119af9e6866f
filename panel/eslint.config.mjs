import tseslint from 'typescript-eslint';
import { fileURLToPath } from 'node:url';
import { companionConfig } from '../scripts/companion-eslint.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));

export default [
	...companionConfig(),
	{
		files: ['web/**/*.{ts,tsx,mts}'],
		languageOptions: {
			parser: tseslint.parser,
			parserOptions: { project: ['panel/web/tsconfig.json'], tsconfigRootDir: root },
		},
	},
	...tseslint.configs.recommended.map((config) => ({ ...config, files: ['web/**/*.tsx'] })),
];
