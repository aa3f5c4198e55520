/** Pure: charts as SVG text, without anything from outside. Values may be unknown: null leaves a hole. */
export interface Chart {
  title: string;
  /** Of each value, for the axis and for who points at it. */
  labels: string[];
  series: Series[];
  marks?: Mark[];
  /** Printed with each figure. */
  format: (value: number) => string;
  /** The axis ends here at least. */
  atLeast?: number;
  /** Of the picture, in its own units; those of text are its pixels. */
  width?: number;
  /** The page around it has title and legend. */
  bare?: boolean;
}

/** Places of values that are marked. */
export interface Mark {
  at: Set<number>;
  name: string;
  /** Class of the mark, beside `marked`. */
  kind?: string;
}

export interface Series {
  name: string;
  values: (number | null)[];
  /** Bars are for amounts, lines for levels. */
  as: 'bars' | 'line';
  colour: string;
}

const [WIDTH, HEIGHT, LEFT, BOTTOM, TOP] = [920, 190, 84, 22, 30];
const PLOT = { width: WIDTH - LEFT - 8, height: HEIGHT - TOP - BOTTOM };
/** A label of the axis has this much room. */
const TICK = 110;

export function chart({
  title,
  labels,
  series,
  marks = [],
  format,
  atLeast = 0,
  width = WIDTH,
  bare,
}: Chart): string {
  const most = niceEnd(Math.max(atLeast, ...series.flatMap(({ values }) => values.map((each) => each ?? 0))));
  const step = (width - LEFT - 8) / labels.length;
  const x = (at: number): number => LEFT + at * step;
  const y = (value: number): number => TOP + PLOT.height * (1 - value / most);
  const band = (at: number, kind?: string): string =>
    `<rect class="${kind === undefined ? 'marked' : `marked ${kind}`}" x="${short(x(at))}" y="${TOP}" width="${short(step)}" height="${PLOT.height}"/>`;
  const drawn = series.map((each) =>
    each.as === 'bars' ? bars(each, x, y, step) : line(each, (at) => x(at) + step / 2, y),
  );
  const tips = labels.map((label, at) => {
    const figures = series.map(({ name, values }) => `${name} ${show(values[at] ?? null, format)}`);
    const names = marks.filter((mark) => mark.at.has(at)).map(({ name }) => name);
    const text = [label, ...names, ...figures].join(', ');
    return `<rect class="tip" x="${short(x(at))}" y="${TOP}" width="${short(step)}" height="${PLOT.height}"><title>${escaped(text)}</title></rect>`;
  });
  const every = Math.ceil((labels.length * TICK) / (width - LEFT));
  const content = [
    ...marks.flatMap((mark) => [...mark.at].map((at) => band(at, mark.kind))),
    ...[0, most / 2, most].map((value) => level(y(value), format(value), width)),
    ...labels.flatMap((label, at) =>
      at % every === 0 && x(at) < width - TICK / 2 ? [text(x(at), HEIGHT - 6, label, 'start')] : [],
    ),
    ...drawn,
  ];
  if (bare) return frame(title, [...content, ...tips], { width, top: TOP - 8 });
  return frame(title, [titleText(title), ...content, ...legend(series), ...tips], { width });
}

/** One point for each pair, and the line that was fitted, if there is one. */
export function scatter(
  title: string,
  points: [number, number][],
  fit: ((x: number) => number) | null,
): string {
  const right = niceEnd(Math.max(...points.map(([x]) => x)));
  const most = niceEnd(Math.max(...points.map(([, y]) => y)));
  const x = (value: number): number => LEFT + (PLOT.width * value) / right;
  const y = (value: number): number => TOP + PLOT.height * (1 - Math.min(value, most) / most);
  const dots = points.map(([a, b]) => `<circle cx="${short(x(a))}" cy="${short(y(b))}" r="2.5"/>`);
  const along = Array.from({ length: 101 }, (_, i) => (right * i) / 100);
  const path = fit && along.map((value) => `${short(x(value))},${short(y(fit(value)))}`).join(' ');
  return frame(title, [
    titleText(title),
    ...[0, most / 2, most].map((value) => level(y(value), `${short(value)} %`, WIDTH)),
    ...[0, right / 2, right].map((value) =>
      text(x(value), HEIGHT - 6, value.toLocaleString('en-US'), value === right ? 'end' : 'middle'),
    ),
    ...dots,
    ...(path === null ? [] : [`<polyline class="fit" points="${path}"/>`]),
  ]);
}

/** `top`: what is left out above. */
function frame(title: string, inside: string[], { width = WIDTH, top = 0 } = {}): string {
  const box = `0 ${top} ${width} ${HEIGHT - top}`;
  return `<svg viewBox="${box}" role="img" aria-label="${escaped(title)}">${inside.join('')}</svg>`;
}

function titleText(title: string): string {
  return `<text class="title" x="0" y="14">${escaped(title)}</text>`;
}

type Scale = (value: number) => number;

function bars({ values, colour }: Series, x: Scale, y: Scale, step: number): string {
  const width = short(Math.max(0.5, step * 0.8));
  const rects = values.map((value, at) =>
    value === null
      ? ''
      : `<rect x="${short(x(at) + step * 0.1)}" y="${short(y(value))}" width="${width}" height="${short(y(0) - y(value))}"/>`,
  );
  return `<g fill="${colour}">${rects.join('')}</g>`;
}

/** A line for each stretch without a hole; a value alone is a dot. */
function line({ values, colour }: Series, x: Scale, y: Scale): string {
  const stretches: string[][] = [[]];
  values.forEach((value, at) => {
    if (value === null) stretches.push([]);
    else stretches.at(-1)!.push(`${short(x(at))},${short(y(value))}`);
  });
  const drawn = stretches.map((points) => {
    const [cx, cy] = points[0]?.split(',') ?? [];
    if (points.length === 1) return `<circle cx="${cx}" cy="${cy}" r="1.5" fill="${colour}"/>`;
    return points.length === 0 ? '' : `<polyline points="${points.join(' ')}"/>`;
  });
  return `<g class="line" stroke="${colour}">${drawn.join('')}</g>`;
}

function legend(series: Series[]): string[] {
  if (series.length < 2) return [];
  return series.map(
    ({ name, colour }, i) =>
      `<rect x="${WIDTH - 110 * (series.length - i)}" y="5" width="10" height="10" fill="${colour}"/>` +
      text(WIDTH - 110 * (series.length - i) + 14, 14, name, 'start'),
  );
}

function level(y: number, label: string, right: number): string {
  return `<line class="level" x1="${LEFT}" x2="${right}" y1="${short(y)}" y2="${short(y)}"/>${text(LEFT - 6, y + 4, label, 'end')}`;
}

function text(x: number, y: number, content: string, anchor: 'start' | 'middle' | 'end'): string {
  return `<text x="${short(x)}" y="${short(y)}" text-anchor="${anchor}">${escaped(content)}</text>`;
}

/** The next 1, 2 or 5 with noughts. */
export function niceEnd(value: number): number {
  if (!(value > 0)) return 1;
  const power = 10 ** Math.floor(Math.log10(value));
  return [1, 2, 5, 10].map((factor) => factor * power).find((end) => end >= value)!;
}

function show(value: number | null, format: (value: number) => string): string {
  return value === null ? '-' : format(value);
}

function short(value: number): string {
  return `${Math.round(value * 10) / 10}`;
}

/** Text as part of HTML or SVG. */
export function escaped(content: string): string {
  return content
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
}
