import type { RoomLog } from '../roomlog/types';
import { Coalescer } from './coalescer';
import type { Rooms } from './rooms';

/** Where a room has got to. */
export type Moved = [room: string, head: number, n: number];

const INTERVAL_MS = 1_000;

export interface ActivityDeps {
  log: Pick<RoomLog, 'heads'>;
  rooms: Pick<Rooms, 'ifOpen'>;
  /** To all other servers; may be lost. */
  publish: (batch: Moved[]) => void;
  /** To those on this server whom it concerns; at most once a second for a room. */
  deliver: (room: string, head: number, n: number) => void;
}

/**
 * Tells people of rooms that they are members of but have not joined. Each server tells all servers once a second
 * which rooms it has added to; nobody needs the feed of a room for that. What it says may be lost.
 */
export class Activity {
  /** Rooms that this server has added to since the last batch, with the furthest seq. */
  private readonly added = new Map<string, number>();
  private readonly coalescer: Coalescer<Moved>;
  private timer: NodeJS.Timeout | undefined;
  private closed = false;

  constructor(private readonly deps: ActivityDeps) {
    this.coalescer = new Coalescer(INTERVAL_MS, (_, moved) => deps.deliver(...moved));
  }

  /** To be called after this server has added entries. */
  appended(room: string, seq: number): void {
    this.added.set(room, seq);
    if (!this.closed) this.timer ??= setTimeout(() => void this.tell(), INTERVAL_MS);
  }

  /** To be called with the batches of other servers. */
  heard(batch: Moved[]): void {
    if (!this.closed) for (const moved of batch) this.coalescer.offer(moved[0], moved);
  }

  close(): void {
    this.closed = true;
    clearTimeout(this.timer);
    this.coalescer.close();
  }

  private async tell(): Promise<void> {
    this.timer = undefined;
    const added = [...this.added];
    this.added.clear();
    const batch = await this.whereTheyAre(added).catch(() => []);
    if (batch.length === 0 || this.closed) return;
    this.deps.publish(batch);
    this.heard(batch);
  }

  /** From the feeds; from the log where a feed is behind. */
  private async whereTheyAre(added: [room: string, seq: number][]): Promise<Moved[]> {
    const known: Moved[] = [];
    const unknown: string[] = [];
    for (const [room, seq] of added) {
      const feed = this.deps.rooms.ifOpen(room)?.feed;
      if (feed?.isOpen && feed.head >= seq) known.push([room, feed.head, feed.n]);
      else unknown.push(room);
    }
    const heads = unknown.length === 0 ? [] : await this.deps.log.heads(unknown).catch(() => []);
    heads.forEach((head, i) => head && known.push([unknown[i]!, head.head, head.n]));
    return known;
  }
}
