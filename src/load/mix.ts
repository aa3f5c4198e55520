import type { Ref } from '../protocol/entries';
import { userOf, type Content, type Journal } from './journal';
import type { Random } from './random';
import { keyOfRef } from './sent';

/** How often clients do what, as weights. `history`: read the newest page. */
export type Mix = Partial<Record<Content['kind'] | 'history', number>>;

const EMOJI = ['👍', '❤️', '😂', '😮', '😢', '감사'];
/** Of so many of the newest messages one is changed. */
const RECENT = 20;

/** Something of this kind to say about what this client has seen; a message, if there is nothing to change. */
export function contentOf(
  kind: Content['kind'],
  text: string,
  journal: Journal,
  room: string,
  random: Random,
): Content {
  const targets =
    kind === 'message' ? [] : kind === 'reaction' ? recentlySeen(journal, room) : own(journal, room);
  if (kind === 'message' || targets.length === 0) return { kind: 'message', text };
  const target = random.oneOf(targets);
  switch (kind) {
    case 'edit':
      return { kind, target, text };
    case 'delete':
      return { kind, target };
    case 'reaction':
      return { kind, target, emoji: random.oneOf(EMOJI), on: random.next() < 0.75 };
  }
}

/** Its own newest messages that were not refused, and that it did not delete. */
function own(journal: Journal, room: string): Ref[] {
  const user = userOf(journal)!;
  const deleted = new Set<string>();
  const found: Ref[] = [];
  for (let i = journal.sends.length - 1; i >= 0 && found.length < RECENT; i--) {
    const send = journal.sends[i]!;
    if (send.kind === 'delete') deleted.add(keyOfRef(send.target));
    if (send.kind !== 'message' || send.room !== room || send.id === undefined) continue;
    const ref = { from: user, id: send.id };
    if (send.attempts.at(-1)?.answer?.ok !== false && !deleted.has(keyOfRef(ref))) found.push(ref);
  }
  return found;
}

/** The newest messages of anybody that it was sent. */
function recentlySeen({ events }: Journal, room: string): Ref[] {
  const found: Ref[] = [];
  for (let i = events.length - 1; i >= Math.max(0, events.length - 10 * RECENT); i--) {
    const event = events[i]!;
    for (const entry of event.type === 'messages' ? event.entries : []) {
      if (entry.room === room && entry.kind === 'message' && !('deleted' in entry))
        found.push({ from: entry.from.id, id: entry.id });
    }
    if (found.length >= RECENT) break;
  }
  return found;
}
