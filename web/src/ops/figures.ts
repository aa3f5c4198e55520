import type { Language } from '../words';

/** Figures as people read them; a dash for what is not known. */
export const unknown = '–';

type Format = (value: number) => string;

export const shown = (value: number | null | undefined, format: Format): string =>
  value === null || value === undefined ? unknown : format(value);

const digits = (value: number): string =>
  value.toLocaleString('en-US', { maximumFractionDigits: value < 10 ? 1 : 0 });

export const count: Format = (value) => digits(value);
export const percent: Format = (value) => `${digits(value)} %`;
export const rate: Format = (value) => `${digits(value)}/s`;
export const delay: Format = (ms) => (ms < 1_000 ? `${digits(ms)} ms` : `${digits(ms / 1_000)} s`);

export const MB = 2 ** 20;
export const megabytes: Format = (value) => `${digits(value)} MB`;

export function bytes(value: number): string {
  if (value >= 1_024 * MB) return `${digits(value / MB / 1_024)} GB`;
  return value >= MB ? megabytes(value / MB) : `${digits(value / 1_024)} kB`;
}

export type Clock = (at: number) => string;

/** Times in a zone: of the day, or with the day. */
export function clockIn(language: Language, timeZone: string, withDay: boolean): Clock {
  const options = { timeZone, hour: '2-digit', minute: '2-digit', hourCycle: 'h23' } as const;
  const day = { month: 'numeric', day: 'numeric' } as const;
  const format = new Intl.DateTimeFormat(language, withDay ? { ...options, ...day } : options);
  return (at) => format.format(at);
}
