import type { Entry, PageMessage, Reactions } from './entries';

/**
 * Messages as they are now, from the entries of a room's log: the one rule for servers and clients.
 * What is in effect already changes nothing, so that entries may be applied again in their order.
 */

/** The message that an entry of kind `message` makes, or its tombstone. */
export function messageOf(entry: Entry & { kind: 'message' }): PageMessage {
  return { ...entry };
}

/** The message after an entry that targets it. The same object if nothing changes. */
export function present(message: PageMessage, entry: Entry): PageMessage {
  if (message.deleted || 'deleted' in entry) return message;
  switch (entry.kind) {
    case 'message':
      return message;
    case 'edit':
      return edited(message, entry.text, entry.at);
    case 'delete':
      return tombstoneOf(message);
    case 'reaction':
      return reacted(message, entry.emoji, entry.from.id, entry.on);
  }
}

function edited(message: PageMessage, text: string, at: number): PageMessage {
  return message.text === text && message.edited === at ? message : { ...message, text, edited: at };
}

/** What a delete leaves of a message: its place. Of an edit: what it was an edit of, too. */
export function tombstoneOf(entry: PageMessage): PageMessage;
export function tombstoneOf(entry: Entry): Entry;
export function tombstoneOf(entry: PageMessage | Entry): object {
  const { room, epoch, seq, n, id, kind, from, at } = entry;
  const target = 'target' in entry ? { target: entry.target } : {};
  return { room, epoch, seq, n, id, kind, from, at, ...target, deleted: true };
}

function reacted(message: PageMessage, emoji: string, user: string, on: boolean): PageMessage {
  // A map, so that no emoji can be more than a key.
  const reactions = new Map(Object.entries(message.reactions ?? {}));
  const users = reactions.get(emoji) ?? [];
  if (users.includes(user) === on) return message;
  const left = on ? [...users, user] : users.filter((other) => other !== user);
  if (left.length > 0) reactions.set(emoji, left);
  else reactions.delete(emoji);
  return withReactions(message, Object.fromEntries(reactions));
}

function withReactions({ reactions: _, ...message }: PageMessage, reactions: Reactions): PageMessage {
  return Object.keys(reactions).length > 0 ? { ...message, reactions } : message;
}
