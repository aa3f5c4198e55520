import type { Entry } from '../protocol/entries';
import type { Findings } from './findings';
import { keyOf, type Sent } from './sent';

/** What all have seen of one epoch of one room's log. */
export interface Epoch {
  room: string;
  epoch: string;
  keyAt: Map<number, string>;
  seqOf: Map<string, number>;
}

/** All clients, the final log and all acknowledgements have to agree which entry stands at which position. */
export class Agreement {
  private readonly known = new Map<string, Epoch>();

  constructor(private readonly findings: Findings) {}

  epochs(): Epoch[] {
    return [...this.known.values()];
  }

  /** The positions of an epoch at which anybody saw an entry. */
  seen(room: string, epoch: string): Iterable<number> {
    return this.epoch(room, epoch).keyAt.keys();
  }

  /** `who` sees this entry at its position. The first to say it, the final log before all, is believed. */
  saw(who: string, { room, epoch, seq, from, id }: Entry): void {
    const { keyAt, seqOf } = this.epoch(room, epoch);
    const key = keyOf(from.id, id);
    const other = keyAt.get(seq);
    if (other !== undefined && other !== key) {
      this.findings.add('conflicting', `${who} saw at ${room} ${epoch}:${seq} ${id}, others ${idOf(other)}`);
    } else if (other === undefined) {
      keyAt.set(seq, key);
      if (!seqOf.has(key)) seqOf.set(key, seq);
    }
  }

  /** Compares the acknowledgements with what was seen. To be called last. */
  compareAnswers(sent: Sent): void {
    for (const { user, send } of sent.sends) {
      for (const { answer } of send.attempts) {
        if (answer?.ok && answer.status === 'committed') this.compare(user, answer);
      }
    }
  }

  private compare(user: string, answer: { id: string; room: string; epoch: string; seq: number }): void {
    const { id, room, epoch, seq } = answer;
    const { keyAt, seqOf } = this.epoch(room, epoch);
    const key = keyOf(user, id);
    const seen = keyAt.get(seq);
    if (seen === key || (seen === undefined && !seqOf.has(key))) return;
    const there = seqOf.has(key) ? `is at ${seqOf.get(key)}` : `is not there, but ${idOf(seen!)}`;
    this.findings.add('conflicting', `${id} of ${user}, acknowledged at ${room} ${epoch}:${seq}, ${there}`);
  }

  private epoch(room: string, epoch: string): Epoch {
    const name = `${room}\n${epoch}`;
    const known = this.known.get(name) ?? { room, epoch, keyAt: new Map(), seqOf: new Map() };
    this.known.set(name, known);
    return known;
  }
}

const idOf = (key: string): string => key.slice(key.lastIndexOf('\n') + 1);
