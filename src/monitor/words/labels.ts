import { localDate, localIso, localTime } from '../local-time';
import type { Words } from './en';

const HOURS_OF_A_DAY = 24;

/** How a time is called. */
export type Label = (at: number) => string;

export function dayAndTime(at: number): string {
  return `${localDate(at)} ${localTime(at)}`;
}

/**
 * Pure but for the time zone: how hours are called; with the offset where two would be called the same, as when the
 * clock is set back.
 */
export function labelOf(hours: { hour: number }[]): Label {
  const plain = hours.length > HOURS_OF_A_DAY ? dayAndTime : localTime;
  const all = hours.map(({ hour }) => plain(hour));
  const twice = new Set(all.filter((text, i) => all.indexOf(text) !== i));
  return (at) => (twice.has(plain(at)) ? `${plain(at)} ${localIso(at).slice(-6)}` : plain(at));
}

/** Pure but for the time zone: the time reported on, with its zone. */
export function spanOf(hours: { hour: number }[], to: number, words: Words): string {
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  return `${dayAndTime(hours[0]!.hour)} ${words.to} ${dayAndTime(to)}, ${zone}`;
}
