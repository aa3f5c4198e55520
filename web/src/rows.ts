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

/** The rows of the messages from one index up to, and without, another. All others count as neighbours and as answered. */
export function rowsOf(messages: readonly ShownMessage[], from = 0, to = messages.length): Row[] {
  const rows = messages.slice(from, to);
  const answered = answeredBy(rows, messages);
  return rows.map((message, i) => {
    const before = messages[from + i - 1];
    const after = messages[from + i + 1];
    return {
      message,
      startsDay: !before || dayOf(before) !== dayOf(message),
      startsGroup: !before || !together(before, message),
      endsGroup: !after || !together(message, after),
      quoted: message.replyTo && answered.get(keyOfRef(message.replyTo)),
    };
  });
}

/** What these rows answer, by key; found from the end, because people answer what was said lately. */
function answeredBy(
  rows: readonly ShownMessage[],
  messages: readonly ShownMessage[],
): ReadonlyMap<string, ShownMessage> {
  const wanted = new Set(rows.flatMap(({ replyTo }) => (replyTo ? [keyOfRef(replyTo)] : [])));
  const found = new Map<string, ShownMessage>();
  for (let i = messages.length - 1; i >= 0 && found.size < wanted.size; i--) {
    const message = messages[i]!;
    if (wanted.has(message.key)) found.set(message.key, message);
  }
  return found;
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
