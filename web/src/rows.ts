import type { ShownMessage } from '../../src/client';
import { keyOfRef } from '../../src/client/committed';

const GROUP_WITHIN_MS = 5 * 60_000;

/** A message with what its place in the list adds. */
export interface Row {
  message: ShownMessage;
  /** The first of its day. */
  startsDay: boolean;
  /** The first of several by the same author in a short time: it carries the name. */
  startsGroup: boolean;
  /** The last of them: it carries the time. */
  endsGroup: boolean;
  /** What it answers, if that is held. */
  quoted: ShownMessage | undefined;
}

/** The rows of the messages from this index on. What comes before counts as their neighbours and as answered. */
export function rowsOf(messages: readonly ShownMessage[], from = 0): Row[] {
  const rows = messages.slice(from);
  const answers = rows.some(({ replyTo }) => replyTo);
  const known = new Map(answers ? messages.map((message) => [message.key, message]) : []);
  return rows.map((message, i) => {
    const before = messages[from + i - 1];
    const after = messages[from + i + 1];
    return {
      message,
      startsDay: !before || dayOf(before) !== dayOf(message),
      startsGroup: !before || !together(before, message),
      endsGroup: !after || !together(message, after),
      quoted: message.replyTo && known.get(keyOfRef(message.replyTo)),
    };
  });
}

function together(a: ShownMessage, b: ShownMessage): boolean {
  return a.from.id === b.from.id && Math.abs(b.at - a.at) < GROUP_WITHIN_MS && dayOf(a) === dayOf(b);
}

/** Calendars are slow, and a message is asked for its day with every message that follows it. */
const days = new WeakMap<ShownMessage, number>();

/** The start of the message's day, ms since 1970. */
function dayOf(message: ShownMessage): number {
  const known = days.get(message);
  if (known !== undefined) return known;
  const day = new Date(message.at).setHours(0, 0, 0, 0);
  days.set(message, day);
  return day;
}
