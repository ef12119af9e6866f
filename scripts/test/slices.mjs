/**
 * The slices of `npm test` in their order: quick ones first. `needs` is what set-up has to bring;
 * `folder` is the one below tests/ where it is not named like the slice; `limitMinutes` ends a slice that hangs, so that the summary is always printed.
 */
export const SLICES = [
	{ name: 'unit', runner: 'jest', needs: [], limitMinutes: 8 },
	{ name: 'sandbox', runner: 'jest', needs: ['chromium'], limitMinutes: 8 },
	{ name: 'store', runner: 'jest', needs: [], limitMinutes: 10 },
	{ name: 'model', runner: 'jest', needs: [], limitMinutes: 10 },
	{ name: 'simulation', runner: 'jest', needs: [], limitMinutes: 10 },
	{ name: 'bluesky', runner: 'jest', needs: ['pds'], limitMinutes: 8 },
	{ name: 'connect', runner: 'jest', needs: ['pds'], limitMinutes: 8 },
	{ name: 'runner', runner: 'jest', needs: ['redis'], limitMinutes: 12 },
	{ name: 'bench', runner: 'jest', needs: ['redis', 'chromium'], limitMinutes: 10 },
	{ name: 'chaos', runner: 'jest', needs: ['n8n', 'pack', 'pds', 'redis'], limitMinutes: 30 },
	{ name: 'panel', runner: 'jest', needs: [], limitMinutes: 8 },
	{
		name: 'panel-browser',
		folder: 'panel',
		runner: 'playwright',
		needs: ['panel', 'chromium', 'pds'],
		limitMinutes: 30,
	},
	{ name: 'engine', runner: 'jest', needs: ['n8n', 'pack'], limitMinutes: 12 },
	{ name: 'e2e', runner: 'jest', needs: ['n8n', 'pack', 'pds'], limitMinutes: 15 },
	{
		name: 'takeover',
		runner: 'jest',
		needs: ['n8n', 'pack', 'pds', 'redis'],
		limitMinutes: 20,
	},
	{ name: 'editor', runner: 'playwright', needs: ['n8n', 'pack', 'chromium'], limitMinutes: 12 },
];
