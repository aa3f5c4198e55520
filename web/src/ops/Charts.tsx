import { useEffect, useRef, useState } from 'react';
import { chart, type Chart, type Mark, type Series } from '../../../src/charts/chart';
import type { History, HistoryEvent, HistoryPoint } from '../../../src/protocol/ops';
import { count, delay, MB, megabytes, percent, rate, shown, type Clock } from './figures';
import { useOpsWords, type Words } from './words';

interface Props {
  history: History;
  clock: Clock;
}

type Figure = Exclude<keyof HistoryPoint, 'at'>;

interface Drawing {
  title: string;
  format: (value: number) => string;
  atLeast?: number;
  lines: { key: Figure; name: string; colour: string }[];
}

/** Calls and deliveries beside CPU, delay, connections and Redis; below them all figures as a table. */
export function Charts({ history, clock }: Props) {
  const words = useOpsWords();
  const drawings = drawingsIn(words);
  const points = history.points.map(inMegabytes);
  const labels = points.map(({ at }) => clock(at));
  const marks = marksOf(history, words);
  return (
    <>
      <div className="charts">
        {drawings.map(({ title, format, atLeast = 0, lines }) => {
          const series = lines.map(({ key, name, colour }): Series => ({
            name,
            colour,
            as: 'line',
            values: points.map((point) => point[key]),
          }));
          return <OneChart key={title} {...{ title, labels, series, marks, format, atLeast }} />;
        })}
      </div>
      <details>
        <summary>{words.table}</summary>
        <div className="wide" tabIndex={0} role="region" aria-label={words.table}>
          <FigureTable {...{ drawings, points, labels }} />
        </div>
      </details>
    </>
  );
}

/** Drawn as wide as there is room, so that its text keeps its size. */
function OneChart(drawn: Chart) {
  const place = useRef<HTMLDivElement>(null);
  const [width, setWidth] = useState(560);
  useEffect(() => {
    const observer = new ResizeObserver(([entry]) =>
      setWidth(Math.max(240, Math.round(entry!.contentRect.width))),
    );
    observer.observe(place.current!);
    return () => observer.disconnect();
  }, []);
  const { title, series } = drawn;
  // The chart escapes every text that it draws.
  const svg = chart({ ...drawn, width, bare: true });
  return (
    <figure>
      <figcaption>
        {title}
        {series.length > 1 &&
          series.map(({ name, colour }) => (
            <span key={name} className="key">
              <svg width="14" height="10" aria-hidden="true">
                <line x1="0" y1="5" x2="14" y2="5" stroke={colour} strokeWidth="3" />
              </svg>
              {name}
            </span>
          ))}
      </figcaption>
      <div ref={place} dangerouslySetInnerHTML={{ __html: svg }} />
    </figure>
  );
}

function FigureTable({
  drawings,
  points,
  labels,
}: {
  drawings: Drawing[];
  points: HistoryPoint[];
  labels: string[];
}) {
  const words = useOpsWords();
  const columns = drawings.flatMap(({ title, format, lines }) =>
    lines.map(({ key, name }) => ({ key, format, name: lines.length > 1 ? `${title}: ${name}` : title })),
  );
  return (
    <table>
      <thead>
        <tr>
          <th scope="col">{words.time}</th>
          {columns.map(({ key, name }) => (
            <th key={key} scope="col">
              {name}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {points.map((point, i) => (
          <tr key={point.at}>
            <th scope="row">{labels[i]}</th>
            {columns.map(({ key, format }) => (
              <td key={key}>{shown(point[key], format)}</td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  );
}

/** So that the axis ends at a round figure. */
function inMegabytes(point: HistoryPoint): HistoryPoint {
  const { redisMemoryBytes: memory } = point;
  return { ...point, redisMemoryBytes: memory === null ? null : memory / MB };
}

function drawingsIn({ charts, average, highest, redis }: Words): Drawing[] {
  const one = (key: Figure, title: string, format: Drawing['format']): Drawing => ({
    ...{ title, format },
    lines: [{ key, name: title, colour: 'var(--chart-1)' }],
  });
  return [
    one('calls', charts.calls, rate),
    one('deliveries', charts.deliveries, rate),
    {
      title: charts.cpu,
      format: percent,
      atLeast: 100,
      lines: [
        { key: 'cpuMaximum', name: highest, colour: 'var(--chart-2)' },
        { key: 'cpuAverage', name: average, colour: 'var(--chart-1)' },
        { key: 'redisCpu', name: redis, colour: 'var(--chart-3)' },
      ],
    },
    one('delayMaxMs', charts.delay, delay),
    one('connections', charts.connections, count),
    one('redisMemoryBytes', charts.redis, megabytes),
  ];
}

/** The steps that each event touches. */
function marksOf({ points, stepMs, events }: History, words: Words): Mark[] {
  const touched = ({ from, to }: HistoryEvent): number[] =>
    points.flatMap(({ at }, i) => (at < to && at + stepMs > from ? [i] : []));
  return events.map((event) => {
    const steps = touched(event);
    const server = 'server' in event ? ` ${event.server}` : '';
    // A restart is a moment: when it was seen.
    const at = new Set(event.kind === 'restart' ? steps.slice(-1) : steps);
    return { at, name: words.kinds[event.kind] + server, kind: event.kind };
  });
}
