import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readSecrets } from '../../src/config/secrets';
import { recordFolder } from '../../src/fleet/record-folder';
import { formatLine, recordHeader, type RecordLine } from '../../src/monitor/line';
import { openOps } from '../../src/monitor/ops/ops';
import { recordFile } from '../../src/monitor/record';
import { onCleanup } from './cleanup';
import { eventually } from './eventually';
import type { TestRedis } from './redis';
import { testSettings } from './server';

export interface TestOps {
  url: string;
  token: string;
  /** Asks as the page does. */
  ask: (path: string) => Promise<Response>;
  json: <T>(path: string) => Promise<T>;
  metrics: () => Promise<string>;
}

export interface OpsFleet {
  redis: Pick<TestRedis, 'url'>;
  keyPrefix: string;
  basePort: number;
  servers: number;
  lines?: RecordLine[];
  pages?: string;
}

/** The operator's side of a fleet with this plan and this record, inside the test's process. */
export async function startOps(fleet: OpsFleet): Promise<TestOps> {
  const varDir = mkdtempSync(join(tmpdir(), 'chat-ops-'));
  onCleanup(() => rmSync(varDir, { recursive: true, force: true }));
  const { servers, basePort } = fleet;
  writeFileSync(join(varDir, 'fleet.json'), JSON.stringify({ servers, basePort }));
  writeRecord(recordFolder(varDir), fleet.lines ?? []);
  const { keyPrefix, redis } = fleet;
  const { http, close } = openOps(
    testSettings({ varDir, keyPrefix, redisUrl: redis.url }),
    fleet.pages ?? varDir,
  );
  onCleanup(close);
  await http.listen({ host: '127.0.0.1', port: 0 });
  const url = `http://127.0.0.1:${(http.server.address() as AddressInfo).port}`;
  const token = readSecrets(varDir).opsToken;
  const ask = (path: string) => fetch(url + path, { headers: { authorization: `Bearer ${token}` } });
  await eventually(async () => expect((await ask('/ops/live')).status).toBe(200));
  return {
    url,
    token,
    ask,
    json: async <T>(path: string) => (await ask(path)).json() as Promise<T>,
    metrics: async () => (await fetch(`${url}/metrics`)).text(),
  };
}

function writeRecord(folder: string, lines: RecordLine[]): void {
  mkdirSync(folder, { recursive: true });
  const files = new Map<string, string[]>();
  for (const line of lines) {
    const file = recordFile(folder, line.at);
    files.set(file, [...(files.get(file) ?? [recordHeader]), formatLine(line)]);
  }
  for (const [file, texts] of files) writeFileSync(file, `${texts.join('\n')}\n`);
}
