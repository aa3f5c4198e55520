import { execFileSync } from 'node:child_process';
import { appendFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { onCleanup } from '../support/cleanup';
import { eventually } from '../support/eventually';
import { enter, gather, named, newRoom, startServers, type Person } from '../support/person';
import { startRedis, type TestRedis } from '../support/redis';
import { redisClient, type RedisClient } from '../support/redis-client';
import type { TestServer } from '../support/server';
import { startProxy, type TcpProxy } from '../support/tcp-proxy';

/** Every way in which Redis can fail a send, seen from two servers that reach it through a proxy. */
let redis: TestRedis;
let admin: RedisClient;
let proxy: TcpProxy;
let one: TestServer;
let two: TestServer;
let ann: Person;
let ben: Person;
let room: string;

const QUEUED_WITHIN_MS = 1_500;
const HEALED_WITHIN_MS = 15_000;

/** Mounting a file system of its own takes root. */
const ownDisk = process.env.ALL !== undefined && process.getuid?.() === 0;
let disk: string;

function mount(): void {
  disk = mkdtempSync(join(tmpdir(), 'chat-disk-'));
  execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=4m', 'tmpfs', disk]);
  onCleanup(() => {
    execFileSync('umount', [disk]);
    rmSync(disk, { recursive: true });
  });
}

/** Writes until there is no space left. */
function fill(file: string): void {
  const block = Buffer.alloc(4_096);
  try {
    for (;;) appendFileSync(file, block);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error;
  }
}

beforeAll(async () => {
  if (ownDisk) mount();
  redis = await startRedis('--enable-debug-command', 'yes', ...(ownDisk ? ['--dir', disk] : []));
  admin = await redisClient(redis);
  proxy = await startProxy(redis.port);
  [one, two] = (await startServers({ ...redis, url: proxy.url }, 2)) as [TestServer, TestServer];
  [ann, ben] = [await enter(one, named('Ann')), await enter(two, named('Ben'))];
  room = newRoom();
  await gather(room, ann, ben);
});

const say = (...command: string[]) => admin.sendCommand(command);
const nothing = (): Promise<void> => Promise.resolve();

let loaded: Promise<void>;

interface Fault {
  how: string;
  begin: () => Promise<unknown>;
  end: () => Promise<unknown>;
}

const faults: Fault[] = [
  { how: 'frozen', begin: async () => redis.freeze(), end: async () => redis.thaw() },
  {
    how: 'out of memory',
    begin: () => say('CONFIG', 'SET', 'maxmemory', '1mb'),
    end: () => say('CONFIG', 'SET', 'maxmemory', '0'),
  },
  { how: 'half open', begin: async () => proxy.swallow(true), end: async () => proxy.swallow(false) },
];

const more: Fault[] = [
  { how: 'killed', begin: () => redis.kill(), end: () => redis.start() },
  {
    how: 'busy for three seconds',
    begin: async () => void say('DEBUG', 'SLEEP', '3').catch(nothing),
    end: () => sleep(0),
  },
  { how: 'slow', begin: async () => proxy.slowDown(1_500), end: async () => proxy.slowDown(0) },
  { how: 'cut off', begin: async () => proxy.pause(), end: async () => proxy.resume() },
  {
    how: 'read-only',
    begin: () => say('REPLICAOF', '127.0.0.1', '1'),
    end: () => say('REPLICAOF', 'NO', 'ONE'),
  },
  {
    how: 'without rights for scripts',
    begin: () => say('ACL', 'SETUSER', 'default', '-eval', '-evalsha'),
    end: () => say('ACL', 'SETUSER', 'default', '+eval', '+evalsha'),
  },
  {
    how: 'without rights for keys',
    begin: () => say('ACL', 'SETUSER', 'default', 'resetkeys'),
    end: () => say('ACL', 'SETUSER', 'default', 'allkeys'),
  },
  {
    how: 'loading its file',
    begin: async () => {
      for (let i = 0; i < 40; i++) await say('SET', `ballast ${i}`, 'x'.repeat(1_000));
      await redis.kill();
      const slowly = ['--key-load-delay', '5000', '--loading-process-events-interval-bytes', '1024'];
      loaded = redis.start(...slowly);
    },
    end: () => loaded,
  },
];

const full: Fault[] = ownDisk
  ? [
      {
        how: 'without space on its disk',
        begin: async () => {
          fill(join(disk, 'ballast'));
          await say('SET', 'ballast', 'x'.repeat(10_000)).catch(nothing);
        },
        end: async () => rmSync(join(disk, 'ballast')),
      },
    ]
  : [];

test.each(process.env.ALL ? [...faults, ...more, ...full] : faults)(
  '[AWAY-1] Redis is $how: sends are queued within 1.5 s, and it heals by itself',
  async ({ how, begin, end }) => {
    await ann.accepted('sendMessage', { room, text: `before ${how}` });
    await begin();
    const texts: string[] = [];
    try {
      for (const person of [ann, ben, ann]) {
        const text = `${how} ${texts.length}`;
        const start = performance.now();
        const answer = await person.accepted('sendMessage', { room, text, id: text.replace(/\W/g, '-') });
        expect(performance.now() - start).toBeLessThanOrEqual(QUEUED_WITHIN_MS);
        expect(answer).toMatchObject({ status: 'queued' });
        texts.push(text);
      }
      const response = await fetch(`${one.url}/readyz`);
      expect([response.status, await response.json()]).toEqual([200, { state: 'degraded' }]);
    } finally {
      await end();
    }
    await eventually(() => {
      for (const person of [ann, ben])
        for (const text of texts) expect(person.texts(room).filter((each) => each === text)).toEqual([text]);
      expect([one.stats().state, two.stats().state]).toEqual(['ok', 'ok']);
    }, HEALED_WITHIN_MS);
    for (const person of [ann, ben]) expect(person.run(room).faults).toEqual([]);
    // In the order of each sender.
    const mine = ann.texts(room).filter((text) => texts.includes(text));
    expect(mine.indexOf(texts[0]!)).toBeLessThan(mine.indexOf(texts[2]!));
  },
);
