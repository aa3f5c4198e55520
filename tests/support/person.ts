import { randomBytes } from 'node:crypto';
import type { ManagerOptions, Socket, SocketOptions } from 'socket.io-client';
import type { Settings } from '../../src/config/settings';
import type { WireError } from '../../src/protocol/codes';
import {
  isPending,
  isPlaced,
  textOf,
  type Entry,
  type PageMessage,
  type PendingMessage,
  type Position,
} from '../../src/protocol/entries';
import type {
  Answer,
  ClientToServer,
  Gap,
  Hello,
  HistoryAnswer,
  JoinAnswer,
  MembersAnswer,
  ReadAnswer,
  RoomRow,
  SendAnswer,
} from '../../src/protocol/events';
import { eventually } from './eventually';
import { runOf, type Run } from './run';
import type { TestRedis } from './redis';
import { connect, outboxFolder, startServer, uniquePrefix, type TestClient, type TestServer } from './server';

/** The catalogue of the contract, written down here a second time on purpose. */
const FINAL = [
  ...['invalid', 'forbidden', 'not_a_member', 'not_found', 'id_conflict', 'too_large', 'unknown_event'],
  ...['auth_required', 'auth_invalid', 'auth_expired', 'kicked', 'epoch_changed'],
];
const TEMPORARY = ['rate_limited', 'overloaded', 'unavailable', 'draining'];

interface Answers {
  sendMessage: SendAnswer;
  /** With pending ones behind them, if the answer is `degraded`. */
  join: Omit<JoinAnswer, 'messages'> & { messages: PageMessage[] };
  history: HistoryAnswer;
  search: HistoryAnswer;
  editMessage: SendAnswer;
  deleteMessage: SendAnswer;
  react: SendAnswer;
  detach: { room: string };
  leave: { room: string };
  typing: object;
  refreshToken: { expiresAt: number };
  members: MembersAnswer;
  markRead: ReadAnswer;
  rooms: { rooms: RoomRow[] };
  openDirect: { room: string };
}
type Event = keyof Answers;
type Payload<E extends Event> = Parameters<ClientToServer[E]>[0];
type Accepted<E extends Event> = Answers[E] & { ok: true };
export type Committed = Extract<SendAnswer, { status: 'committed' }>;
type Options = Partial<ManagerOptions & SocketOptions>;

/** What one connection got, in the order of its coming. */
export type Line =
  | { what: 'hello'; hello: Hello }
  | { what: 'messages'; entries: Entry[] }
  | { what: 'pending'; entries: PendingMessage[] }
  | { what: 'gap'; gap: Gap }
  | { what: 'answer'; event: string; payload: unknown; answer: { ok: boolean } };

const ANSWER_WITHIN_MS = 10_000;
const AT_ONCE = 100;

export const newRoom = (): string => `room-${randomBytes(6).toString('hex')}`;

/** Servers that share one Redis and one set of rooms, and hear each other. */
export async function startServers(
  redis: Pick<TestRedis, 'url'>,
  count: number,
  settings: Partial<Settings> = {},
) {
  const servers = await startLonelyServers(redis, count, settings);
  await eventually(() => expect(servers.map((server) => server.stats().state)).not.toContain('degraded'));
  return servers;
}

/** The same without waiting for Redis. They share a folder for their outboxes, as the servers of a host do. */
export function startLonelyServers(
  redis: Pick<TestRedis, 'url'>,
  count: number,
  settings: Partial<Settings> = {},
) {
  const keyPrefix = uniquePrefix();
  const options = {
    redisUrl: redis.url,
    settings: { keyPrefix, ...settings },
    outboxFolder: outboxFolder(),
  };
  return Promise.all(Array.from({ length: count }, () => startServer(options)));
}

/** Checks the error object of a refusal against the catalogue. */
export function checkError(error: WireError): WireError {
  expect([...FINAL, ...TEMPORARY]).toContain(error.code);
  const temporary = TEMPORARY.includes(error.code);
  expect(error).toStrictEqual({
    code: error.code,
    message: expect.any(String) as string,
    ...(temporary && { retryAfterMs: expect.any(Number) as number }),
  });
  if (temporary) expect(Number.isInteger(error.retryAfterMs) && error.retryAfterMs! >= 0).toBe(true);
  return error;
}

/** Emits without any check of its own, and returns the answer, after checking its outer shape. */
export async function ask(socket: TestClient, event: string, ...args: unknown[]): Promise<Answer<object>> {
  const plain = socket as unknown as Socket;
  const answer = (await plain.timeout(ANSWER_WITHIN_MS).emitWithAck(event, ...args)) as Answer<object>;
  if (answer.ok) return answer;
  expect(answer).toStrictEqual({ ok: false, error: checkError(answer.error) });
  return answer;
}

/** The code with which a request is refused; `undefined` if it is not. */
export async function refusal(socket: TestClient, event: string, ...args: unknown[]) {
  const answer = await ask(socket, event, ...args);
  return answer.ok ? undefined : answer.error.code;
}

/** The error of a refused connection. */
export async function refusedConnection(url: string, options: Options): Promise<WireError> {
  const socket = connect(url, options);
  const error = await new Promise<Error & { data?: WireError }>((resolve, reject) => {
    socket.once('connect_error', resolve);
    socket.once('hello', () => reject(new Error('it was let in')));
  });
  socket.disconnect();
  if (!error.data) throw error;
  return checkError(error.data);
}

