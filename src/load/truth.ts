import type { Epoch } from './agreement';
import { outcomeOf, type Content, type FinalLog, type Send } from './journal';
import { keyOf, keyOfRef, type Sent, type Shown } from './sent';
import { States, type Told } from './states';

type Change = Exclude<Send, { kind: 'message' }>;

/** One epoch of a room's log, put together from all that was shown and acknowledged. */
export class Truth {
  readonly states: States;
  /** Positions of `final` that nobody knows anything of: there stands an entry of unknown outcome. */
  readonly unknown: number[];
  /** Edits, deletes and reactions that may be in the log: not refused, and not known to be there. */
  readonly unplaced: { user: string; send: Change }[];
  private readonly keys: Set<string>;
  private readonly uncertain: Set<string>;

  constructor(
    readonly epoch: Epoch,
    sent: Sent,
    /** If this is the epoch in which the room ended. */
    final: FinalLog | undefined,
  ) {
    const told = assemble(epoch, sent);
    this.states = new States([...told.values()].sort((a, b) => a.seq - b.seq));
    this.keys = new Set([...told.values()].map(({ key }) => key));
    const { first = 1, head = 0 } = final ?? {};
    const positions = Array.from({ length: head - first + 1 }, (_, i) => first + i);
    this.unknown = positions.filter((seq) => !told.has(seq));
    this.unplaced = changesOf(sent, epoch.room).filter(
      ({ user, send }) => !this.has(keyOf(user, send.id ?? '')),
    );
    const open = final && this.unknown.length === 0 ? [] : this.unplaced;
    this.uncertain = new Set(open.map(({ send }) => keyOfRef(send.target)));
  }

  has(key: string): boolean {
    return this.keys.has(key);
  }

  /** Whether an entry that nobody saw may have changed this message. */
  isUncertain(key: string): boolean {
    return this.uncertain.has(key);
  }
}

function changesOf(sent: Sent, room: string): { user: string; send: Change }[] {
  return sent.sends.flatMap(({ user, send }) =>
    send.kind !== 'message' && send.room === room && outcomeOf(send) !== 'refused' ? [{ user, send }] : [],
  );
}

function assemble({ room, epoch, at, phantoms }: Epoch, sent: Sent): Map<number, Told> {
  const told = new Map<number, Told>();
  for (const [seq, shown] of [...phantoms, ...at]) told.set(seq, toldBy(shown, sent));
  for (const { user, send } of sent.sends) {
    for (const { answer } of send.room === room ? send.attempts : []) {
      if (!answer?.ok || answer.status !== 'committed' || answer.epoch !== epoch) continue;
      const { seq, at, id } = answer;
      if (!told.has(seq)) told.set(seq, { ...send, seq, at, key: keyOf(user, id) });
    }
  }
  return told;
}

/** What was edited or deleted since is told as it was sent. */
function toldBy(shown: Shown, sent: Sent): Told {
  const key = keyOf(shown.from.id, shown.id);
  const { seq, at } = shown;
  const changed = 'deleted' in shown || 'edited' in shown;
  const content = (changed ? sent.find(key, shown.room) : undefined) ?? shown;
  return { ...(content as Content), seq, at, key };
}
