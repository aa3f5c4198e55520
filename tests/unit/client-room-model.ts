import fc from 'fast-check';
import { keyOf } from '../../src/client/committed';
import { fromSaved, readSaved, toSaved } from '../../src/client/saved-unsent';
import { shown } from '../../src/client/shown';
import { EMPTY, gap, joined, older, receive, type Timeline } from '../../src/client/timeline';
import * as unsent from '../../src/client/unsent';
import type { PendingMessage, Received } from '../../src/protocol/entries';
import type { Entry, PageMessage, User } from '../../src/protocol/entries';
import type { HistoryAnswer, SendAnswer } from '../../src/protocol/events';

const room = 'lobby';
const self: User = { id: 'guest:mina', name: 'mina' };
const others = ['jun', 'hana'].map((name): User => ({ id: `guest:${name}`, name }));
const NOW = 1;
/** A server catches up no more entries than this, and its pages have so many. */
const [BEHIND, PAGE] = [4, 3];

export type Fate = 'taken' | 'answer lost' | 'lost' | 'temporary' | 'final';
interface Said {
  from: User;
  id: string;
}
type Asked = { before: number; page: HistoryAnswer };

/**
 * A room as the contract describes it (a log with epochs, an outbox before it, Redis that comes and goes), and one
 * client in it: its timeline and what it has unsent. `held` and `waiting` say in plain sets what it has to show.
 */
export class RoomModel {
  timeline: Timeline = EMPTY;
  list: unsent.UnsentList = [];

  #epoch = 1;
  #log: Said[] = [];
  #outbox: Said[] = [];
  #redis = true;
  #count = 0;
  /** How far the connection has got; undefined: not joined. `resumes`: Redis is away, and will be asked about it. */
  #cursor: { epoch: number; seq: number } | undefined;
  #resumes = false;
  #connected = false;
  #asked: Asked[] = [];
  #written: string[] = [];
  #discarded = new Set<string>();
  /** By seq, all of one epoch: what the client was given since it last had to drop everything. */
  #held = new Map<number, Said>();
  #heldEpoch: number | undefined;
  #waiting = new Map<string, Said>();

  // What happens in the world.

