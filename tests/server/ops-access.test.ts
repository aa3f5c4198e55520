import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onCleanup } from '../support/cleanup';
import { ask } from '../support/nginx';
import { startOps, type TestOps } from '../support/ops';
import { freePortRun } from '../support/port-run';
import { startRedis } from '../support/redis';
import { uniquePrefix } from '../support/server';

let ops: TestOps;

/** The operator's side of a fleet that does not run. */
beforeAll(async () => {
  const folder = mkdtempSync(join(tmpdir(), 'chat-ops-pages-'));
  onCleanup(() => rmSync(folder, { recursive: true, force: true }));
  const pages = join(folder, 'ops');
  mkdirSync(join(pages, 'assets'), { recursive: true });
  writeFileSync(join(pages, 'ops.html'), 'the page');
  writeFileSync(join(folder, 'package.json'), 'not the page');
  const [redis, basePort] = [await startRedis(), await freePortRun(1)];
  ops = await startOps({ redis, keyPrefix: uniquePrefix(), basePort, servers: 1, pages });
});

test('[OPS-4] every figure but those of /metrics needs the token', async () => {
  const paths = ['/ops/live', '/ops/history?range=hour', '/ops/verdict?range=day&lang=ko'];
  for (const path of paths) {
    const said = await Promise.all(
      ['', 'Bearer', 'Bearer x', `Basic ${ops.token}`].map((authorization) =>
        fetch(ops.url + path, { headers: { authorization } }),
      ),
    );
    expect(said.map(({ status }) => status)).toEqual([401, 401, 401, 401]);
    expect((await ops.ask(path)).status).toBe(200);
  }
  expect((await ops.ask('/ops/history?range=year')).status).toBe(400);
  for (const path of ['/../package.json', '/assets/..%2f..%2fpackage.json', '/secrets.json', '/x'])
    expect([path, (await ops.ask(path)).status]).toEqual([path, 404]);
  expect((await fetch(ops.url, { method: 'POST', body: 'x' })).status).toBeGreaterThanOrEqual(400);
});

test('[OPS-4] a page whose name was made to lead here gets nothing', async () => {
  const statuses = (host: string) =>
    Promise.all(
      ['/ops', '/ops/live', '/metrics', '/livez', '/x'].map(async (path) => {
        const headers = { host, authorization: `Bearer ${ops.token}` };
        return (await ask(Number(new URL(ops.url).port), path, { headers })).status;
      }),
    );
  for (const host of ['evil.example', 'localhost.evil.example', '127.0.0.1.evil.example:8090', '10.0.0.1'])
    expect([host, await statuses(host)]).toEqual([host, [421, 421, 421, 421, 421]]);
  for (const host of ['localhost:9000', '127.0.0.1', '[::1]:8090'])
    expect([host, await statuses(host)]).toEqual([host, [200, 200, 200, 200, 404]]);
});
