import {
  textOf,
  type Entry,
  type PageMessage,
  type Place,
  type Reactions,
  type Ref,
  type Tombstone,
} from '../../src/protocol/entries';
import type { Answer, SendAnswer } from '../../src/protocol/events';
import { check, type Evidence } from '../../src/load/checker';
import { kinds, type Kind } from '../../src/load/findings';
import type { Content, Journal, Send } from '../../src/load/journal';

/**
 * A correct fleet in miniature, for one room: it keeps every promise, so the checker must not object to
 * whatever is played on it. Clients are numbers from 0.
 */
export class History {
  readonly journals: Journal[];
  /** As it is kept: what was deleted is a tombstone. */
  log: Entry[] = [];
  /** The same entries as they were at first. */
  private originals: Entry[] = [];
  /** The messages as they are now, by author and id. */
  private messages = new Map<string, PageMessage>();
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
  send(client: number, hears: Hears, stored: boolean): Send {
    return this.say(client, { kind: 'message', text: `text ${this.clock}` }, hears, stored);
  }

  /** The same of any kind. */
  say(client: number, content: Content, hears: Hears, stored: boolean): Send {
    const { room } = this;
    const plannedAt = ++this.clock;
    const send: Send = { ...content, room, id: `m${plannedAt}`, plannedAt, attempts: [] };
    this.journals[client]!.sends.push(send);
    this.attempt(client, send, hears, stored);
    return send;
  }

  /** One more attempt with the same id: the log knows it, or takes it now. */
  attempt(client: number, send: Send, hears: Hears, stored: boolean): void {
    const sentAt = ++this.clock;
    const known = this.log.find((entry) => entry.id === send.id);
    const entry = known ?? (stored && this.takes(send) ? this.append(client, send) : undefined);
    const answer = answerOf(hears === 'ack' && !entry ? 'not_found' : hears, entry);
    send.attempts.push({
      connection: this.cursors[client]!.connection,
      sentAt,
      ...(answer && { answer, answeredAt: ++this.clock }),
    });
  }

  /**
   * Delivers up to `count` further entries to one client, in one packet. A `slow` server has heard of no delete
   * beyond them yet.
   */
  deliver(client: number, count = Infinity, slow = false): void {
    const cursor = this.cursors[client]!;
    if (!cursor.connected) return;
    if (cursor.epoch !== this.name) Object.assign(cursor, { epoch: this.name, seq: 0 });
    const kept = this.log.slice(cursor.seq, cursor.seq + count);
    if (kept.length === 0) return;
    const upTo = (cursor.seq += kept.length);
    const entries = kept.map((entry) => (slow && !this.isGone(entry, upTo) ? this.original(entry) : entry));
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
    const messages = this.page(100);
    const answer = { room: this.room, epoch: this.name, first: 1, head, upTo: head, messages };
    this.journals[client]!.events.push({
      type: 'joined',
      answer: { ...answer, complete: true, reason: 'fresh' },
    });
  }

  /** Reads the newest page of history. */
  read(client: number): void {
    const { epoch, seq, connected } = this.cursors[client]!;
    if (!connected) return;
    const answer = { room: this.room, epoch: this.name, first: 1, head: this.log.length };
    this.journals[client]!.events.push({
      type: 'history',
      answer: { ...answer, messages: this.page(5), complete: false },
      known: { epoch, seq },
    });
  }

  /** Redis comes back with an older file; all that was acknowledged is offered again, in a new epoch. */
  forget(): void {
    this.epoch++;
    const anew = <T extends Place>(each: T): T => ({ ...each, epoch: this.name });
    this.log = this.log.map(anew);
    this.originals = this.originals.map(anew);
    this.messages = new Map([...this.messages].map(([key, message]) => [key, anew(message)]));
  }

  /** Everybody who is connected is brought to the head: what the checker gets. */
  quiesce(): Evidence {
    this.journals.forEach((_, client) => this.deliver(client));
    const { room, journals } = this;
    const final = { room, epoch: this.name, first: 1, head: this.log.length, messages: this.page(Infinity) };
    return { seed: 7, journals, logs: [final] };
  }

  /** Whether there is what it changes. */
  private takes(send: Send): boolean {
    if (send.kind === 'message') return true;
    const message = this.messages.get(keyOf(send.target.from, send.target.id));
    return message !== undefined && !message.deleted;
  }

  private append(client: number, send: Send): Entry {
    const seq = this.log.length + 1;
    const from = { id: `guest:c${client}`, name: `c${client}` };
    const n = (this.log.at(-1)?.n ?? 0) + (send.kind === 'message' ? 1 : 0);
    const place = { room: this.room, epoch: this.name, seq, n, id: send.id!, from, at: this.clock };
    const entry: Entry = { ...place, ...contentOf(send) };
    this.log.push(entry);
    this.originals.push(entry);
    this.change(entry);
    return entry;
  }

