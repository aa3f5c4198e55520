/** What a full step of a bar is drawn with: not every terminal has blocks. */
export type BarMark = '█' | '#';

const BAR = 10;
const STEPS = { '█': '▁▂▃▄▅▆▇█', '#': '_.,:-=*#' } as const;
/** A line of a terminal, less the name in front of it. */
const WIDTH = 64;

/** Pure: ten marks are all; whatever is more than nothing has one. */
export function bar(share: number, mark: BarMark | ''): string {
  return mark.repeat(Math.max(share > 0 ? 1 : 0, Math.round(Math.min(1, share) * BAR)));
}

/** Pure: a character for each value, or for the highest of several where they are many; a blank where none is known. */
export function sparkline(values: (number | null)[], mark: BarMark): string {
  const size = Math.ceil(values.length / WIDTH);
  const most = Math.max(...values.map((value) => value ?? 0));
  const steps = STEPS[mark];
  return Array.from({ length: Math.ceil(values.length / size) }, (_, i) => {
    const known = values.slice(i * size, (i + 1) * size).filter((value) => value !== null);
    if (known.length === 0) return ' ';
    return steps[most === 0 ? 0 : Math.round((Math.max(...known) / most) * (steps.length - 1))];
  }).join('');
}
