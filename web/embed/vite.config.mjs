import { defineConfig } from 'vite';

// One script without anything beside it: it runs on pages of which nothing is known.
export default defineConfig({
  build: {
    outDir: '../../dist/web/embed',
    emptyOutDir: true,
    lib: { entry: 'chat-room.ts', formats: ['iife'], name: 'ChatRoom', fileName: () => 'chat-room.js' },
  },
});
