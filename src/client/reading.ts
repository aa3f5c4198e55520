import type { Position } from '../protocol/entries';
import type { ReadAnswer } from '../protocol/events';
import type { Contents } from './contents';
import type { Link } from './link';
import type { Part } from './part';
import type { RoomList } from './room-list';
import { countAt } from './timeline';

/** What is read in quick succession is told to the server at most this often, ms. */
export const TELL_EVERY_MS = 1_000;

export type ReadElsewhere = Position & Pick<ReadAnswer, 'unread'>;

/** How far the user has read a room: counts what is unread, and tells servers until one knows. */
export class Reading implements Part {
  #link: Link | undefined;
  /** Read, and not known to a server yet. */
  #untold: Position | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(
    private readonly room: string,
    private readonly contents: Contents,
    private readonly list: RoomList,
  ) {}

  get unread(): number {
    return this.list.unread(this.room);
  }

  /** How many messages there are. */
  count(): void {
    const { run, committed } = this.contents.timeline;
    this.list.moved(this.room, { epoch: run?.epoch, n: committed.at(-1)?.n });
  }

  mark(seq: number): void {
    const { run } = this.contents.timeline;
    // As long as nobody has said how far it is read, nothing counts as unread.
    const isUnread = this.unread > 0 || this.list.read(this.room) === undefined;
    if (!run || seq > run.upTo || !isUnread) return;
    this.list.moved(this.room, { read: countAt(this.contents.timeline, seq) });
    // One who scrolls back has not read less.
    const { epoch } = run;
    const furthest = this.#untold?.epoch === epoch ? Math.max(seq, this.#untold.seq) : seq;
    this.#untold = { epoch, seq: furthest };
    this.#soon();
  }

  /** Another connection of the user has read. What is held says better than `unread` how far that is. */
  elsewhere({ epoch, seq, unread }: ReadElsewhere): void {
    const { run } = this.contents.timeline;
    if (run && run.epoch !== epoch) return;
    const read = countAt(this.contents.timeline, seq);
    if (read === undefined) this.list.left(this.room, unread);
    else this.list.moved(this.room, { read });
  }

  start(link: Link): void {
    this.#link = link;
    this.#soon();
  }

  stop(): void {
    this.#link = undefined;
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  #soon(): void {
    if (this.#link && this.#untold) this.#timer ??= setTimeout(() => this.#tell(), TELL_EVERY_MS);
  }

  #tell(): void {
    const position = this.#untold;
    const link = this.#link;
    if (!position || !link) return;
    link.insist('markRead', { room: this.room, ...position }, () => {
      if (link !== this.#link) return;
      this.#timer = undefined;
      // A final refusal, for example of a position that is void, is not worth a repeat.
      if (this.#untold === position) this.#untold = undefined;
      this.#soon();
    });
  }
}
