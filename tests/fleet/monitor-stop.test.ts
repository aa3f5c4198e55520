import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { recordFolder } from '../../src/fleet/record-folder';
import { readRecord } from '../../src/monitor/record';
import { onCleanup } from '../support/cleanup';
import { eventually } from '../support/eventually';
import { projectRoot } from '../support/fleet';
import { freePort } from '../support/ports';
import { startStandIn } from '../support/stand-in';

test('[RECORD-11] a monitor that is stopped writes what it has seen since its last lines', async () => {
  const varDir = mkdtempSync(join(tmpdir(), 'chat-monitor-'));
  onCleanup(() => rmSync(varDir, { recursive: true, force: true }));
  const server = await startStandIn(await freePort());
  writeFileSync(join(varDir, 'fleet.json'), JSON.stringify({ servers: 1, basePort: server.port }));
  const monitor = spawn(process.execPath, [join(projectRoot, 'dist', 'monitor', 'main.js')], {
    env: { ...process.env, VAR_DIR: varDir, RECORD_SECONDS: '3600' },
    stdio: 'ignore',
  });
  onCleanup(() => void monitor.kill('SIGKILL'));
  // Whoever looks for the second time has seen something the first time.
  await eventually(() => expect(server.seen.length).toBeGreaterThan(1), 20_000);
  const ended = once(monitor, 'exit');
  monitor.kill('SIGTERM');
  expect(await ended).toEqual([0, null]);
  expect(readRecord(recordFolder(varDir), 0, Date.now())).toMatchObject([
    { server: `chat-${server.port}`, state: 'no answer' },
  ]);
});
