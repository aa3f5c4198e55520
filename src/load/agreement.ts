import type { User } from '../protocol/entries';
import type { Findings } from './findings';
import { keyOf, type Sent, type Shown } from './sent';

/** What all have seen of one epoch of one room's log. */
export interface Epoch {
  room: string;
  epoch: string;
  /** As it came live if it did, with its text if anybody saw that; otherwise as it stood on a page. */
  at: Map<number, Shown>;
  seqOf: Map<string, number>;
  /** Positions at which somebody was shown live that the text is deleted. */
  tombstones: Set<number>;
  /** What should not have been shown; nobody is said to contradict it. */
  phantoms: Map<number, Shown>;
}

/** All clients, the final log and all acknowledgements have to agree which entry stands at which position. */
export class Agreement {
  private readonly known = new Map<string, Epoch>();
  /** Crowds share equal entries: one look is enough for each. */
  private readonly looked = new Set<Shown>();

  constructor(private readonly findings: Findings) {}

  epochs(): Epoch[] {
    return [...this.known.values()];
  }

  /** Whether the room's log never began anew, as far as anybody saw. */
  isOnlyEpoch({ room }: Epoch): boolean {
    return this.epochs().filter((each) => each.room === room).length === 1;
  }

  /** `who` sees this at its position. The first to say it, the final log before all, is believed. */
  saw(who: string, shown: Shown, live: boolean): void {
    if (this.looked.has(shown)) return;
    this.looked.add(shown);
    const { room, seq, from, id } = shown;
    const { at, seqOf, tombstones } = this.epoch(room, shown.epoch);
    const other = at.get(seq);
    if (other && !same(other, shown)) {
      this.findings.add(
        'conflicting',
        `${who} saw at ${room} ${shown.epoch}:${seq} ${id}, others ${other.id}`,
      );
      return;
    }
    const key = keyOf(from.id, id);
    if (!seqOf.has(key)) seqOf.set(key, seq);
    if (live && 'deleted' in shown) tombstones.add(seq);
    if (!other || (live && !('deleted' in shown))) at.set(seq, shown);
  }

  /** The same of what nobody sent so. */
  sawPhantom(shown: Shown): void {
    this.epoch(shown.room, shown.epoch).phantoms.set(shown.seq, shown);
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
    const { at, seqOf } = this.epoch(room, epoch);
    const key = keyOf(user, id);
    const seen = at.get(seq);
    if (!seen && !seqOf.has(key)) return;
    if (seen && keyOf(seen.from.id, seen.id) === key) return;
    const there = seqOf.has(key) ? `is at ${seqOf.get(key)}` : `is not there, but ${seen!.id}`;
    this.findings.add('conflicting', `${id} of ${user}, acknowledged at ${room} ${epoch}:${seq}, ${there}`);
  }

  /** What is known of this epoch so far. */
  epoch(room: string, epoch: string): Epoch {
    const name = `${room}\n${epoch}`;
    const known = this.known.get(name) ?? newEpoch(room, epoch);
    this.known.set(name, known);
    return known;
  }
}

function newEpoch(room: string, epoch: string): Epoch {
  return { room, epoch, at: new Map(), seqOf: new Map(), tombstones: new Set(), phantoms: new Map() };
}

/** Both stand for one entry; what it says is compared with what was sent. */
const same = (a: Shown, b: Shown): boolean =>
  a.id === b.id && a.kind === b.kind && a.n === b.n && a.at === b.at && sameUser(a.from, b.from);
const sameUser = (a: User, b: User): boolean => a.id === b.id && a.name === b.name;
