import tailwindcss from '@tailwindcss/vite';
import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';

export default defineConfig({
	plugins: [react(), tailwindcss()],
	// The server puts each answer's nonce in its place (panel/server/pages.ts).
	html: { cspNonce: '__CSP_NONCE__' },
	build: {
		outDir: '../dist',
		emptyOutDir: true,
		// Inlined files would be data: addresses, which the page's policy does not allow everywhere.
		assetsInlineLimit: 0,
	},
});
