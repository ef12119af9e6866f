/** One config for every jest slice; scripts/test.mjs picks the folder. */
module.exports = {
	rootDir: '..',
	testEnvironment: 'node',
	testMatch: ['<rootDir>/tests/**/*.test.ts'],
	transform: {
		'^.+\\.ts$': [
			'@swc/jest',
			{ jsc: { parser: { syntax: 'typescript' }, target: 'es2022' }, module: { type: 'commonjs' } },
		],
		// jose is published as ES modules only.
		'/node_modules/jose/.+\\.js$': ['@swc/jest', { module: { type: 'commonjs' } }],
	},
	transformIgnorePatterns: ['/node_modules/(?!jose/)'],
	modulePathIgnorePatterns: ['<rootDir>/dist', '<rootDir>/.musekit'],
	testTimeout: 30000,
	maxWorkers: 2,
};
