import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';

// The server that `npm run dev` forwards the API to.
const target = process.env.CORDON_URL ?? 'http://127.0.0.1:8420';

export default defineConfig({
  plugins: [react()],
  build: {
    outDir: 'dist',
    emptyOutDir: true,
    // Nothing becomes a data: URL, so that the content security policy stays short.
    assetsInlineLimit: 0,
    // Each page is a file of its own. What several share is one file beside the first: of many small ones, each costs a
    // slow line another round trip.
    rolldownOptions: {
      output: {
        codeSplitting: {
          groups: [
            { name: 'theme', test: /@mantine\/core\/styles|src\/theme/, priority: 1 },
            { name: 'shared', minShareCount: 3 },
          ],
        },
      },
    },
  },
  server: { proxy: { '/api': { target }, '/openapi.json': { target } } },
});
