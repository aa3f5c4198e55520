import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vite';
import page from './vite.config.mjs';

// The operator's page, in a folder of its own: nginx gives to everybody what lies in that of the chat page.
export default defineConfig({
  ...page,
  build: {
    ...page.build,
    outDir: '../dist/ops',
    rollupOptions: { input: fileURLToPath(new URL('ops.html', import.meta.url)) },
  },
});
