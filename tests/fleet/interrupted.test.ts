import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onCleanup } from '../support/cleanup';
import { projectRoot } from '../support/fleet';

/** A command that waits until it is interrupted, and says so in a file, because its terminal may be gone. */
const command = `
  const { writeFileSync } = require('node:fs');
  const { interruption, showError, showStep } = require('./dist/cli/output.js');
  const stop = interruption('All is as it was.');
  const ending = setInterval(() => undefined, 1000);
  stop.addEventListener('abort', async () => {
    for (let i = 0; i < 3; i++) await showStep('undo', () => new Promise((done) => setTimeout(done, 20, 'undone')));
    const code = showError(stop.reason);
    writeFileSync(process.env.RESULT, String(code));
    clearInterval(ending);
  });
  process.stdout.write('ready');
`;

async function interrupted(signal: NodeJS.Signals, isTerminalGone: boolean) {
  const folder = mkdtempSync(join(tmpdir(), 'chat-interrupted-'));
  onCleanup(() => rmSync(folder, { recursive: true, force: true }));
  const result = join(folder, 'result');
  const child = spawn(process.execPath, ['-e', command], {
    cwd: projectRoot,
    env: { ...process.env, RESULT: result },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  onCleanup(() => child.kill('SIGKILL'));
  let said = '';
  child.stderr.on('data', (chunk: Buffer) => (said += chunk.toString()));
  await once(child.stdout, 'data');
  if (isTerminalGone) for (const stream of [child.stdout, child.stderr]) stream.destroy();
  child.kill(signal);
  const [code, by] = (await once(child, 'close')) as [number | null, string | null];
  return { code, by, said, result: readFileSync(result, 'utf8') };
}

test('[CLI-9] an interrupted command undoes what it began, and says what holds now', async () => {
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    const { said, ...rest } = await interrupted(signal, false);
    expect(rest).toEqual({ code: 0, by: null, result: '130' });
    expect(said).toMatch(/^(ok {4}undo .* undone\n){3}\nInterrupted\. All is as it was\.\n$/);
  }
});

test('[CLI-9] a terminal that is gone does not end the undo', async () => {
  expect(await interrupted('SIGHUP', true)).toMatchObject({ code: 0, by: null, result: '130' });
});