  say(who: number): void {
    this.#accept({ from: others[who]!, id: `${this.#count++}` });
  }
  redisDies(): void {
    this.#redis = false;
    // What was to be delivered and was not is read from the log later.
    if (this.#connected) this.#resumes = true;
  }
  redisHeals(): void {
    if (this.#redis) return;
    this.#redis = true;
    this.#flush();
    if (this.#connected && this.#resumes) this.#resume();
    this.#resumes = false;
  }
  /** A Redis that knows less: what is left is offered again in another order, under a new epoch. */
  newEpoch(lost: number): void {
    if (!this.#redis) return;
    this.#epoch++;
    this.#log = this.#log.slice(lost).reverse();
    if (!this.#connected) return;
    this.#cursor = { epoch: this.#epoch, seq: 0 };
    if (this.#log.length > BEHIND || this.#log.length === 0) this.gap();
    else this.deliver(this.#log.length, 0);
  }

  // What the server does on the connection.

  deliver(count: number, back: number): void {
    const cursor = this.#cursor;
    if (!this.#live || !cursor) return;
    const upTo = Math.min(this.#log.length, cursor.seq + count);
    const from = Math.max(1, cursor.seq + 1 - back);
    const entries = Array.from({ length: Math.max(0, upTo - from + 1) }, (_, i) => this.#entry(from + i));
    if (entries.length > 0 && this.#heldEpoch !== cursor.epoch) this.#reset(cursor.epoch);
    for (const { seq } of entries.filter((entry) => entry.seq > cursor.seq)) this.#hold(seq);
    cursor.seq = Math.max(cursor.seq, upTo);
    this.#receive(entries);
  }
  gap(): void {
    if (!this.#live) return;
    this.#cursor = { epoch: this.#epoch, seq: this.#log.length };
    this.#reset(this.#epoch);
    this.#waiting.clear();
    this.timeline = gap(`${this.#epoch}`, this.#log.length);
    this.list = unsent.askAgain(this.list);
    this.showPending(0);
    this.#settle();
  }
  /** All that waits, and once more some that is in the log, as a reader of a file that lags behind may say. */
  showPending(again: number): void {
    if (!this.#connected) return;
    const said = [...this.#log.slice(this.#log.length - again), ...this.#outbox];
    const held = new Set([...this.#held.values()].map(keyOf));
    for (const each of said) if (!held.has(keyOf(each))) this.#waiting.set(keyOf(each), each);
    this.#receive(said.map(pendingOf));
  }

  // What the client does.

  /** Comes back when Redis is away once more, and what waited is in the log. */
  missTheHealing(): void {
    this.disconnect();
    this.redisHeals();
    this.redisDies();
    this.connect();
  }
  disconnect(): void {
    this.#connected = false;
    this.#cursor = undefined;
    this.#asked = [];
  }
  connect(): void {
    if (this.#connected && !this.#redis) return;
    this.#connected = true;
    this.#asked = [];
    if (!this.#redis) this.#joinDegraded();
    else this.#join();
    this.list = unsent.askAgain(unsent.claimed(this.list, self.id));
    this.#settle();
    if (this.#redis) this.showPending(0);
  }
  ask(): void {
    const { run } = this.timeline;
    if (!this.#live || run?.epoch !== `${this.#epoch}`) return;
    this.#asked.push({ before: run.floor, page: this.#page(run.floor) });
  }
  answer(): void {
    const next = this.#asked.shift();
    const { run } = this.timeline;
    if (!next) return;
    const fits = run?.epoch === next.page.epoch && run.floor === next.before;
    if (fits) for (const { seq } of next.page.messages) this.#hold(seq);
    this.timeline = older(this.timeline, next.before, next.page);
    this.#settle();
  }
  write(): void {
    const id = `own${this.#count++}`;
    this.#written.push(id);
    this.list = unsent.written(this.list, { id, text: id, user: self.id }, NOW);
  }
  send(fate: Fate): void {
    const item = unsent.nextToSend(this.list);
    if (!item || !this.#connected) return;
    this.list = unsent.tried(this.list, item.id, NOW);
    const said = { from: self, id: item.id };
    if (fate === 'final' && !this.#knows(said))
      this.list = unsent.refused(this.list, item.id, { code: 'forbidden', message: '' });
    if (fate === 'taken' || fate === 'answer lost') this.#accept(said);
    if (fate === 'taken') this.list = unsent.taken(this.list, item.id, this.#answerTo(said));
    this.#settle();
  }
  retry(): void {
    const failed = this.list.find(({ state }) => state === 'failed');
    if (failed) this.list = unsent.retried(this.list, failed.id, self.id);
  }
  discard(): void {
    const failed = this.list.find(({ state }) => state === 'failed');
    if (failed) this.list = unsent.discarded(this.list, failed.id);
    if (failed) this.#discarded.add(failed.id);
  }
  /** Nothing is left but what lies in the storage. */
  reload(): void {
    this.disconnect();
    const kept = this.list.filter(({ taken }) => taken?.status !== 'committed');
    const saved = kept.map((item) => readSaved(JSON.parse(JSON.stringify(toSaved(room, item)))));
    this.list = unsent.merged(
      [],
      saved.reverse().map((item) => fromSaved(item!, self.id, NOW)),
    );
    this.timeline = EMPTY;
    this.#reset(undefined);
    this.#waiting.clear();
  }

  // What must be true.

  check(): void {
    const { committed, pending, run, broken } = this.timeline;
    if (broken) expect(broken).toBe(false);
    const held = [...this.#held].sort(([a], [b]) => a - b).map(([seq, said]) => `${seq} ${keyOf(said)}`);
    same(
      committed.map((message) => `${message.seq} ${keyOf(message)}`),
      held,
    );
    if (this.#live && this.#cursor) same([run?.upTo], [this.#cursor.seq]);
    const committedKeys = new Set(committed.map(keyOf));
    const waiting = [...this.#waiting.keys()].filter((key) => !committedKeys.has(key));
    same(pending.map(keyOf).sort(), waiting.sort());
    this.#checkShown();
  }
  /** Everything heals, arrives and is read back: what is shown is the log. */
  checkEnd(): void {
    this.redisHeals();
    this.connect();
    while (unsent.nextToSend(this.list)) this.send('taken');
    this.deliver(Infinity, 0);
    while (this.#asked.length > 0) this.answer();
    while (!this.timeline.complete) (this.ask(), this.answer());
    expect(this.timeline.committed.map(keyOf)).toEqual(this.#log.map(keyOf));
    expect(this.timeline.pending).toEqual([]);
    expect(this.list.filter(({ state }) => state !== 'failed')).toEqual([]);
  }

  #checkShown(): void {
    const all = shown(this.timeline, this.list, self);
    const keys = all.map(({ key }) => key);
    same([...new Set(keys)], keys);
    const ranks = all.map(({ state }) => (state === 'committed' ? 0 : 1));
    same(ranks, [...ranks].sort());
    const seen = new Set(all.map(({ id }) => id));
    const inLog = new Set(this.#log.map(({ id }) => id));
    const gone = this.#written.filter((id) => !seen.has(id) && !this.#discarded.has(id) && !inLog.has(id));
    // What an epoch lost after it was seen, or after its answer, is not the client's to keep.
    same(
      gone.filter((id) => !this.#acknowledged.has(id)),
      [],
    );
  }

  readonly #acknowledged = new Set<string>();

  get #live(): boolean {
    return this.#connected && this.#redis;
  }

  #accept(said: Said): void {
    if (this.#knows(said)) return;
    const waits = !this.#redis;
    (waits ? this.#outbox : this.#log).push(said);
    if (!waits) this.#acknowledged.add(said.id);
    if (!waits || !this.#connected) return;
    this.#waiting.set(keyOf(said), said);
    this.#receive([pendingOf(said)]);
  }
  #knows = (said: Said): boolean =>
    [...this.#log, ...this.#outbox].some((other) => keyOf(other) === keyOf(said));
  #flush(): void {
    for (const { id } of this.#outbox) this.#acknowledged.add(id);
    this.#log.push(...this.#outbox.splice(0));
  }
  #answerTo(said: Said): SendAnswer {
    const seq = this.#log.findIndex((other) => keyOf(other) === keyOf(said)) + 1;
    if (seq === 0) return { id: said.id, room, status: 'queued', at: NOW };
    return { id: said.id, room, status: 'committed', epoch: `${this.#epoch}`, seq, at: NOW };
  }

  #join(): void {
    const { run } = this.timeline;
    const ahead = this.#log.length - (run?.upTo ?? 0);
    const goesOn = run?.epoch === `${this.#epoch}` && ahead <= BEHIND;
    const upTo = goesOn ? run.upTo : this.#log.length;
    const { messages, complete } = this.#page(goesOn ? 0 : upTo + 1);
    this.#cursor = { epoch: this.#epoch, seq: upTo };
    this.#waiting.clear();
    if (!goesOn) {
      this.#reset(this.#epoch);
      for (const { seq } of messages) this.#hold(seq);
    }
    const reason = goesOn ? 'none' : run ? 'far' : 'fresh';
    const answer = { epoch: `${this.#epoch}`, upTo, messages, complete, reason } as const;
    this.timeline = joined(this.timeline, answer);
  }
  /** The newest entries that the server remembers, perhaps with a hole before them, and what waits. */
  #joinDegraded(): void {
    this.#resumes = true;
    const { messages } = this.#page(this.#log.length + 1);
    const { run } = this.timeline;
    if (!run) this.#reset(messages.length > 0 ? this.#epoch : undefined);
    if (!run || run.epoch === `${this.#epoch}`) for (const { seq } of messages) this.#hold(seq);
    const remembered = [...messages, ...this.#outbox.map(pendingOf)];
    for (const said of this.#outbox) this.#waiting.set(keyOf(said), said);
    const answer = { epoch: null, upTo: null, messages: remembered, reason: 'degraded' } as const;
    this.timeline = joined(this.timeline, answer);
  }
  /** The log is back: the server looks up `since` by itself. */
  #resume(): void {
    const { run } = this.timeline;
    if (run?.epoch !== `${this.#epoch}` || this.#log.length - run.upTo > BEHIND) return this.gap();
    this.#cursor = { epoch: this.#epoch, seq: run.upTo };
  }

  #reset(epoch: number | undefined): void {
    this.#held.clear();
    this.#heldEpoch = epoch;
  }
  #hold(seq: number): void {
    const said = this.#log[seq - 1]!;
    this.#held.set(seq, said);
    this.#waiting.delete(keyOf(said));
  }
  #receive(entries: Received[]): void {
    const epoch = this.timeline.run?.epoch;
    this.timeline = receive(this.timeline, entries);
    if (epoch !== undefined && epoch !== this.timeline.run?.epoch) this.list = unsent.askAgain(this.list);
    this.#settle();
  }
  #settle(): void {
    this.list = unsent.settled(this.list, this.timeline, self.id);
  }

  #entry(seq: number): Entry & PageMessage {
    const { from, id } = this.#log[seq - 1]!;
    const place = { room, epoch: `${this.#epoch}`, seq, n: seq };
    return { ...place, id, from, kind: 'message', at: NOW, text: id };
  }
  #page(before: number): HistoryAnswer {
    const from = Math.max(1, before - PAGE);
    const messages = Array.from({ length: Math.max(0, before - from) }, (_, i) => this.#entry(from + i));
    const complete = (messages[0]?.seq ?? 1) === 1;
    return { room, epoch: `${this.#epoch}`, first: 1, head: this.#log.length, messages, complete };
  }
}

/** As `toEqual`, of which there are millions here, without its cost while all is well. */
function same(actual: readonly unknown[], expected: readonly unknown[]): void {
  if (actual.join() !== expected.join()) expect(actual).toEqual(expected);
}

const pendingOf = ({ from, id }: Said): PendingMessage => {
  return { room, id, from, kind: 'message', at: NOW, text: id, pending: true };
};

type Step = (model: RoomModel) => void;
const count = fc.nat(6);
const fates = fc.constantFrom<Fate>('taken', 'taken', 'answer lost', 'lost', 'temporary', 'final');
const step: fc.Arbitrary<Step> = fc.oneof(
  fc.nat(1).map(
    (who): Step =>
      (model) =>
        model.say(who),
  ),
  fc.tuple(count, count).map(
    ([n, back]): Step =>
      (model) =>
        model.deliver(n, back),
  ),
  fates.map(
    (fate): Step =>
      (model) =>
        model.send(fate),
  ),
  count.map(
    (again): Step =>
      (model) =>
        model.showPending(again),
  ),
  fc.constantFrom<Step>(
    (m) => m.write(),
    (m) => m.redisDies(),
    (m) => m.redisHeals(),
    (m) => m.disconnect(),
    (m) => m.connect(),
    (m) => m.missTheHealing(),
    (m) => m.gap(),
    (m) => m.ask(),
    (m) => m.answer(),
    (m) => (m.ask(), m.answer()),
    (m) => m.retry(),
  ),
  fc.constantFrom<Step>(
    (m) => m.newEpoch(1),
    (m) => m.reload(),
    (m) => m.discard(),
    (m) => m.connect(),
  ),
);

/** Any interleaving of so many histories: after every step the sets are shown, and in the end the log. */
export function checkRoomModel(numRuns: number, maxLength: number): void {
  const history = fc.array(step, { maxLength, size: 'max' });
  const property = fc.property(history, (steps) => {
    const model = new RoomModel();
    model.connect();
    for (const next of steps) {
      next(model);
      model.check();
    }
    model.checkEnd();
  });
  fc.assert(property, { numRuns });
}
