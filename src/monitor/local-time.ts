const two = (value: number): string => `${value}`.padStart(2, '0');

/** The date here, such as 2026-11-22. */
export function localDate(at: number): string {
  const date = new Date(at);
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
}

/** The time of day here, such as 10:05. */
export function localTime(at: number): string {
  const date = new Date(at);
  return `${two(date.getHours())}:${two(date.getMinutes())}`;
}

/** The time here with its offset, in whole seconds: 2026-11-22T10:05:00+09:00. */
export function localIso(at: number): string {
  const date = new Date(at);
  const east = -date.getTimezoneOffset();
  const offset = `${east < 0 ? '-' : '+'}${two(Math.floor(Math.abs(east) / 60))}:${two(Math.abs(east) % 60)}`;
  return `${localDate(at)}T${localTime(at)}:${two(date.getSeconds())}${offset}`;
}
