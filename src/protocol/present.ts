import type {
  DeleteBody,
  EditBody,
  Entry,
  MessageBody,
  PageMessage,
  Place,
  ReactionBody,
  Ref,
  Tombstone,
} from './entries';

/** An entry that may change a message that was said before it. */
export type Change = Place & (EditBody | DeleteBody | ReactionBody);

export const isChange = (entry: Entry): entry is Change =>
  !('deleted' in entry) && (entry.kind === 'edit' || entry.kind === 'delete' || entry.kind === 'reaction');

/** The message that an entry brings, as it is before any change. Undefined for all other kinds. */
export function messageOf(entry: Entry): PageMessage | undefined {
  if (entry.kind !== 'message') return undefined;
  const { room, epoch, seq, n, id, kind, from, at } = entry;
  const place = { room, epoch, seq, n, id, kind, from, at };
  if ('deleted' in entry) return { ...place, deleted: true };
  return { ...place, text: entry.text, ...(entry.replyTo && { replyTo: entry.replyTo }) };
}

/**
 * A message after an entry of its log: the one rule of what edits, deletes and reactions do, for servers,
 * clients and the checker. The same object if nothing changes. Entries in the order of the log, from any
 * place before the message's last change on, lead to the same message: repeats do no harm. A delete is final.
 */
export function present(message: PageMessage, entry: Entry): PageMessage {
  if (message.deleted) return message;
  if (entry.kind === 'message') return 'deleted' in entry && names(entry, message) ? bare(message) : message;
  if (!isChange(entry) || !concerns(entry.target, message)) return message;
  if (entry.kind === 'delete') return bare(message);
  return entry.kind === 'edit' ? rewritten(message, entry) : reacted(message, entry);
}

/** What a delete leaves of a message, or of an edit of it, in the run. */
export function tombstoneOf(entry: Place & (Tombstone | EditBody | MessageBody)): Entry {
  const { room, epoch, seq, n, id, from, at } = entry;
  const place = { room, epoch, seq, n, id, from, at, deleted: true } as const;
  return entry.kind === 'edit'
    ? { ...place, kind: 'edit', target: entry.target }
    : { ...place, kind: 'message' };
}

/** What is left of an entry after the delete of this message: a tombstone, if it is the message or an edit of it. */
export function afterDelete(entry: Entry, target: Ref): Entry {
  if (!('text' in entry)) return entry;
  const of = entry.kind === 'message' ? { from: entry.from.id, id: entry.id } : entry.target;
  return of.from === target.from && of.id === target.id ? tombstoneOf(entry) : entry;
}

const concerns = (target: Ref, { from, id }: PageMessage): boolean =>
  target.id === id && target.from === from.id;
const names = ({ from, id }: Entry, message: PageMessage): boolean =>
  concerns({ from: from.id, id }, message);

function bare({ room, epoch, seq, n, id, kind, from, at }: PageMessage): PageMessage {
  return { room, epoch, seq, n, id, kind, from, at, deleted: true };
}

function rewritten(message: PageMessage, { text, at }: EditBody): PageMessage {
  return message.text === text && message.edited === at ? message : { ...message, text, edited: at };
}

function reacted(message: PageMessage, { emoji, on, from }: ReactionBody): PageMessage {
  // A map, because an emoji may be called `__proto__`.
  const all = new Map(Object.entries(message.reactions ?? {}));
  const users = all.get(emoji) ?? [];
  if (users.includes(from.id) === on) return message;
  const now = on ? [...users, from.id] : users.filter((id) => id !== from.id);
  if (now.length > 0) all.set(emoji, now);
  else all.delete(emoji);
  const { reactions: _, ...rest } = message;
  return all.size > 0 ? { ...rest, reactions: Object.fromEntries(all) } : rest;
}
