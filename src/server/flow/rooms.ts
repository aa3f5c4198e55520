import type { MessageBody } from '../../protocol/entries';
import type { LogHead } from '../roomlog/types';
import { Fanout, type FanoutDeps } from './fanout';
import { groupBy } from './group';
import type { Announce } from './types';
import { every } from '../../rounds';

const CHECK_MS = 2_000;
const CHECK_AT_ONCE = 200;
const KEEP_IDLE_MS = 30_000;

/**
 * The rooms that have, or lately had, members on this server: one feed and one fan-out each.
 * Heads are compared every two seconds, so that a lost last publication shows up too, and whatever
 * is degraded is brought up to date as soon as the log answers.
 */
export class Rooms {
  private readonly open = new Map<string, Fanout>();
  private readonly idle = new Map<string, NodeJS.Timeout>();
  private readonly endRounds: () => void;
  private checking = false;
  /** The last comparison failed: an outage is reported once, not with each. */
  private failing = false;
  /** Could not be brought up to date the last time: that is reported once, too. */
  private readonly stale = new WeakSet<Fanout>();

  constructor(private readonly deps: FanoutDeps) {
    this.endRounds = every(CHECK_MS, () => void this.check());
    deps.log.onRecovered(() => void this.check());
  }

  get size(): number {
    return this.open.size;
  }

  /** The room's fan-out, kept until the last cursor has gone for a while. */
  get(room: string): Fanout {
    clearTimeout(this.idle.get(room));
    this.idle.delete(room);
    let fanout = this.open.get(room);
    if (!fanout) {
      fanout = new Fanout(room, this.deps);
      this.open.set(room, fanout);
    }
    return fanout;
  }

  /** The room's fan-out, if it has or lately had members here. */
  ifOpen(room: string): Fanout | undefined {
    return this.open.get(room);
  }

  /** Shows messages that have come to wait on the disk to those who are in their rooms. */
  showPending(messages: { room: string; body: MessageBody }[]): void {
    for (const [room, some] of groupBy(messages, (message) => message.room))
      this.open.get(room)?.showPending(some.map(({ body }) => body));
  }

  announce: Announce = (event, payload, except) => {
    this.open.get(payload.room)?.announce(event, payload, except);
  };

  /** To be called after a cursor was removed. */
  release(fanout: Fanout): void {
    const { room } = fanout.feed;
    if (fanout.size > 0 || this.idle.has(room)) return;
    const close = (): void => {
      this.idle.delete(room);
      this.open.delete(room);
      fanout.close();
    };
    // A room that nobody ever wrote to is not worth keeping: anybody can name thousands.
    if (fanout.feed.head === 0) close();
    else this.idle.set(room, setTimeout(close, KEEP_IDLE_MS));
  }

  close(): void {
    this.endRounds();
    for (const timer of this.idle.values()) clearTimeout(timer);
    for (const fanout of this.open.values()) fanout.close();
  }

  /** Compares heads, and repairs what differs. */
  private async check(): Promise<void> {
    if (this.checking || this.open.size === 0) return;
    this.checking = true;
    try {
      const all = this.toCompare();
      for (let i = 0; i < all.length; i += CHECK_AT_ONCE) await this.compare(all.slice(i, i + CHECK_AT_ONCE));
      this.failing = false;
    } catch (error) {
      if (!this.failing) this.deps.report('heads of rooms could not be compared', error);
      this.failing = true;
    } finally {
      this.checking = false;
    }
  }

  /** A part of the store that is away is not to hold up the others; all of it is asked all the same. */
  private toCompare(): Fanout[] {
    const all = [...this.open.values()];
    const some = all.filter(({ feed }) => this.deps.log.answers(feed.room));
    return some.length > 0 ? some : all;
  }

  private async compare(some: Fanout[]): Promise<void> {
    const heads = await this.deps.log.heads(some.map(({ feed }) => feed.room));
    await Promise.all(some.map((fanout, i) => this.repairOrReport(fanout, heads[i])));
  }

  private async repairOrReport(fanout: Fanout, head: LogHead | undefined): Promise<void> {
    try {
      await this.repair(fanout, head);
      this.stale.delete(fanout);
    } catch (error) {
      if (!this.stale.has(fanout))
        this.deps.report(`feed of ${fanout.feed.room} could not be brought up to date`, error);
      this.stale.add(fanout);
    }
  }

  private async repair(fanout: Fanout, head: LogHead | undefined): Promise<void> {
    const { feed } = fanout;
    if (!feed.isOpen) await feed.open();
    else if (head?.epoch !== feed.epoch || head?.head !== feed.head) await feed.catchUp();
    else feed.first = head.first;
    fanout.resolveDegraded();
  }
}
