import type { Entry, PageMessage } from '../../src/protocol/entries';
import type { Answer, SendAnswer } from '../../src/protocol/events';
import type { Evidence } from '../../src/load/checker';
import type { Journal, Send } from '../../src/load/journal';

/**
 * A correct fleet in miniature, for one room: it keeps every promise, so the checker must not object to
 * whatever is played on it. Clients are numbers from 0.
 */
export class History {
  readonly journals: Journal[];
  log: Entry[] = [];
  private epoch = 1;
  private clock = 0;
  private readonly cursors: Cursor[];

  constructor(
    clients: number,
    readonly room = 'tea',
  ) {
    this.journals = Array.from({ length: clients }, (_, i) => ({ client: `c${i}`, sends: [], events: [] }));
    this.cursors = this.journals.map(() => ({ epoch: 'e1', seq: 0, connection: 0, connected: false }));
    for (let client = 0; client < clients; client++) this.connect(client);
  }

  /** What the sender hears; `stored` says whether it is in the log all the same. */
  send(client: number, hears: 'ack' | 'nothing' | 'unavailable' | 'forbidden', stored: boolean): Send {
    const send: Send = { room: this.room, text: `text ${++this.clock}`, plannedAt: this.clock, attempts: [] };
    send.id = `m${this.clock}`;
    this.journals[client]!.sends.push(send);
    this.attempt(client, send, hears, stored);
    return send;
  }

  /** One more attempt with the same id: the log knows it, or takes it now. */
  attempt(
    client: number,
    send: Send,
    hears: 'ack' | 'nothing' | 'unavailable' | 'forbidden',
    stored: boolean,
  ): void {
    const sentAt = ++this.clock;
    const known = this.log.find((entry) => entry.id === send.id);
    const entry = known ?? (stored ? this.append(client, send) : undefined);
    const answer = answerOf(hears, entry);
    send.attempts.push({
      connection: this.cursors[client]!.connection,
      sentAt,
      ...(answer && { answer, answeredAt: ++this.clock }),
    });
  }

  /** Delivers up to `count` further entries to one client, in one packet. */
  deliver(client: number, count = Infinity): void {
    const cursor = this.cursors[client]!;
    if (!cursor.connected) return;
    if (cursor.epoch !== this.name) Object.assign(cursor, { epoch: this.name, seq: 0 });
    const entries = this.log.slice(cursor.seq, cursor.seq + count);
    if (entries.length === 0) return;
    cursor.seq += entries.length;
    this.journals[client]!.events.push({ type: 'messages', entries });
  }

  /** The server drops this client's place and goes on at the head. */
  gap(client: number): void {
    const cursor = this.cursors[client]!;
    if (!cursor.connected) return;
    Object.assign(cursor, { epoch: this.name, seq: this.log.length });
    this.journals[client]!.events.push({
      type: 'gap',
      gap: { room: this.room, epoch: this.name, upTo: cursor.seq },
    });
  }

  disconnect(client: number): void {
    const cursor = this.cursors[client]!;
    if (!cursor.connected) return;
    cursor.connected = false;
    this.journals[client]!.events.push({ type: 'disconnected', reason: 'transport close' });
  }

  /** Resumes where it was, or is told to join again and gets a page. */
  connect(client: number): void {
    const { room } = this;
    const cursor = this.cursors[client]!;
    if (cursor.connected) return;
    const first = cursor.connection === 0;
    Object.assign(cursor, { connected: true, connection: cursor.connection + 1 });
    const reason = first ? 'fresh' : cursor.epoch === this.name ? 'none' : 'epoch';
    const upTo = reason === 'none' ? cursor.seq : this.log.length;
    const asked = first ? {} : { [room]: { epoch: cursor.epoch, seq: cursor.seq } };
    const at = { room, epoch: this.name, head: this.log.length, n: 0, upTo, reason } as const;
    const user = { id: `guest:c${client}`, name: `c${client}` };
    const { events } = this.journals[client]!;
    events.push({ type: 'hello', hello: { version: 1, server: 's', user, rooms: [at] }, asked });
    if (reason === 'epoch') this.join(client);
    else cursor.seq = upTo;
  }

  /** A join without `since`: the newest entries as a page, and the run goes on from the head. */
  join(client: number): void {
    const cursor = this.cursors[client]!;
    if (!cursor.connected) return;
    const head = this.log.length;
    Object.assign(cursor, { epoch: this.name, seq: head });
    const messages = this.log.slice(-100) as PageMessage[];
    const answer = { room: this.room, epoch: this.name, first: 1, head, upTo: head, messages };
    this.journals[client]!.events.push({
      type: 'joined',
      answer: { ...answer, complete: true, reason: 'fresh' },
    });
  }

  /** Redis comes back with an older file; all that was acknowledged is offered again, in a new epoch. */
  forget(): void {
    this.epoch++;
    this.log = this.log.map((entry) => ({ ...entry, epoch: this.name }));
  }

  /** Everybody who is connected is brought to the head: what the checker gets. */
  quiesce(): Evidence {
    this.journals.forEach((_, client) => this.deliver(client));
    const { room, journals } = this;
    const final = { room, epoch: this.name, first: 1, head: this.log.length, entries: [...this.log] };
    return { seed: 7, journals, logs: [final] };
  }

  private append(client: number, send: Send): Entry {
    const seq = this.log.length + 1;
    const from = { id: `guest:c${client}`, name: `c${client}` };
    const place = { room: this.room, epoch: this.name, seq, n: seq };
    const entry: Entry = { ...place, id: send.id!, kind: 'message', from, at: this.clock, text: send.text };
    this.log.push(entry);
    return entry;
  }

  private get name(): string {
    return `e${this.epoch}`;
  }
}

interface Cursor {
  epoch: string;
  seq: number;
  connection: number;
  connected: boolean;
}

function answerOf(hears: string, entry: Entry | undefined): Answer<SendAnswer> | undefined {
  if (hears === 'unavailable')
    return { ok: false, error: { code: 'unavailable', message: 'later', retryAfterMs: 1 } };
  if (hears === 'forbidden') return { ok: false, error: { code: 'forbidden', message: 'no' } };
  if (hears === 'nothing' || !entry) return undefined;
  const { id, room, epoch, seq, at } = entry;
  return { ok: true, id, room, status: 'committed', epoch, seq, at };
}

/** A copy in which no two journals share an entry, so that one can be spoilt alone. */
export const copy = (evidence: Evidence): Evidence => JSON.parse(JSON.stringify(evidence)) as Evidence;
