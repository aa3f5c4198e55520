import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { request, type IncomingHttpHeaders, type RequestOptions } from 'node:http';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadSettings } from '../../src/config/load-settings';
import { nginxFiles, type NginxFiles } from '../../src/fleet/nginx';
import { renderNginx } from '../../src/fleet/nginx-render';
import type { Plan } from '../../src/fleet/plan';
import { PROGRAM_PATH } from '../../src/fleet/programs';
import { onCleanup } from './cleanup';
import { eventually } from './eventually';
import { freePortRun } from './port-run';

const template = readFileSync(join(__dirname, '..', '..', 'nginx', 'nginx.conf.template'), 'utf8');

/** A real nginx of the test's own, with the configuration of a plan. */
export interface TestNginx {
  port: number;
  files: NginxFiles;
  /** Folder of its page files. */
  pages: string;
  child: ChildProcess;
  /** All that it said so far. */
  log: () => string;
  /** What it would be configured with; with a changed template if one is given. */
  render: (changed?: (template: string) => string) => string;
}

export async function startNginx(plan: Plan, env: Record<string, string> = {}): Promise<TestNginx> {
  const varDir = mkdtempSync(join(tmpdir(), 'chat-nginx-'));
  const files = nginxFiles(varDir);
  const pages = join(varDir, 'web');
  const port = await freePortRun(1);
  mkdirSync(join(files.prefix, 'temp'), { recursive: true });
  mkdirSync(join(pages, 'assets'), { recursive: true });
  const { settings } = loadSettings({ HTTP_PORT: `${port}`, ...env });
  const around = { pages, descriptors: 4_096, ipv6Loopback: false, user: 'root' };
  const render = (changed = (text: string) => text): string =>
    renderNginx(
      changed(template),
      plan,
      settings,
      process.getuid?.() === 0 ? around : { ...around, user: undefined! },
    );
  writeFileSync(files.conf, render());
  onCleanup(() => rmSync(varDir, { recursive: true, force: true }));
  const { child, log } = runNginx(files);
  await eventually(() => ask(port, '/'));
  return { port, files, pages, child, log, render };
}

/** nginx in the foreground, until the test file is done. */
export function runNginx({ prefix, conf }: Pick<NginxFiles, 'prefix' | 'conf'>) {
  const child = spawn('nginx', ['-e', 'stderr', '-p', prefix, '-c', conf, '-g', 'daemon off;'], {
    cwd: prefix,
    env: { ...process.env, PATH: PROGRAM_PATH },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let log = '';
  child.stderr.on('data', (chunk: Buffer) => (log += chunk.toString()));
  onCleanup(async () => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    child.kill('SIGTERM');
    await once(child, 'exit');
  });
  return { child, log: (): string => log };
}

export interface Reply {
  status: number;
  headers: IncomingHttpHeaders;
  body: string;
}

/** One HTTP request on a connection of its own. */
export function ask(port: number, path: string, options: RequestOptions = {}, body?: Buffer): Promise<Reply> {
  return new Promise((resolve, reject) => {
    const outgoing = request({ host: '127.0.0.1', port, path, agent: false, ...options }, (incoming) => {
      const chunks: Buffer[] = [];
      incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
      incoming.on('error', reject);
      incoming.on('end', () =>
        resolve({
          status: incoming.statusCode!,
          headers: incoming.headers,
          body: Buffer.concat(chunks).toString('latin1'),
        }),
      );
    });
    outgoing.on('error', reject);
    outgoing.end(body);
  });
}

/** Asks for a WebSocket and resolves with the head of the answer; the socket stays open. */
export async function upgrade(
  port: number,
  path: string,
  host = 'chat',
): Promise<{ head: string; socket: Socket }> {
  const socket = connect(port, '127.0.0.1');
  onCleanup(() => socket.destroy());
  await once(socket, 'connect');
  socket.write(`GET ${path} HTTP/1.1\r\nHost: ${host}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n`);
  const [data] = (await once(socket, 'data')) as [Buffer];
  return { head: data.toString(), socket };
}
