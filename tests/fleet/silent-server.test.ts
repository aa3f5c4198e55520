import { readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { takeLock } from '../../src/fleet/lock';
import { endpointOf } from '../../src/fleet/address';
import { silentServers } from '../../src/fleet/nginx';
import { serversOf, type Plan } from '../../src/fleet/plan';
import { SILENT_AFTER } from '../../src/monitor/silence';
import { UpstreamWatch } from '../../src/monitor/upstreams';
import { onCleanup } from '../support/cleanup';
import { ask, startNginx, type TestNginx } from '../support/nginx';
import { freePortRun } from '../support/port-run';
import { startStandIn, type StandIn } from '../support/stand-in';

let plan: Plan;
let nginx: TestNginx;
let varDir: string;
let silent: StandIn;
const said: string[] = [];

beforeAll(async () => {
  plan = { servers: 2, basePort: await freePortRun(2) };
  [silent] = (await Promise.all(serversOf(plan).map(({ port }) => startStandIn(port)))) as [StandIn];
  nginx = await startNginx(plan);
  varDir = dirname(nginx.files.prefix);
  jest.spyOn(console, 'error').mockImplementation((what: unknown) => void said.push(String(what)));
});

const newWatch = (): UpstreamWatch => new UpstreamWatch(varDir, () => serversOf(plan));
const conf = (): string => readFileSync(nginx.files.conf, 'utf8');
const down = (): string[] => [...conf().matchAll(/:(\d+) max_fails=0 down;/g)].map(([, port]) => port!);
const networks = Array.from({ length: 8 }, (_, i) => `127.${1 + i * 3}.0.1`);
const servedBy = async (): Promise<Set<string>> => {
  const replies = networks.map((localAddress) =>
    ask(nginx.port, '/socket.io/?EIO=4&transport=websocket', { localAddress }),
  );
  return new Set((await Promise.all(replies)).map(({ body }) => body));
};

test('[NGINX-30] a silent server gets no newcomers, whatever command is at work and whatever failed before', async () => {
  const lock = await takeLock(join(varDir, 'fleet.lock'));
  onCleanup(() => lock!.release());
  const usual = silent.answer;
  silent.answer = () => undefined;
  const watch = newWatch();
  for (let round = 1; round < SILENT_AFTER; round++) await watch.look();
  expect([silentServers(varDir), down()]).toEqual([[], []]);

  const good = conf();
  writeFileSync(nginx.files.conf, `${good}nonsense;`);
  await watch.look();
  expect(said.join()).toContain('nginx does not accept the new configuration');
  expect([silentServers(varDir), down()]).toEqual([[endpointOf(silent)], []]);

  writeFileSync(nginx.files.conf, good);
  await watch.look();
  expect(down()).toEqual([`${silent.port}`]);
  expect(await servedBy()).toEqual(new Set([`${plan.basePort + 1}`]));

  const next = newWatch();
  await next.look();
  expect(down()).toEqual([`${silent.port}`]);
  silent.answer = usual;
  await next.look();
  expect([silentServers(varDir), down()]).toEqual([[], []]);
}, 60_000);
