import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onCleanup } from './cleanup';
import { eventually } from './eventually';
import { freePort } from './ports';

/** A real redis-server of the test's own: append-only file, loopback, a free port. */
export interface TestRedis {
  port: number;
  url: string;
  /** The pid of the running process. */
  pid(): number;
  /** kill -9, and wait until it is gone. */
  kill(): Promise<void>;
  freeze(): void;
  thaw(): void;
  /** Starts it again on the same port and files; `args` hold for this time. Resolves when it answers. */
  start(...args: string[]): Promise<void>;
  /** Copies its files as they are now. */
  save(): void;
  /** kill -9, and starts it again with the files as they were when saved. */
  goBack(): Promise<void>;
}

export async function startRedis(...args: string[]): Promise<TestRedis> {
  const port = await freePort();
  const dir = mkdtempSync(join(tmpdir(), 'chat-redis-'));
  const saved = `${dir}-saved`;
  let child: ChildProcess | undefined;

  const redis: TestRedis = {
    port,
    url: `redis://127.0.0.1:${port}`,
    pid: () => child!.pid!,
    freeze: () => child!.kill('SIGSTOP'),
    thaw: () => child!.kill('SIGCONT'),
    kill: async () => {
      if (!child || !isRunning(child)) return;
      const gone = once(child, 'exit');
      child.kill('SIGKILL');
      await gone;
    },
    save: () => {
      rmSync(saved, { recursive: true, force: true });
      cpSync(dir, saved, { recursive: true });
    },
    goBack: async () => {
      await redis.kill();
      rmSync(dir, { recursive: true });
      cpSync(saved, dir, { recursive: true });
      await redis.start();
    },
    start: async (...more) => {
      if (child && isRunning(child)) return;
      const options = [
        '--port',
        `${port}`,
        '--bind',
        '127.0.0.1',
        '--dir',
        dir,
        '--save',
        '',
        '--appendonly',
        'yes',
        // Not everysec: while a disk is busy that puts writes off, and kill -9 would lose what was acknowledged.
        '--appendfsync',
        'no',
      ];
      child = spawn('redis-server', [...options, ...args, ...more], { stdio: 'ignore' });
      await eventually(() => answers(port));
    },
  };
  onCleanup(async () => {
    await redis.kill();
    for (const each of [dir, saved]) rmSync(each, { recursive: true, force: true });
  });
  await redis.start();
  return redis;
}

const isRunning = ({ exitCode, signalCode }: ChildProcess): boolean =>
  exitCode === null && signalCode === null;

async function answers(port: number): Promise<void> {
  const socket = connect(port, '127.0.0.1');
  try {
    await once(socket, 'connect');
    socket.write('PING\r\n');
    const [data] = (await once(socket, 'data')) as [Buffer];
    if (!data.toString().startsWith('+PONG')) throw new Error(`redis says ${data.toString()}`);
  } finally {
    socket.destroy();
  }
}
