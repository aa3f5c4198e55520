import { readFileSync } from 'node:fs';
import { defineConfig } from 'vite';

const inside = './dist/package/';

/** What applications install: the entries of the whole package, without the servers and what those need. */
function packageJson() {
  const all = JSON.parse(readFileSync('package.json', 'utf8'));
  const { name, version, license, exports, peerDependencies, peerDependenciesMeta } = all;
  const dependencies = { 'socket.io-client': all.dependencies['socket.io-client'] };
  const small = { name, version, license, exports, dependencies, peerDependencies, peerDependenciesMeta };
  return JSON.stringify(small, null, 2).replaceAll(inside, './');
}

export default defineConfig({
  plugins: [
    {
      name: 'package-json',
      generateBundle() {
        this.emitFile({ type: 'asset', fileName: 'package.json', source: packageJson() });
      },
    },
  ],
  build: {
    outDir: inside,
    emptyOutDir: true,
    minify: false,
    lib: { entry: { client: 'src/client/index.ts', react: 'src/react/index.ts' }, formats: ['es'] },
    rolldownOptions: {
      external: ['socket.io-client', 'react'],
      output: { entryFileNames: '[name].mjs', chunkFileNames: '[name].mjs' },
    },
  },
});
