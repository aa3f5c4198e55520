import type { Position } from '../protocol/entries';
import { LOBBY, MAX_ROOMS } from '../protocol/limits';
import { CrowdClient, type ClientOptions, type Transport } from './client';
import { EntryPool } from './entry-pool';
import { errorsOf, now, type FinalLog, type Journal } from './journal';
import { contentOf, type Mix } from './mix';
import { anySeed, Random } from './random';
import { agentFor } from './sources';
import { reach, waitUntil } from './waiting';

export interface CrowdOptions {
  /** Where nginx or servers listen; several are shared out in turn. */
  urls: string[];
  clients: number;
  /** Shared out in turn: client number i gets the (i mod length)-th. */
  transports: Transport[];
  /**
   * The rooms of client number i, beside the lobby. Their names should be new: what others said in them
   * before is nothing that the checker knows of.
   */
  rooms: (client: number) => string[];
  /** Steers who says what to whom; the same seed gives the same traffic. */
  seed?: number;
  /** Below the accept backlog of servers and nginx. Default 100. */
  connectsPerSecond?: number;
  /** Start of the user names. Default: a new one for each crowd, so that no id is used twice. */
  name?: string;
}

export interface Traffic {
  ratePerSecond: number;
  forMs: number;
  /** Each message goes to one of these, by one of its members. */
  rooms: string[];
  /** What is done how often; messages alone if it is missing. */
  mix?: Mix;
}

const CONNECT_WITHIN_MS = 30_000;

/** Many stock clients, each from a network of its own, each with a journal for the checker. */
export class Crowd {
  readonly seed: number;
  readonly clients: CrowdClient[] = [];
  private readonly entries = new EntryPool();
  private readonly random: Random;
  private readonly name: string;
  private sent = 0;
  private mixed = false;

  constructor(private readonly options: CrowdOptions) {
    this.seed = options.seed ?? anySeed();
    this.random = new Random(this.seed);
    this.name = options.name ?? `crowd-${Date.now().toString(36)}`;
    for (let i = 0; i < options.clients; i++) this.add();
  }

  /** One more client, not connected yet. */
  add(more: Partial<ClientOptions> = {}): CrowdClient {
    const { urls, transports, rooms } = this.options;
    const index = this.clients.length;
    const url = urls[index % urls.length]!;
    const client = new CrowdClient({
      url,
      name: `${this.name}-${index}`,
      transport: transports[index % transports.length]!,
      agent: agentFor(url, index),
      rooms: more.rooms ?? rooms(index),
      entries: this.entries,
      ...more,
    });
    this.clients.push(client);
    return client;
  }

  /** Connects all at the given rate. Throws unless all are in all their rooms within 30 s of the last one. */
  async connectAll(): Promise<void> {
    const start = now();
    const gapMs = 1_000 / (this.options.connectsPerSecond ?? 100);
    for (const [index, client] of this.clients.entries()) {
      await reach(start + index * gapMs);
      client.connect();
    }
    const allReady = (): boolean => this.clients.every((client) => client.ready);
    if (await waitUntil(allReady, CONNECT_WITHIN_MS)) return;
    const missing = this.clients.filter((client) => !client.ready).length;
    throw new Error(
      `${missing} of ${this.clients.length} did not get in: ${this.errors().slice(0, 3).join('; ')}`,
    );
  }

  /** Open loop: each message has its planned instant, however slow the servers are. */
  async sendSteadily({ ratePerSecond, forMs, rooms, mix }: Traffic): Promise<void> {
    this.mixed ||= mix !== undefined;
    const members = rooms.map((room) => ({ room, clients: this.membersOf(room) }));
    const start = now();
    const total = Math.round((ratePerSecond * forMs) / 1_000);
    for (let k = 0; k < total; k++) {
      const plannedAt = start + (k * 1_000) / ratePerSecond;
      await reach(plannedAt);
      const { room, clients } = this.random.oneOf(members);
      const id = `m${++this.sent}`;
      const text = `${id} 안녕 ${'x'.repeat(this.random.next() * 200)}`;
      const client = this.random.oneOf(clients);
      const what = mix ? this.random.weighted(mix) : 'message';
      if (what === 'history') client.readPage(room);
      else client.send({ ...contentOf(what, text, client.journal, room, this.random), room, id, plannedAt });
    }
  }

  /**
   * Waits until every message has its answer and every connected member is at the head of its rooms, at most
   * `withinMs` for each. Returns how the logs read then; who is still behind is for the checker to say.
   */
  async settle(withinMs = 15_000): Promise<FinalLog[]> {
    await waitUntil(() => this.clients.every((client) => client.sending.unanswered === 0), withinMs);
    const rooms = [...new Set([LOBBY, ...this.clients.flatMap((client) => client.rooms)])];
    if (this.mixed) await this.addLateReader(rooms, withinMs);
    const logs = await Promise.all(rooms.map((room) => this.readLog(room)));
    const atHead = ({ room, epoch, head }: FinalLog): boolean =>
      this.clients.every(
        (client) => !client.memberships.isIn(room) || client.memberships.isAt(room, epoch, head),
      );
    await waitUntil(() => logs.every(atHead), withinMs);
    return logs;
  }

  get journals(): Journal[] {
    return this.clients.map((client) => client.journal);
  }

  /** What went wrong for any client, in words: errors, and disconnects that it did not want. */
  errors(): string[] {
    return this.journals.flatMap(errorsOf);
  }

  /** Ends all connections. The journals stay as they were. */
  async close(): Promise<void> {
    await Promise.all(this.clients.map((client) => client.close()));
  }

  private membersOf(room: string): CrowdClient[] {
    return this.clients.filter((client) => room === LOBBY || client.rooms.includes(room));
  }

  /** One who was away all the time goes through the whole run again: deleted texts have to be gone from it. */
  private async addLateReader(rooms: string[], withinMs: number): Promise<void> {
    const positions = new Map(rooms.flatMap((room) => pair(room, this.began(room))).slice(0, MAX_ROOMS));
    const reader = this.add({ rooms: [...positions.keys()].filter((room) => room !== LOBBY), positions });
    reader.connect();
    await waitUntil(() => reader.ready, withinMs);
  }

  /** Where the first of the clients began to listen. */
  private began(room: string): Position | undefined {
    const began = this.clients.flatMap((client) => client.memberships.began.get(room) ?? []);
    return began.reduce<Position | undefined>((a, b) => (a && a.seq <= b.seq ? a : b), undefined);
  }

  private readLog(room: string): Promise<FinalLog> {
    const reader = this.clients.find((client) => client.memberships.isIn(room));
    if (!reader) throw new Error(`nobody is in ${room} any more`);
    return reader.readLog(room, this.began(room));
  }
}

const pair = (room: string, position?: Position): [string, Position][] =>
  position ? [[room, position]] : [];
