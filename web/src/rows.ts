import type { Ref, ShownMessage } from '../../src/client';

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

export function rowsOf(messages: readonly ShownMessage[]): Row[] {
  const answered = messages.some(({ replyTo }) => replyTo);
  const known = new Map(answered ? messages.map((message) => [refKey(refOf(message)), message]) : []);
  return messages.map((message, i) => {
    const before = messages[i - 1];
    const after = messages[i + 1];
    return {
      message,
      startsDay: !before || !sameDay(before.at, message.at),
      startsGroup: !before || !together(before, message),
      endsGroup: !after || !together(message, after),
      quoted: message.replyTo && known.get(refKey(message.replyTo)),
    };
  });
}

const refOf = ({ from, id }: ShownMessage): Ref => ({ from: from.id, id });
const refKey = ({ from, id }: Ref): string => `${from} ${id}`;

function together(a: ShownMessage, b: ShownMessage): boolean {
  return a.from.id === b.from.id && Math.abs(b.at - a.at) < GROUP_WITHIN_MS && sameDay(a.at, b.at);
}

const sameDay = (a: number, b: number): boolean => new Date(a).toDateString() === new Date(b).toDateString();
