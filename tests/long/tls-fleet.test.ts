import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect as connectTls } from 'node:tls';
import { onCleanup } from '../support/cleanup';
import { selfMadeCertificate } from '../support/certificate';
import { testFleet } from '../support/fleet';
import { connected } from '../support/server';

test('[NGINX-29] a fleet with a certificate says its https address, is healthy, and takes stock clients', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'chat-tls-'));
  onCleanup(() => rmSync(folder, { recursive: true, force: true }));
  const fleet = await testFleet(2);
  Object.assign(fleet.env, selfMadeCertificate(folder));
  const url = `https://127.0.0.1:${fleet.httpPort}`;
  const up = await fleet.run(['up']);
  expect(up).toMatchObject({ code: 0, stdout: `2 servers up. Chat: ${url}/\n` });
  expect(await fleet.status()).toMatchObject({ healthy: true, url: `${url}/` });

  const tls = { ca: readFileSync(fleet.env.TLS_CERT!) };
  for (const transport of ['polling', 'websocket'])
    expect((await connected(url, { ...tls, transports: [transport] } as object)).hello.user.id).toBeDefined();

  const shown = () =>
    new Promise<string>((resolve, reject) => {
      const socket = connectTls(
        { port: fleet.httpPort, host: '127.0.0.1', rejectUnauthorized: false },
        () => {
          resolve(socket.getPeerCertificate().fingerprint256);
          socket.destroy();
        },
      );
      socket.on('error', reject);
    });
  const before = await shown();
  selfMadeCertificate(folder);
  expect((await fleet.run(['nginx', 'reload'])).code).toBe(0);
  expect(await shown()).not.toBe(before);
}, 120_000);
