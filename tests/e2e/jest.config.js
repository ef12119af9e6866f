const shared = require('../jest.config.js');

/** One n8n serves all files, one after the other; a test here waits for real publishing. */
module.exports = {
	...shared,
	rootDir: '../..',
	testMatch: ['<rootDir>/tests/e2e/**/*.test.ts'],
	globalSetup: '<rootDir>/tests/e2e/global-setup.ts',
	globalTeardown: '<rootDir>/tests/e2e/global-teardown.ts',
	testTimeout: 120000,
	maxWorkers: 1,
};