  /** What the entry does to the messages as they are now. */
  private change(entry: Entry): void {
    if (entry.kind === 'message') {
      this.messages.set(keyOf(entry.from.id, entry.id), { ...(entry as PageMessage) });
      return;
    }
    const key = keyOf(entry.target.from, entry.target.id);
    const message = { ...this.messages.get(key)! };
    if (entry.kind === 'delete') {
      this.log = this.log.map((each) => (isOf(each, key) ? tombstone(each) : each));
      const { room, epoch, seq, n, id, kind, from, at } = message;
      this.messages.set(key, { room, epoch, seq, n, id, kind, from, at, deleted: true });
      return;
    }
    if (entry.kind === 'edit') Object.assign(message, { text: textOf(entry), edited: entry.at });
    if (entry.kind === 'reaction') message.reactions = reacted(message.reactions ?? {}, entry);
    if (Object.keys(message.reactions ?? {}).length === 0) delete message.reactions;
    this.messages.set(key, message);
  }

  /** The newest messages as they are now. */
  private page(limit: number): PageMessage[] {
    return structuredClone([...this.messages.values()].slice(-limit));
  }

  private isGone(entry: Entry, upTo: number): boolean {
    return this.log.slice(0, upTo).some((each) => each.kind === 'delete' && isOf(entry, refKey(each.target)));
  }

  private original({ seq }: Entry): Entry {
    return this.originals[seq - 1]!;
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

const keyOf = (from: string, id: string): string => JSON.stringify([from, id]);
const refKey = ({ from, id }: Ref): string => keyOf(from, id);

/** The message itself, or an edit of it. */
function isOf(entry: Entry, key: string): boolean {
  if (entry.kind === 'edit') return refKey(entry.target) === key;
  return entry.kind === 'message' && keyOf(entry.from.id, entry.id) === key;
}

type Reaction = Extract<Entry, { kind: 'reaction' }>;

function reacted(before: Reactions, { emoji, on, from }: Reaction): Reactions {
  const users = before[emoji] ?? [];
  const { [emoji]: _, ...others } = before;
  const now = on ? [...new Set([...users, from.id])] : users.filter((user) => user !== from.id);
  return now.length > 0 ? { ...others, [emoji]: now } : others;
}

function tombstone(entry: Entry): Entry {
  const { room, epoch, seq, n, id, from, at } = entry;
  const what = entry.kind === 'edit' ? { kind: 'edit', target: entry.target } : { kind: 'message' };
  return { room, epoch, seq, n, id, from, at, deleted: true, ...what } as Place & Tombstone;
}

function contentOf(send: Send): Content {
  switch (send.kind) {
    case 'message':
      return { kind: send.kind, text: send.text };
    case 'edit':
      return { kind: send.kind, target: send.target, text: send.text };
    case 'delete':
      return { kind: send.kind, target: send.target };
    case 'reaction':
      return { kind: send.kind, target: send.target, emoji: send.emoji, on: send.on };
  }
}

export type Hears = 'ack' | 'nothing' | 'unavailable' | 'forbidden';

function answerOf(hears: Hears | 'not_found', entry: Entry | undefined): Answer<SendAnswer> | undefined {
  if (hears === 'unavailable')
    return { ok: false, error: { code: 'unavailable', message: 'later', retryAfterMs: 1 } };
  if (hears === 'forbidden' || hears === 'not_found')
    return { ok: false, error: { code: hears, message: 'no' } };
  if (hears === 'nothing' || !entry) return undefined;
  const { id, room, epoch, seq, at } = entry;
  return { ok: true, id, room, status: 'committed', epoch, seq, at };
}

/** A copy in which no two journals share an entry, so that one can be spoilt alone. */
export const copy = (evidence: Evidence): Evidence => JSON.parse(JSON.stringify(evidence)) as Evidence;

/** So many findings of this kind, and none of another. */
export function expectOnly(evidence: Evidence, kind: Kind, count = 1): void {
  const { examples, violations, ...report } = check(evidence);
  const found = Object.fromEntries(kinds.map((k) => [k, report[k]]));
  expect({ examples, found }).toEqual({ examples, found: { ...zero, [kind]: count } });
  expect(violations).toBe(count);
  expect(examples[0]).toMatch(new RegExp(`^${kind}: `));
}
const zero = Object.fromEntries(kinds.map((kind) => [kind, 0]));
