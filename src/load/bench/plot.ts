export interface Series {
  name: string;
  color: string;
  points: [x: number, y: number][];
}

export interface Plot {
  title: string;
  x: string;
  y: string;
  series: Series[];
  /** Scales by powers: without it y begins at 0. */
  logY?: boolean;
}

const WIDTH = 640;
const HEIGHT = 360;
const EDGE = { left: 80, right: 96, top: 40, bottom: 48 };

/** Pure: a line plot as SVG. x is shown by powers of two or so: each value of x gets its own tick. */
export function svgOf({ title, x, y, series, logY }: Plot): string {
  const xs = [...new Set(series.flatMap(({ points }) => points.map(([at]) => at)))].sort((a, b) => a - b);
  const ys = series.flatMap(({ points }) => points.map(([, value]) => value));
  const ticks = logY ? powers(ys) : steps(Math.max(0, ...ys));
  const across = place(Math.log(xs[0] ?? 1), Math.log(xs.at(-1) ?? 1), EDGE.left, WIDTH - EDGE.right);
  const scale = logY ? Math.log : (value: number): number => value;
  const up = place(scale(ticks[0]!), scale(ticks.at(-1)!), HEIGHT - EDGE.bottom, EDGE.top);
  const px = (value: number): number => across(Math.log(value));
  const py = (value: number): number => up(scale(value));
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" font-family="sans-serif" font-size="12">`,
    `<rect width="${WIDTH}" height="${HEIGHT}" fill="#fff"/>`,
    text(WIDTH / 2, 22, title, 'middle', 'font-weight="bold" font-size="14"'),
    ...ticks.map((tick) => grid(py(tick), tick)),
    ...xs.map((tick) => text(px(tick), HEIGHT - EDGE.bottom + 18, figure(tick), 'middle')),
    text((EDGE.left + WIDTH - EDGE.right) / 2, HEIGHT - 10, x, 'middle'),
    text(14, HEIGHT / 2, y, 'middle', `transform="rotate(-90 14 ${HEIGHT / 2})"`),
    ...series.flatMap((each) => line(each, px, py)),
    '</svg>',
    '',
  ].join('\n');
}

function line(
  { name, color, points }: Series,
  px: (x: number) => number,
  py: (y: number) => number,
): string[] {
  const last = points.at(-1);
  if (!last) return [];
  const at = points.map(([x, y]) => `${px(x).toFixed(1)},${py(y).toFixed(1)}`);
  return [
    `<polyline fill="none" stroke="${color}" stroke-width="2" points="${at.join(' ')}"/>`,
    ...points.map(
      ([x, y]) => `<circle cx="${px(x).toFixed(1)}" cy="${py(y).toFixed(1)}" r="3" fill="${color}"/>`,
    ),
    text(px(last[0]) + 8, py(last[1]) + 4, name, 'start', `fill="${color}" font-weight="bold"`),
  ];
}

function grid(at: number, tick: number): string {
  const rule = `<line x1="${EDGE.left}" x2="${WIDTH - EDGE.right}" y1="${at.toFixed(1)}" y2="${at.toFixed(1)}" stroke="#ddd"/>`;
  return rule + text(EDGE.left - 8, at + 4, figure(tick), 'end');
}

function text(x: number, y: number, words: string, anchor: string, more = ''): string {
  const safe = words.replace(/&/g, '&amp;').replace(/</g, '&lt;');
  return `<text x="${x.toFixed(1)}" y="${y.toFixed(1)}" text-anchor="${anchor}" ${more}>${safe}</text>`;
}

const figure = (value: number): string => Number(value.toPrecision(3)).toLocaleString('en');

/** From `low` to `high` onto `from` to `to`; a single value lies at the start. */
const place =
  (low: number, high: number, from: number, to: number) =>
  (value: number): number =>
    high === low ? from : from + ((value - low) / (high - low)) * (to - from);

/** From 0 in five or so round steps to above the largest. */
function steps(most: number): number[] {
  const rough = (most || 1) / 5;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((digit) => digit * power).find((each) => each >= rough)!;
  return Array.from({ length: Math.ceil(most / step - 1e-9) + 1 || 2 }, (_, i) => i * step);
}

/** Powers of ten around all values. */
function powers(values: number[]): number[] {
  const logs = values.filter((value) => value > 0).map(Math.log10);
  const low = Math.floor(Math.min(0, ...logs));
  const high = Math.max(low + 1, Math.ceil(Math.max(0, ...logs)));
  return Array.from({ length: high - low + 1 }, (_, i) => 10 ** (low + i));
}
