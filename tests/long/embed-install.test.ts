import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { execFile } from 'node:child_process';
import { examples } from '../web/host-page';
import { buildPackage, buildTypes, emptyProduct, programOf } from '../web/product';
import { startSite } from '../web/site';

const run = promisify(execFile);

test('[EMBED-10] [EMBED-11] the commands of the manual install the client without the servers', async () => {
  const site = await startSite();
  const built = emptyProduct();
  buildPackage(join(built, 'package'));
  mkdirSync(join(site.pages, 'embed'));
  const file = join(site.pages, 'embed', 'chatfleet.tgz');
  execFileSync('tar', ['-czf', file, '-C', built, 'package']);
  const folder = emptyProduct();
  for (const block of examples('sh', site.url.replace(/\/$/, '')))
    await run('bash', ['-ec', block], { cwd: folder, timeout: 120_000 });
  const { stdout } = await run(
    'node',
    ['-e', "import('chatfleet/client').then(({ createChat }) => console.log(typeof createChat))"],
    {
      cwd: folder,
    },
  );
  expect(stdout).toBe('function\n');
  const { stdout: installed } = await run('ls', ['node_modules'], { cwd: folder });
  expect(installed).toContain('socket.io-client');
  expect(installed).not.toMatch(/fastify|pm2|redis|react/);
}, 300_000);

test('[EMBED-12] a strict application compiles with the types, as a module for Node and for a bundler', () => {
  const folder = emptyProduct(['socket.io-client', 'react', '@types/react', 'csstype']);
  const at = join(folder, 'node_modules', 'chatfleet');
  buildPackage(at);
  buildTypes(at);
  writeFileSync(
    join(folder, 'main.ts'),
    `import { createChat, type Room, type ShownMessage } from 'chatfleet/client';
     import { useHere, useTimeline } from 'chatfleet/react';
     const room: Room = createChat({ url: 'http://127.0.0.1:8080', token: async () => 'x' }).room('lobby');
     export const Texts = (): string[] => useTimeline(room).map(({ text }: ShownMessage) => text);
     export const count = (): number | undefined => useHere(room).count;
     // @ts-expect-error: a text is a string
     room.send(1);
     void room.members().then((page) => 'error' in page ? page.error.code : page.members[0]?.name);
     // @ts-expect-error: there is no such state
     export const odd = (message: ShownMessage): boolean => message.state === 'lost';`,
  );
  for (const module of ['nodenext', 'esnext']) {
    const moduleResolution = module === 'esnext' ? 'bundler' : module;
    const how = { module, moduleResolution, target: 'es2022', lib: ['es2022', 'dom'], types: [] };
    const compilerOptions = { strict: true, noEmit: true, ...how };
    writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions, files: ['main.ts'] }));
    execFileSync(process.execPath, [programOf('typescript', 'bin/tsc')], { cwd: folder, encoding: 'utf8' });
  }
}, 120_000);
