import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadSettings } from '../../src/config/load-settings';
import { serversReady } from '../../src/fleet/checks';
import { resized, serverAt, serversOf } from '../../src/fleet/plan';
import { takenPorts } from '../../src/fleet/ports';
import { changeOf, drainServer, turnDoors, type Change } from '../../src/fleet/running';
import { onCleanup } from '../support/cleanup';
import { freePortRun } from '../support/port-run';
import { startStandIn, type StandIn } from '../support/stand-in';
import { statsOf } from '../support/stats';

let basePort: number;
let foreign: StandIn;
let change: Change;

/** The server that the fleet believes to be there. */
const server = () => serverAt({}, foreign.port);

beforeAll(async () => {
  basePort = await freePortRun(5);
  foreign = await startStandIn(basePort + 1);
  const varDir = mkdtempSync(join(tmpdir(), 'chat-foreign-'));
  onCleanup(() => rmSync(varDir, { recursive: true, force: true }));
  const how = { step: () => Promise.resolve(), stop: new AbortController().signal, withinMs: 1_000 };
  change = changeOf(loadSettings({ VAR_DIR: varDir }), how);
});

const answers = (status: number, body: string): void => {
  foreign.answer = (_, response) => void response.writeHead(status).end(body);
};

test('[SCALE-17] new servers take no port that another program has', async () => {
  const plan = { servers: 1, basePort };
  const taken = await takenPorts(plan, 2, change.settings, [basePort + 2]);
  const ports = serversOf(resized(plan, 3, taken)).map(({ port }) => port);
  expect(ports).toEqual([basePort, basePort + 3, basePort + 4]);
});

test('[SCALE-17] a program that answers on the port of a server is not taken for it', async () => {
  answers(200, 'ok');
  await expect(serversReady([server()], AbortSignal.timeout(500))).rejects.toThrow();
  answers(200, JSON.stringify(statsOf({ name: server().name })));
  await expect(serversReady([server()], AbortSignal.timeout(5_000))).resolves.toContain('1 of 1');
});

test('[SCALE-17] it is left alone like a server that does not answer, whatever it answers', async () => {
  for (const [status, body] of [
    [401, ''],
    [404, ''],
    [500, ''],
    [200, 'ok'],
    [200, '{}'],
    [200, 'null'],
  ] as const) {
    answers(status, body);
    expect(await drainServer(server(), 'deploy', change)).toContain('does not answer');
    await turnDoors([server()], 'close', change);
  }
});

test('[SCALE-17] a server that refuses is none of these', async () => {
  foreign.answer = ({ url }, response) =>
    void (url === '/stats'
      ? response.end(JSON.stringify(statsOf({ name: server().name })))
      : response.writeHead(401).end());
  await expect(drainServer(server(), 'deploy', change)).rejects.toThrow('other secrets');
  await expect(turnDoors([server()], 'close', change)).rejects.toThrow('other secrets');
});
