import { ChatError } from '../../protocol/codes';
import type { MessageBody } from '../../protocol/entries';
import type { OwnFile } from './file';
import { makeFolder, Names } from './folder';
import { Others } from './others';
import { OwnFiles } from './own';
import type { Report } from './tail';
import type { Held, HeldListener, Outbox } from './types';
import { Watch } from './watch';
import { Writer } from './writer';

const MAX_BYTES = 32 * 1024 * 1024;
/** Everybody who joins is sent them: after an hour without Redis all of them would be more than servers and clients bear. */
const MAX_PENDING = 1_000;

export interface DiskOutboxOptions {
  /** Shared by all servers of the host. */
  folder: string;
  /** Name of this server. */
  server: string;
  /** Whether the log is away: then others' files are looked at often. */
  isAway: () => boolean;
  report: Report;
  /** Bound of the own files that hold something, 32 MiB by default. */
  maxBytes?: number;
}

/** The outbox as files in a folder: docs/decisions/0013-outbox.md says why they are as they are. */
export class DiskOutbox implements Outbox {
  private readonly own = new OwnFiles();
  private readonly others: Others;
  private readonly writer: Writer;
  private readonly watch: Watch;
  private readonly stored = new WeakMap<Held, Promise<void>>();
  private readonly listeners: HeldListener[] = [];
  private highest = 0;
  private isClosed = false;

  private constructor(private readonly options: DiskOutboxOptions) {
    const { folder, server, report, isAway, maxBytes = MAX_BYTES } = options;
    const { own } = this;
    const names = new Names(server);
    const isNews = ({ room, body }: Held): boolean =>
      [own, others].every((holder) => !holder.find(room, body.from.id, body.id));
    const others = new Others(folder, { report, isNews });
    const onTaken = (file: OwnFile): void => others.vanish(file);
    const onHeld = (held: Held[]): void => this.tell(held);
    const writer = new Writer({ folder, names, own, maxBytes, report, isNews, onHeld, onTaken });
    this.watch = new Watch({ folder, names, own, others, writer, isAway, report, onHeld });
    this.others = others;
    this.writer = writer;
  }

  /** Knows what is in the folder when it resolves. Never rejects: a disk that does not work is reported. */
  static async open(options: DiskOutboxOptions): Promise<DiskOutbox> {
    const outbox = new DiskOutbox(options);
    await makeFolder(options.folder).catch((error: unknown) =>
      options.report('the outbox folder cannot be made', error),
    );
    await outbox.look();
    return outbox;
  }

  get works(): boolean {
    return this.writer.works;
  }

  get size(): number {
    return this.own.size;
  }

  async add(room: string, body: MessageBody): Promise<MessageBody> {
    const [from, id] = [body.from.id, body.id];
    const own = this.own.find(room, from, id);
    const adding = this.writer.adding.find(room, from, id);
    const known = own ?? adding ?? this.others.find(room, from, id);
    if (known && !isSame(known.body, body)) throw new ChatError('id_conflict');
    if (own) return own.body;
    // What was read of another's file may not be durable, and may be cut again: of that message a copy is kept here.
    const held = known ?? { room, body, order: this.nextOrder() };
    if (!adding) this.stored.set(held, this.store(held));
    await this.stored.get(held);
    return held.body;
  }

  has(room: string, { from, id }: { from: string; id: string }): boolean {
    const { own, others, writer } = this;
    return (
      (writer.adding.find(room, from, id) ?? own.find(room, from, id) ?? others.find(room, from, id)) !==
      undefined
    );
  }

  blocks(room: string, from: string): boolean {
    if (this.own.hasRoom(room) || this.writer.adding.hasRoom(room)) return true;
    return this.others.hasSender(room, from);
  }

  pending(room: string): MessageBody[] {
    const held = [...this.own.ofRoom(room), ...this.others.ofRoom(room)].sort(byOrder);
    return [...inOrder(held.slice(-MAX_PENDING))].map(({ body }) => body);
  }

  due(limit: number, rests: (room: string) => boolean = () => false): Held[] {
    const due: Held[] = [];
    const earliest = new Map<string, number>();
    for (const held of inOrder(this.own.held())) {
      if (due.length >= limit) break;
      if (rests(held.room)) continue;
      const sender = `${held.room}\n${held.body.from.id}`;
      const elsewhere = earliest.get(sender) ?? this.earliestElsewhere(held);
      earliest.set(sender, elsewhere);
      if (held.order <= elsewhere) due.push(held);
    }
    return due;
  }

  done(held: Held[]): void {
    this.own.done(held);
    this.others.done(held);
    this.writer.start();
  }

  setAside(held: Held[], why: string): void {
    const at = Date.now();
    const lines = held.map(({ room, body }) => `${JSON.stringify({ at, why, room, body })}\n`);
    this.writer.putAside(lines.join(''));
    this.options.report(`${held.length} message(s) of the outbox were put aside: ${why}`, undefined);
    this.done(held);
  }

  look(): Promise<void> {
    return this.watch.look();
  }

  adopt(quietMs: number): Promise<void> {
    return this.watch.adopt(quietMs);
  }

  onHeld(listener: HeldListener): void {
    this.listeners.push(listener);
  }

  async close(): Promise<void> {
    this.isClosed = true;
    await this.watch.stop();
    await this.writer.close();
  }

  private store(held: Held): Promise<void> {
    if (this.isClosed) return Promise.reject(new ChatError('unavailable', 'this server stops'));
    return this.writer.add(held);
  }

  private nextOrder(): number {
    this.highest = Math.max(this.highest, this.others.highest) + 1;
    return this.highest;
  }

  /** The lowest order of the sender's messages in the room that are held by others, or not durable here, and not own. */
  private earliestElsewhere({ room, body: { from } }: Held): number {
    const elsewhere = [this.others, this.writer.adding].flatMap((holder) => holder.ofSender(room, from.id));
    const foreign = elsewhere.filter(({ body }) => !this.own.find(room, from.id, body.id));
    return foreign.reduce((lowest, { order }) => Math.min(lowest, order), Infinity);
  }

  private tell(held: Held[]): void {
    if (held.length === 0) return;
    for (const listener of this.listeners) {
      try {
        listener(held);
      } catch (error) {
        this.options.report('a listener to the outbox failed', error);
      }
    }
  }
}

const byOrder = (a: Held, b: Held): number => a.order - b.order;

/** Each message once, the lowest order first. */
function* inOrder(held: Held[]): Iterable<Held> {
  const seen = new Set<string>();
  for (const message of held.sort(byOrder)) {
    const key = `${message.room}\n${message.body.from.id}\n${message.body.id}`;
    if (!seen.has(key)) yield message;
    seen.add(key);
  }
}

/** What makes two messages with the same id the same: the content, not the time or the sender's shown name. */
function isSame(a: MessageBody, b: MessageBody): boolean {
  return a.text === b.text && a.replyTo?.from === b.replyTo?.from && a.replyTo?.id === b.replyTo?.id;
}
