import { execFile } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { gzipSync } from 'node:zlib';
import { createChat } from '../../src/client';
import { onCleanup } from '../support/cleanup';
import { eventually } from '../support/eventually';
import { startRedis } from '../support/redis';
import { startServer } from '../support/server';
import { examples } from './host-page';
import { buildPackage, bundle, emptyProduct } from './product';

const run = promisify(execFile);

let folder: string;
beforeAll(() => {
  folder = emptyProduct(['socket.io-client', 'react', 'react-dom']);
  buildPackage(join(folder, 'node_modules', 'chatfleet'));
}, 60_000);

const write = (name: string, text: string): void => writeFileSync(join(folder, name), text);
const fleet = async (): Promise<string> => (await startServer({ redisUrl: (await startRedis()).url })).url;

test('[EMBED-10] the client is small with all that it needs, and uses nothing of Node', async () => {
  write('main.js', "import { createChat } from 'chatfleet/client';\nglobalThis.chat = createChat();\n");
  write(
    'vite.config.js',
    "export default { build: { lib: { entry: 'main.js', formats: ['iife'], name: 'all' } } };",
  );
  await bundle(folder);
  const script = readFileSync(join(folder, 'out', 'product.iife.js'));
  expect(script.toString()).toContain('polling');
  expect(script.toString()).not.toMatch(/require\(|__vite-browser-external|"node:/);
  expect(gzipSync(script).length).toBeLessThan(25_000);
});

test('[EMBED-10] the package asks for nothing that servers need, and for React only if it is there', () => {
  const text = readFileSync(join(folder, 'node_modules', 'chatfleet', 'package.json'), 'utf8');
  const { dependencies, peerDependenciesMeta } = JSON.parse(text) as Record<string, object>;
  expect(Object.keys(dependencies!)).toEqual(['socket.io-client']);
  expect(peerDependenciesMeta).toEqual({ react: { optional: true } });
});

test('[EMBED-11] the 12 lines for the client chat', async () => {
  const url = await fleet();
  const example = examples('js', url).find((one) => one.includes('createChat'))!;
  expect(example.trim().split('\n').length).toBeLessThanOrEqual(12);
  write('chat.js', example);
  const jun = createChat({ url, name: 'jun' });
  onCleanup(() => jun.close());
  const lobby = jun.room('lobby');
  const child = run(process.execPath, ['chat.js'], { cwd: folder });
  onCleanup(() => child.child.kill());
  let said = '';
  child.child.stdout!.on('data', (data: string) => (said += data));
  child.catch(() => undefined);
  await eventually(() => expect(lobby.timeline().map(({ text }) => text)).toEqual(['hello']), 30_000);
  lobby.send('hello Ann');
  await eventually(() => expect(said).toBe('Ann: hello\njun: hello Ann\n'));
});

test('[EMBED-11] the lines for React show what is said, on a server too', async () => {
  const url = await fleet();
  write('messages.jsx', examples('jsx', url)[0]!.replaceAll(/^const /gm, 'export const '));
  write(
    'show.js',
    `import { createElement } from 'react';
     import { renderToStaticMarkup } from 'react-dom/server';
     import { chat, Messages, room } from './messages.jsx';
     room.send('<b>hello</b>');
     const ends = room.onChange(() => {
       if (room.timeline()[0]?.state !== 'committed') return;
       ends();
       console.log(renderToStaticMarkup(createElement(Messages)));
       chat.close();
     });`,
  );
  write('vite.config.js', "export default { oxc: { jsx: { runtime: 'automatic' } } };");
  await bundle(folder, '--ssr', 'show.js');
  const { stdout } = await run(process.execPath, ['out/show.js'], { cwd: folder, timeout: 30_000 });
  expect(stdout).toBe('<ul><li>Ann: &lt;b&gt;hello&lt;/b&gt;</li></ul>\n');
}, 120_000);