/** A stock client that writes down all it gets. */
export class Person {
  readonly journal: Line[] = [];

  constructor(readonly socket: TestClient) {
    socket.on('hello', (hello) => this.journal.push({ what: 'hello', hello }));
    socket.on('messages', (all) => {
      const entries = all.filter(isPlaced);
      const pending = all.filter(isPending);
      if (entries.length > 0) this.journal.push({ what: 'messages', entries });
      if (pending.length > 0) this.journal.push({ what: 'pending', entries: pending });
    });
    socket.on('gap', (gap) => this.journal.push({ what: 'gap', gap }));
  }

  get hello(): Hello {
    const line = this.journal.find((each) => each.what === 'hello');
    if (!line) throw new Error('no hello yet');
    return line.hello;
  }

  /** Emits and returns the answer, which is written down at the very moment it comes. */
  ask<E extends Event>(event: E, payload: Payload<E>): Promise<Answer<Answers[E]>> {
    const plain = this.socket as unknown as Socket;
    return new Promise((resolve, reject) => {
      plain
        .timeout(ANSWER_WITHIN_MS)
        .emit(event, payload, (error: Error | null, answer: Answer<Answers[E]>) => {
          if (error) return reject(error);
          this.journal.push({ what: 'answer', event, payload, answer });
          resolve(answer);
        });
    });
  }

  async accepted<E extends Event>(event: E, payload: Payload<E>): Promise<Accepted<E>> {
    const answer = await this.ask(event, payload);
    if (!answer.ok) throw new Error(`${event} was refused: ${JSON.stringify(answer.error)}`);
    return answer as Accepted<E>;
  }

  async say(room: string, text: string, id?: string): Promise<Committed> {
    const answer = await this.accepted('sendMessage', id === undefined ? { room, text } : { room, text, id });
    if (answer.status !== 'committed') throw new Error('queued');
    return answer;
  }

  /** Sends `${prefix} 1`, `${prefix} 2` ... and answers where the last one is. */
  async sayAll(room: string, count: number, prefix = 'text'): Promise<Position> {
    const texts = Array.from({ length: count }, (_, i) => `${prefix} ${i + 1}`);
    let place: Position | undefined;
    // Not a thousand at once: on a slow machine the last would wait past the deadline, and be queued.
    for (let i = 0; i < count; i += AT_ONCE)
      place = (await Promise.all(texts.slice(i, i + AT_ONCE).map((text) => this.say(room, text)))).at(-1);
    const { epoch, seq } = place!;
    return { epoch, seq };
  }

  join(room: string, since?: Position): Promise<Accepted<'join'>> {
    return this.accepted('join', since ? { room, since } : { room });
  }

  /** The code with which a request is refused; `undefined` if it is not. */
  refusal(event: string, ...args: unknown[]) {
    return refusal(this.socket, event, ...args);
  }

  /** All that came in `messages` of this room. */
  entries(room: string): Entry[] {
    return this.journal
      .flatMap((line) => (line.what === 'messages' ? line.entries : []))
      .filter((entry) => entry.room === room);
  }

  texts(room: string): string[] {
    return this.entries(room).map(textOf);
  }

  /** Texts of what was shown as pending, each once. */
  pendingTexts(room: string): string[] {
    const shown = this.journal.flatMap((line) => (line.what === 'pending' ? line.entries : []));
    return [...new Set(shown.filter((entry) => entry.room === room).map(textOf))];
  }

  gaps(room: string): Gap[] {
    return this.journal.flatMap((line) => (line.what === 'gap' && line.gap.room === room ? [line.gap] : []));
  }

  /** The run of a room on this connection, as the contract defines it. */
  run(room: string): Run {
    const { auth } = this.socket;
    const named =
      typeof auth === 'object' ? ((auth as { rooms?: Record<string, Position> }).rooms ?? {}) : {};
    return runOf(this.journal, room, named);
  }

  /** Waits until the run of the room has got this far. */
  async reaches(room: string, seq: number, withinMs = 10_000): Promise<void> {
    await eventually(() => expect(this.run(room).upTo).toBeGreaterThanOrEqual(seq), withinMs);
  }

  /** Waits until this text has come in the room. */
  async hears(room: string, text: string, withinMs = 10_000): Promise<Entry> {
    return eventually(() => {
      const entry = this.entries(room).find((each) => textOf(each) === text);
      if (!entry) throw new Error(`"${text}" was not heard in ${room}`);
      return entry;
    }, withinMs);
  }

  end(): void {
    this.socket.disconnect();
  }
}

/** Connects to a server and waits for `hello`; all that follows is written down from the first packet on. */
export async function enter(server: Pick<TestServer, 'url'>, options: Options = {}): Promise<Person> {
  const person = new Person(connect(server.url, options));
  await new Promise<void>((resolve, reject) => {
    person.socket.once('hello', () => resolve());
    person.socket.once('connect_error', reject);
  });
  return person;
}

export const named = (name: string): Options => ({ auth: { name } });

/** Joins a room with several people. */
export async function gather(room: string, ...people: Person[]): Promise<void> {
  await Promise.all(people.map((person) => person.join(room)));
}
