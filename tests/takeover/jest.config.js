const shared = require('../jest.config.js');

/**
 * Each file has a store, a sandbox and an n8n of its own. Most of the time is spent on waiting for
 * leases and settle times, so three of them share two processors well.
 */
module.exports = {
	...shared,
	rootDir: '../..',
	testMatch: ['<rootDir>/tests/takeover/**/*.test.ts'],
	testTimeout: 120000,
	maxWorkers: 3,
};
