import { setTimeout as sleep } from 'node:timers/promises';
import { RawClient, type Dialect, type RawTransport } from './client';
import type { Target } from './connection';
import type { Marker } from './marker';
import type { Tally } from './tally';

export interface RawCrowdOptions {
  /** Shared out in turn. */
  targets: Target[];
  users: number;
  /** Users are shared out over so many rooms, in turn. */
  rooms: number;
  /** Start of the names of rooms and users: new for each run. */
  run: string;
  /** Shared out in turn. */
  transports: RawTransport[];
  /** Who user number `index` is; missing: guests with new names. */
  auth: ((index: number) => object) | undefined;
  dialect: Dialect;
  marker: Marker;
  tally: Tally;
  /** Microseconds. */
  now: () => number;
}

/** Below the accept backlog of servers and nginx. */
const CONNECTS_AT_ONCE = 64;
/** How long all may take: a start, and a time for each. */
const CONNECT_WITHIN_MS = 60_000;
const CONNECT_EACH_MS = 20;

/** Many raw clients, each from a network of its own, each in one room. */
export class RawCrowd {
  readonly clients: RawClient[] = [];
  private ready = 0;

  constructor(readonly options: RawCrowdOptions) {}

  /** All get in, in order. `progress` is told how many are. Throws when that takes too long. */
  async enter(progress: (ready: number) => void, heard?: (client: RawClient) => void): Promise<void> {
    const { users, tally } = this.options;
    const deadline = performance.now() + CONNECT_WITHIN_MS + users * CONNECT_EACH_MS;
    while (this.ready < users) {
      while (this.clients.length < users && this.clients.length - this.ready < CONNECTS_AT_ONCE)
        this.add(heard);
      await sleep(5);
      progress(this.ready);
      if (tally.ended === 0 && performance.now() < deadline) continue;
      this.close();
      throw new Error(`${this.ready} of ${users} got in: ${tally.problems.join('; ') || 'no answer'}`);
    }
  }

  /** The member of a room; there are as many as `membersOf` says. */
  member(room: number, member: number): RawClient {
    return this.clients[member * this.options.rooms + room]!;
  }

  membersOf(room: number): number {
    const { users, rooms } = this.options;
    return Math.floor((users - room - 1) / rooms) + 1;
  }

  /** Messages that all members of their rooms are to be shown: everything sent that was not refused. */
  get expected(): number {
    const { rooms, dialect } = this.options;
    if (dialect.audience === 'nobody') return 0;
    const taken = ({ sent, refused }: RawClient): number => sent - refused;
    return this.clients.reduce((sum, client, i) => sum + taken(client) * this.membersOf(i % rooms), 0);
  }

  get refused(): number {
    return this.clients.reduce((sum, client) => sum + client.refused, 0);
  }

  get unanswered(): number {
    return this.clients.reduce((sum, client) => sum + client.unanswered, 0);
  }

  close(): void {
    for (const client of this.clients) client.close();
  }

  private add(heard?: (client: RawClient) => void): void {
    const { targets, transports, rooms, run, auth, ...shared } = this.options;
    const index = this.clients.length;
    const room = index % rooms;
    const place = {
      room: `${run}-${room}`,
      members: this.membersOf(room),
      member: Math.floor(index / rooms),
    };
    const client: RawClient = new RawClient(
      {
        ...shared,
        index,
        place,
        target: targets[index % targets.length]!,
        transport: transports[index % transports.length]!,
        auth: auth ? auth(index) : { name: `${run}-${index}` },
      },
      () => void this.ready++,
      () => heard?.(client),
    );
    this.clients.push(client);
  }
}
