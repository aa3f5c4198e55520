import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { io, type ManagerOptions, type Socket, type SocketOptions } from 'socket.io-client';
import { type Settings } from '../../src/config/settings';
import { loadSettings } from '../../src/config/load-settings';
import { tokenSecretOf } from '../../src/config/token-secret';
import { isPlaced, type Entry } from '../../src/protocol/entries';
import type { ClientToServer, ServerToClient } from '../../src/protocol/events';
import { createServer, type ChatServer } from '../../src/server/server';
import type { Gauge } from '../../src/server/edge/load';
import { onCleanup } from './cleanup';
import { TestGauge } from './gauge';

export interface TestServer extends ChatServer {
  name: string;
  port: number;
  url: string;
}

export interface TestServerOptions {
  redisUrl: string;
  name?: string;
  port?: number;
  settings?: Partial<Settings>;
  /** One of its own, if it is missing. */
  outboxFolder?: string;
  /** A calm one by default. */
  load?: Gauge;
}

let count = 0;
const guestSecret = 'a secret of the tests';
export const tokenSecret = 'another secret of the tests, of 32 bytes or more';
export const operatorSecret = 'one more secret of the tests';

/** Settings of a test: silent, without rate limits, with keys of its own in Redis. */
export function testSettings(overrides: Partial<Settings> = {}): Settings {
  const { settings } = loadSettings({});
  return { ...settings, logLevel: process.env.LOG_LEVEL ?? 'silent', sendsPerSecond: 0, ...overrides };
}

export const uniquePrefix = (): string => `test-${randomBytes(6).toString('hex')}:`;

/** A folder in which servers of a test keep what they cannot append. */
export function outboxFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'chat-outbox-'));
  onCleanup(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** A real chat server inside the test's process. */
export async function startServer(options: TestServerOptions): Promise<TestServer> {
  const name = options.name ?? `chat-test-${++count}`;
  const { redisUrl } = options;
  const settings = testSettings(options.settings);
  const secrets = { redisPassword: '', guestSecret, tokenSecret, operatorSecret, opsToken: '' };
  const server = await createServer({
    name,
    settings,
    redisUrl,
    guestSecret,
    tokenSecret: tokenSecretOf(settings, secrets),
    outboxFolder: options.outboxFolder ?? outboxFolder(),
    operatorSecret,
    version: 'test',
    load: options.load ?? new TestGauge(),
  });
  const port = await server.listen(options.port ?? 0);
  let stopped: Promise<void> | undefined;
  const stop = (): Promise<void> => (stopped ??= server.stop());
  onCleanup(stop);
  return { ...server, stop, name, port, url: `http://127.0.0.1:${port}` };
}

export type TestClient = Socket<ServerToClient, ClientToServer>;

/** A stock Socket.IO client; its end is registered. */
export function connect(url: string, options: Partial<ManagerOptions & SocketOptions> = {}): TestClient {
  const socket: TestClient = io(url, { forceNew: true, reconnection: false, ...options });
  onCleanup(() => socket.disconnect());
  return socket;
}

/** The next event of this name. */
export function next<E extends keyof ServerToClient>(socket: TestClient, event: E, withinMs = 10_000) {
  type Payload = Parameters<ServerToClient[E]>[0];
  return new Promise<Payload>((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`no ${event} within ${withinMs} ms`)), withinMs);
    // The client's typings cannot follow an event name that is a type parameter.
    (socket as unknown as Socket).once(event as string, (payload: Payload) => {
      clearTimeout(timer);
      resolve(payload);
    });
  });
}

/** Every entry that this client is sent from now on. */
export function collect(socket: TestClient) {
  const entries: Entry[] = [];
  socket.on('messages', (batch) => entries.push(...batch.filter(isPlaced)));
  return entries;
}

/** A stock client that has got its `hello`. */
export async function connected(url: string, options: Partial<ManagerOptions & SocketOptions> = {}) {
  const socket = connect(url, options);
  const entries = collect(socket); // before hello: what follows it may come in the same packet
  const refused = new Promise<never>((_, reject) => socket.once('connect_error', reject));
  const hello = await Promise.race([next(socket, 'hello'), refused]);
  return { socket, hello, entries };
}
