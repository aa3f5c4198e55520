import type { Entry, Position } from '../protocol/entries';
import type { Findings } from './findings';
import type { FinalLog } from './journal';
import { keyOfRef, type Sent, type Shown } from './sent';

/**
 * The run of one room at one client: what it was shown since it last had to drop what it held. Checks the
 * contract ("The run"): strictly rising, no hole, no repeat, broken only by a new epoch, a gap or a join.
 */
export class Run {
  open = false;
  /** The client did not give the room up: when it is connected, it should be in it. */
  private wanted = false;
  private epoch: string | null = null;
  /** The run has to be complete from the seq after `base` up to `top`. */
  private base = 0;
  private top = 0;
  private shown = new Map<number, string>();
  private keys = new Set<string>();
  private received = 0;
  private readonly left = new Set<string>();
  /** Where it saw deletes of which messages, on this connection and in this epoch. */
  private readonly deleted = new Map<string, number>();

  constructor(
    private readonly client: string,
    private readonly room: string,
    private readonly sent: Sent,
    private readonly findings: Findings,
  ) {}

  /** The client drops what it holds; live entries come from upTo + 1. `page` is what it holds instead. */
  start(epoch: string | null, upTo: number, page: readonly Shown[] = []): void {
    this.close();
    if (this.epoch !== epoch) this.deleted.clear();
    if (this.epoch !== null && this.epoch !== epoch) this.left.add(this.epoch);
    this.epoch = epoch;
    this.base = this.top = upTo;
    this.shown.clear();
    this.keys.clear();
    this.open = this.wanted = true;
    let last = 0;
    for (const entry of page) {
      this.show(entry, last);
      last = entry.seq;
    }
  }

  /** The client moves its cursor to `since` and keeps what it holds up to there. */
  goOn(since: Position): void {
    if (since.epoch !== this.epoch) return this.start(since.epoch, since.seq);
    for (let seq = since.seq + 1; seq <= this.top; seq++) this.forget(seq);
    // A `since` ahead of what it held would hide a hole; with the old `base` the hole is found.
    this.base = Math.min(this.base, since.seq);
    this.top = since.seq;
    this.open = this.wanted = true;
  }

  /** One live entry. True: it stands for this position of the log, and may be compared with others. */
  take(entry: Entry): boolean {
    if (!this.open) {
      this.findings.add('phantoms', `${this.words(entry)}, without having joined the room`);
      return false;
    }
    if (entry.epoch !== this.epoch) {
      if (this.left.has(entry.epoch)) {
        this.findings.add('outOfOrder', `${this.words(entry)}, of an epoch that was over`);
        return false;
      }
      this.start(entry.epoch, 0);
    }
    const fresh = this.show(entry, this.top);
    this.top = Math.max(this.top, entry.seq);
    this.followDeletes(entry);
    return fresh;
  }

  /** The client stops receiving: what it was shown has to be without hole, but no more will come. */
  close(): void {
    this.open = false;
    if (this.epoch === null) return;
    for (let seq = this.base + 1; seq <= this.top; seq++) {
      if (this.shown.has(seq)) continue;
      const kind = this.sent.acknowledgedAt(this.room, this.epoch, seq) ? 'lost' : 'holes';
      this.findings.add(kind, `${this.client} never saw ${this.room} ${this.epoch}:${seq}`);
    }
  }

  /** The client gives the room up. */
  detach(): void {
    this.close();
    this.wanted = false;
  }

  /** The next connection may be to a server that has not heard of the newest deletes. */
  disconnect(): void {
    this.close();
    this.deleted.clear();
  }

  /** All is quiet: an open run has to reach the head, and one of a client that is connected has to be open. */
  finish(log: FinalLog | undefined, connected: boolean): void {
    if (connected && this.wanted && !this.open)
      this.findings.add('lost', `${this.client} is connected, but did not get back into ${this.room}`);
    if (this.open && log) {
      if (log.epoch !== this.epoch && log.head > 0) this.start(log.epoch, 0);
      this.top = Math.max(this.top, log.epoch === this.epoch ? log.head : 0);
    }
    this.close();
  }

  /** Who saw a delete is never shown that text again, not if he goes back either. */
  private followDeletes(entry: Entry): void {
    if (entry.kind === 'delete') return void this.deleted.set(keyOfRef(entry.target), entry.seq);
    if (this.deleted.size === 0 || 'deleted' in entry || entry.kind === 'reaction') return;
    const target = entry.kind === 'edit' ? keyOfRef(entry.target) : this.sent.keyOf(entry);
    if (entry.seq < (this.deleted.get(target) ?? 0))
      this.findings.add('stale', `${this.words(entry)} with its text, after its delete`);
  }

  private show(entry: Shown, top: number): boolean {
    const key = this.sent.keyOf(entry);
    const repeated = this.shown.has(entry.seq) || this.keys.has(key);
    this.shown.set(entry.seq, key);
    this.keys.add(key);
    this.received++;
    if (repeated) this.findings.add('doubled', `${this.words(entry)} again, as its entry ${this.received}`);
    else if (entry.seq <= top) this.findings.add('outOfOrder', `${this.words(entry)} after ${top}`);
    return !repeated;
  }

  private forget(seq: number): void {
    const key = this.shown.get(seq);
    if (key !== undefined) this.keys.delete(key);
    this.shown.delete(seq);
  }

  private words(entry: Shown): string {
    const { room, epoch, seq, id, from } = entry;
    return `${this.client} saw ${room} ${epoch}:${seq} (${id} of ${from.id})`;
  }
}
