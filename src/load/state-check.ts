import type { PageMessage } from '../protocol/entries';
import type { Agreement, Epoch } from './agreement';
import type { Findings } from './findings';
import { outcomeOf, type Attempt, type FinalLog } from './journal';
import { keyOf, keyOfRef, type Sent } from './sent';
import { shownOn } from './states';
import { Truth } from './truth';

/** A page that somebody got. It has to show what the log was at `seq`, or later. */
export interface Page {
  who: string;
  seq: number;
  messages: PageMessage[];
}

/**
 * State before + entries = state after: what everybody was shown live, and what was acknowledged, has to make
 * exactly what pages show, message by message. Runs are compared with each other (Agreement), so whoever
 * applies the entries of his run to such a page ends at what the final page shows.
 */
export class StateCheck {
  private readonly truths = new Map<Epoch, Truth>();

  constructor(
    private readonly sent: Sent,
    private readonly agreement: Agreement,
    private readonly logs: FinalLog[],
    private readonly findings: Findings,
  ) {}

  all(pages: Page[]): void {
    for (const log of this.logs) this.finalLog(log);
    for (const epoch of this.agreement.epochs()) this.deletes(this.truth(epoch));
    for (const page of pages) this.page(page);
  }

  private finalLog({ room, epoch, head, messages }: FinalLog): void {
    const truth = this.truth(this.agreement.epoch(room, epoch));
    this.page({ who: 'the final log', seq: head, messages });
    if (truth.unknown.length > truth.unplaced.length)
      this.findings.add('holes', `nobody sent what is at ${room} ${epoch}:${truth.unknown.join()}`);
    if (truth.unknown.length === 0) for (const each of truth.unplaced) this.mustBeIn(truth, each);
    this.refusals(truth, messages);
  }

  private mustBeIn({ states }: Truth, { user, send }: Truth['unplaced'][number]): void {
    const outcome = outcomeOf(send);
    // What was queued, or was in an older epoch, has no place any more if its target was deleted before.
    const mayBeVoid = states.deletedAt(keyOfRef(send.target)) !== undefined;
    if (outcome !== 'unknown' && !mayBeVoid)
      this.findings.add('lost', `${send.id} of ${user}, ${outcome}, is not in the log of ${send.room}`);
  }

  /** `not_found` is for targets that are not there. While a log begins anew nobody can say what is. */
  private refusals(truth: Truth, messages: PageMessage[]): void {
    if (!this.agreement.isOnlyEpoch(truth.epoch)) return;
    const there = new Set(messages.flatMap((each) => (each.deleted ? [] : [keyOf(each.from.id, each.id)])));
    for (const { user, send } of this.sent.sends) {
      if (send.kind === 'message' || send.room !== truth.epoch.room) continue;
      const target = keyOfRef(send.target);
      const known = there.has(target) ? this.acknowledgedAt(target, send.room) : Infinity;
      if (send.attempts.some((attempt) => attempt.sentAt > known && isNotFound(attempt)))
        this.findings.add('stale', `${send.id} of ${user} was told not_found of what is in ${send.room}`);
    }
  }

  /** From when on everybody had to know of it. */
  private acknowledgedAt(key: string, room: string): number {
    const attempts = this.sent.find(key, room)?.attempts ?? [];
    return attempts.find(({ answer }) => answer?.ok)?.answeredAt ?? Infinity;
  }

  /** A text is gone exactly if a delete says so, and then for good. */
  private deletes(truth: Truth): void {
    const { epoch, states } = truth;
    const inOrder = this.agreement.isOnlyEpoch(epoch);
    for (const seq of epoch.tombstones) {
      const shown = epoch.at.get(seq)!;
      const target = shown.kind === 'edit' ? keyOfRef(shown.target) : keyOf(shown.from.id, shown.id);
      const deleted = states.deletedAt(target);
      const explained = deleted === undefined ? truth.isUncertain(target) : deleted > seq || !inOrder;
      if (!explained)
        this.findings.add('stale', `${epoch.room} ${epoch.epoch}:${seq} was shown as deleted, but it is not`);
    }
    // What servers offered again to a new log may come in another order.
    for (const { seq, key } of inOrder ? states.tooLate : [])
      this.findings.add(
        'phantoms',
        `${idOf(key)} at ${epoch.room} ${epoch.epoch}:${seq} changes what is deleted`,
      );
  }

  private page({ who, seq, messages }: Page): void {
    for (const message of messages) {
      const truth = this.truth(this.agreement.epoch(message.room, message.epoch));
      const key = keyOf(message.from.id, message.id);
      if (this.sent.fault(message) || truth.epoch.seqOf.get(key) !== message.seq) continue;
      const versions = truth.states.since(key, seq);
      const shows = shownOn(message);
      if (versions.some((version) => version.shows === shows)) continue;
      const expected = versions[0]?.shows ?? 'nothing';
      if (expected === 'deleted' || !truth.isUncertain(key))
        this.findings.add('stale', `${who} saw ${wordsOf(message)} as ${shows}, not as ${expected}`);
    }
  }

  private truth(epoch: Epoch): Truth {
    const final = this.logs.find((log) => log.room === epoch.room && log.epoch === epoch.epoch);
    const truth = this.truths.get(epoch) ?? new Truth(epoch, this.sent, final);
    this.truths.set(epoch, truth);
    return truth;
  }
}

const isNotFound = ({ answer }: Attempt): boolean =>
  answer?.ok === false && answer.error.code === 'not_found';
const idOf = (key: string): string => key.slice(key.lastIndexOf('\n') + 1);
const wordsOf = ({ room, epoch, seq, id }: PageMessage): string => `${room} ${epoch}:${seq} (${id})`;
