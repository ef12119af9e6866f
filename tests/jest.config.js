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
		// Published as ES modules only.
		'/node_modules/(jose|oauth4webapi)/.+\\.js$': ['@swc/jest', { module: { type: 'commonjs' } }],
	},
	transformIgnorePatterns: ['/node_modules/(?!(jose|oauth4webapi)/)'],
	modulePathIgnorePatterns: ['<rootDir>/dist', '<rootDir>/.musekit'],
	testTimeout: 30000,
	maxWorkers: 2,
};
