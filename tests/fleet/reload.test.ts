import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { dirname } from 'node:path';
import { FleetError } from '../../src/fleet/errors';
import { nginxFiles, testNginxConf } from '../../src/fleet/nginx';
import { fleetProcesses } from '../../src/fleet/processes';
import { reloadNginx } from '../../src/fleet/reload';
import { onCleanup } from '../support/cleanup';
import { ask, startNginx, upgrade, type TestNginx } from '../support/nginx';
import { freePortRun } from '../support/port-run';
import { startStandIn } from '../support/stand-in';

let nginx: TestNginx;

beforeAll(async () => {
  const basePort = await freePortRun(1);
  await startStandIn(basePort);
  nginx = await startNginx({ servers: 1, basePort });
});

const pids = (): number[] => fleetProcesses(dirname(nginx.files.prefix)).map(({ pid }) => pid);
const conf = (): string => readFileSync(nginx.files.conf, 'utf8');

async function refusal(text: string): Promise<FleetError> {
  const error = await reloadNginx(text, nginx.files).then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (error instanceof FleetError) return error;
  throw new Error(`expected a refusal, got ${String(error)}`);
}

test('[NGINX-14] a configuration that nginx refuses is not put in place, and the message says why', async () => {
  const [before, processes] = [conf(), pids()];
  const broken = nginx.render((template) => template.replace('{{balance}}', 'ip_hash_of_nothing;'));
  const error = await refusal(broken);
  expect(error.message).toContain('ip_hash_of_nothing');
  expect(error.unchanged).toBe('The old configuration stays in use.');
  expect(() => testNginxConf(broken, nginx.files)).toThrow(FleetError);
  expect(conf()).toBe(before);
  expect(pids()).toEqual(processes);
  expect((await ask(nginx.port, '/livez')).status).toBe(200);
});

test('[NGINX-15] when nginx fails to take a tested configuration over, the old one is put back', async () => {
  const holder = createServer().listen(0, '127.0.0.1');
  onCleanup(() => holder.close());
  await once(holder, 'listening');
  const { port } = holder.address() as AddressInfo;
  const before = conf();
  const taken = before.replace(`listen 127.0.0.1:${nginx.port} `, `listen 127.0.0.1:${port} `);
  expect(taken).not.toBe(before);
  expect((await refusal(taken)).message).toContain('did not take the new configuration over');
  expect(conf()).toBe(before);
  expect((await ask(nginx.port, '/livez')).status).toBe(200);
}, 20_000);

test('[NGINX-16] a reload changes the configuration and keeps open WebSockets', async () => {
  const { socket } = await upgrade(nginx.port, '/socket.io/?transport=websocket');
  const changed = nginx.render((template) => template.replace('no-referrer', 'same-origin'));
  await reloadNginx(changed, nginx.files);
  expect((await ask(nginx.port, '/')).headers['referrer-policy']).toBe('same-origin');
  socket.write('still here');
  expect(String((await once(socket, 'data'))[0])).toBe('still here');
});

test('[NGINX-17] without a running nginx there is nothing to reload', async () => {
  await expect(reloadNginx(conf(), nginxFiles('/nonexistent'))).rejects.toThrow('nginx does not run');
});
