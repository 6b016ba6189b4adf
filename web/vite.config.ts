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
    // Served by the program itself, 250 kB compressed and cached for ever by its name.
    chunkSizeWarningLimit: 1000,
  },
  server: { proxy: { '/api': { target }, '/openapi.json': { target } } },
});
