import type { ShownMessage } from '../../src/client';

/**
 * Of a long timeline a few hundred rows are in the document: enough to scroll, to search in the browser and to
 * read with a screen reader; more would cost time with each message.
 */
export const MAX_ROWS = 240;
/** The window moves by so many rows at a time. */
export const STEP = 60;

/** Which rows are shown: the newest, or those from this message on. */
export type Place = 'end' | Pick<ShownMessage, 'key' | 'seq'>;

export interface Window {
  from: number;
  /** Without this one. */
  to: number;
}

export function windowAt(place: Place, messages: readonly ShownMessage[]): Window {
  const { length } = messages;
  if (place === 'end') return { from: Math.max(0, length - MAX_ROWS), to: length };
  const from = placeOf(place, messages);
  return { from, to: Math.min(length, from + MAX_ROWS) };
}

/** The window moved towards the older (-1) or the newer (1); undefined when there is nothing more. */
export function moved(
  { from, to }: Window,
  towards: -1 | 1,
  messages: readonly ShownMessage[],
): Place | undefined {
  if (towards === -1) return from === 0 ? undefined : messages[Math.max(0, from - STEP)];
  return to >= messages.length ? undefined : messages[Math.min(from + STEP, messages.length - 1)];
}

/** A window with this message in its middle. */
export const around = (index: number, messages: readonly ShownMessage[]): Place =>
  messages[Math.max(0, index - MAX_ROWS / 2)] ?? 'end';

/** The first message that is not read, of so many. */
export function firstUnread(messages: readonly ShownMessage[], unread: number): ShownMessage | undefined {
  if (unread <= 0) return undefined;
  const end = messages.findLastIndex(({ seq }) => seq !== undefined);
  return messages[Math.max(0, end + 1 - unread)];
}

/** Messages come and go: where the first row is gone, the next one of the log takes its place. */
function placeOf({ key, seq }: Pick<ShownMessage, 'key' | 'seq'>, messages: readonly ShownMessage[]): number {
  const same = messages.findIndex((message) => message.key === key);
  if (same !== -1) return same;
  const next = messages.findIndex((message) => message.seq !== undefined && message.seq >= (seq ?? Infinity));
  return next === -1 ? Math.max(0, messages.length - MAX_ROWS) : next;
}
