import { ChatError } from '../../src/protocol/codes';
import type { MessageBody } from '../../src/protocol/entries';
import type { Held, HeldListener, Outbox } from '../../src/server/outbox/types';

/** What several outboxes of one host share. */
export class MemoryFolder {
  readonly outboxes = new Set<MemoryOutbox>();
  /** What was put aside, with the reason. */
  readonly aside: (Held & { why: string })[] = [];

  all(): Held[] {
    return [...this.outboxes].flatMap(({ held }) => held).sort((a, b) => a.order - b.order);
  }
}

/** An outbox without a disk. What one holds the others of its folder know at once. */
export class MemoryOutbox implements Outbox {
  works = true;
  /** `add` waits for this. */
  gate: Promise<void> = Promise.resolve();
  held: Held[] = [];
  private readonly listeners: HeldListener[] = [];

  constructor(private readonly folder = new MemoryFolder()) {
    folder.outboxes.add(this);
  }

  get size(): number {
    return this.held.length;
  }

  async add(room: string, body: MessageBody): Promise<MessageBody> {
    const known = this.find(room, { from: body.from.id, id: body.id });
    if (known && !isSame(known.body, body)) throw new ChatError('id_conflict');
    if (known) return known.body;
    if (!this.works) throw new ChatError('unavailable', 'neither Redis nor the disk can keep it');
    const held = { room, body, order: 1 + Math.max(0, ...this.folder.all().map(({ order }) => order)) };
    this.held.push(held);
    await this.gate;
    for (const outbox of this.folder.outboxes) for (const listener of outbox.listeners) listener([held]);
    return body;
  }

  has(room: string, ref: { from: string; id: string }): boolean {
    return this.find(room, ref) !== undefined;
  }

  blocks(room: string, from: string): boolean {
    const isHis = (held: Held): boolean => held.room === room && held.body.from.id === from;
    return this.held.some((held) => held.room === room) || this.folder.all().some(isHis);
  }

  pending(room: string): MessageBody[] {
    return this.folder
      .all()
      .filter((held) => held.room === room)
      .map(({ body }) => body);
  }

  due(limit: number, rests: (room: string) => boolean = () => false): Held[] {
    const elsewhere = this.folder.all().filter((held) => !this.held.includes(held));
    const waits = ({ room, body, order }: Held): boolean =>
      elsewhere.some((e) => e.room === room && e.body.from.id === body.from.id && e.order < order);
    return this.held.filter((held) => !waits(held) && !rests(held.room)).slice(0, limit);
  }

  done(held: Held[]): void {
    for (const outbox of this.folder.outboxes)
      outbox.held = outbox.held.filter((mine) => !held.some((gone) => isOne(mine, gone)));
  }

  setAside(held: Held[], why: string): void {
    this.folder.aside.push(...held.map((message) => ({ ...message, why })));
    this.done(held);
  }

  async look(): Promise<void> {}

  /** However old they are. */
  async adopt(): Promise<void> {
    for (const other of this.folder.outboxes) {
      if (other === this) continue;
      this.held.push(...other.held.splice(0));
    }
    this.held.sort((a, b) => a.order - b.order);
  }

  onHeld(listener: HeldListener): void {
    this.listeners.push(listener);
  }

  async close(): Promise<void> {}

  private find(room: string, { from, id }: { from: string; id: string }): Held | undefined {
    return this.folder.all().find((e) => e.room === room && e.body.from.id === from && e.body.id === id);
  }
}

const isOne = (a: Held, b: Held): boolean =>
  a.room === b.room && a.body.from.id === b.body.from.id && a.body.id === b.body.id;

const isSame = (a: MessageBody, b: MessageBody): boolean =>
  a.text === b.text && a.replyTo?.from === b.replyTo?.from && a.replyTo?.id === b.replyTo?.id;
