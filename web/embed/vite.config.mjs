import { defineConfig } from 'vite';

// One script without anything beside it: it runs on pages of which nothing is known.
export default defineConfig({
  build: {
    outDir: '../../dist/web/embed',
    emptyOutDir: true,
    // They know light-dark(): what it is rewritten to for older ones does not follow the page around.
    cssTarget: ['chrome123', 'edge123', 'firefox120', 'safari17.5'],
    lib: { entry: 'chat-room.ts', formats: ['iife'], name: 'ChatRoom', fileName: () => 'chat-room.js' },
  },
});
