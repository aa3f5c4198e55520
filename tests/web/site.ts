import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Settings } from '../../src/config/settings';
import { renderNginx } from '../../src/fleet/nginx-render';
import { onCleanup } from '../support/cleanup';
import { eventually } from '../support/eventually';
import { freePort } from '../support/ports';
import { startRedis, type TestRedis } from '../support/redis';
import { startServer, testSettings, uniquePrefix, type TestServer } from '../support/server';

const root = join(__dirname, '..', '..');

/** The page, built from its source, behind the project's own nginx with two real servers. */
export interface Site {
  url: string;
  servers: [TestServer, TestServer];
  redis: TestRedis;
  /** The folder of the built page. */
  pages: string;
  /** Takes the whole site off the net, and brings it back. */
  cut(): Promise<void>;
  restore(): Promise<void>;
  /** Ends both servers while nginx goes on to give the page; the result brings them back. */
  stopServers(): Promise<() => Promise<void>>;
}

export async function startSite(settings: Partial<Settings> = {}): Promise<Site> {
  const folder = mkdtempSync(join(tmpdir(), 'chat-site-'));
  onCleanup(() => rmSync(folder, { recursive: true, force: true }));
  const pages = join(folder, 'pages');
  const vite = join(root, 'node_modules', 'vite', 'bin', 'vite.js');
  // Jest says NODE_ENV=test, for which React would be built with its checks.
  const env = { ...process.env, NODE_ENV: 'production' };
  execFileSync(process.execPath, [vite, 'build', join(root, 'web'), '--outDir', pages], {
    stdio: 'pipe',
    env,
  });

  const redis = await startRedis();
  const basePort = await twoFreePorts();
  const options = { redisUrl: redis.url, settings: { keyPrefix: uniquePrefix(), ...settings } };
  const start = (port: number) => startServer({ ...options, port, name: `chat-${port}` });
  const servers: Site['servers'] = [await start(basePort), await start(basePort + 1)];

  const httpPort = await freePort();
  const nginx = nginxIn(folder, configuration(basePort, httpPort, pages));
  const url = `http://127.0.0.1:${httpPort}/`;
  const restore = async (): Promise<void> => {
    nginx.start();
    await eventually(async () => expect((await fetch(`${url}readyz`)).status).toBe(200));
  };
  onCleanup(nginx.stop);
  await restore();
  const stopServers = async () => {
    await Promise.all(servers.map(({ stop }) => stop()));
    return async (): Promise<void> => {
      servers[0] = await start(basePort);
      servers[1] = await start(basePort + 1);
    };
  };
  return { url, servers, redis, pages, cut: nginx.stop, restore, stopServers };
}

function configuration(basePort: number, httpPort: number, pages: string): string {
  const template = readFileSync(join(root, 'nginx', 'nginx.conf.template'), 'utf8');
  const around = { pages, descriptors: 4_096, ipv6Loopback: false };
  const user = process.getuid?.() === 0 ? { user: 'root' } : {};
  return renderNginx(template, { servers: 2, basePort }, testSettings({ httpPort }), { ...around, ...user });
}

function nginxIn(prefix: string, conf: string) {
  mkdirSync(join(prefix, 'temp'));
  writeFileSync(join(prefix, 'nginx.conf'), conf);
  const args = ['-e', 'stderr', '-p', prefix, '-c', join(prefix, 'nginx.conf'), '-g', 'daemon off;'];
  let child: ChildProcess | undefined;
  return {
    start: (): void => {
      child = spawn('nginx', args, { stdio: 'ignore' });
    },
    stop: async (): Promise<void> => {
      if (!child || child.exitCode !== null || child.signalCode !== null) return;
      const gone = once(child, 'exit');
      child.kill('SIGTERM');
      await gone;
    },
  };
}

/** The first of two neighbouring ports that are free: a plan numbers its servers without a hole. */
async function twoFreePorts(): Promise<number> {
  return eventually(async () => {
    const port = await freePort();
    const neighbour = createServer().listen(port + 1, '127.0.0.1');
    await once(neighbour, 'listening');
    neighbour.close();
    await once(neighbour, 'close');
    return port;
  });
}
