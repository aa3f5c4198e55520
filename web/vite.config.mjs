import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';

// The page runs under `default-src 'self'`: no inline script (the preload polyfill is one), nothing as a data: URL.
export default defineConfig({
  base: './',
  plugins: [react()],
  build: {
    outDir: '../dist/web',
    emptyOutDir: true,
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
  },
});
