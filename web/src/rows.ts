import type { ShownMessage } from '../../src/client';

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
}

export function rowsOf(messages: readonly ShownMessage[]): Row[] {
  return messages.map((message, i) => {
    const before = messages[i - 1];
    const after = messages[i + 1];
    return {
      message,
      startsDay: !before || !sameDay(before.at, message.at),
      startsGroup: !before || !together(before, message),
      endsGroup: !after || !together(message, after),
    };
  });
}

function together(a: ShownMessage, b: ShownMessage): boolean {
  return a.from.id === b.from.id && Math.abs(b.at - a.at) < GROUP_WITHIN_MS && sameDay(a.at, b.at);
}

const sameDay = (a: number, b: number): boolean => new Date(a).toDateString() === new Date(b).toDateString();
