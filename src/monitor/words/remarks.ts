import { HOUR_MS } from '../../usage/hours';
import { FREEZE_MS, type Freeze } from '../freezes';
import { localTime } from '../local-time';
import type { UsageReport } from '../report';
import type { Words } from './en';
import { delay, grouped } from './figures';
import { dayAndTime, type Label } from './labels';

const SHOWN_FREEZES = 5;

/** Pure but for the time zone: what stands out in the hours, a sentence a line. */
export function remarkLines(report: UsageReport, words: Words, label: Label): string[] {
  const { peaks, hours, freezes } = report;
  const span = ({ from, to }: { from: number; to: number }): string =>
    to - from > HOUR_MS ? `${label(from)}-${localTime(to)}` : label(from);
  const sum = (key: 'missed' | 'absent'): number => hours.reduce((total, row) => total + row[key], 0);
  const late = hours.reduce((a, b) => ((b.loopDelayMaxMs ?? 0) > (a.loopDelayMaxMs ?? 0) ? b : a));
  const [missed, absent, latest] = [sum('missed'), sum('absent'), late.loopDelayMaxMs ?? 0];
  return [
    peaks.length === 0 ? '' : words.peaks(peaks.map(span).join(', ')),
    missed === 0 ? '' : words.probes(grouped(missed)),
    latest < FREEZE_MS ? '' : words.stoodStill(delay(latest), label(late.hour)),
    ...freezeLines(freezes, words),
    absent === 0 ? '' : words.absentLines(grouped(absent)),
    ...whatIsNotKnown(report, words),
  ].filter((line) => line !== '');
}

function freezeLines(freezes: Freeze[], words: Words): string[] {
  const longest = [...freezes].sort((a, b) => (b.longestMs ?? 0) - (a.longestMs ?? 0));
  const shown = longest.slice(0, SHOWN_FREEZES).sort((a, b) => a.from - b.from);
  const more = freezes.length - shown.length;
  return [
    ...shown.map(({ server, from, to, longestMs, computing }) => {
      const length = longestMs === null ? '' : `, ${delay(longestMs)}`;
      const why = computing === null ? '' : computing ? words.computing : words.notComputing;
      return words.freeze(server, `${dayAndTime(from)}-${localTime(to)}`, length, why);
    }),
    more === 0 ? '' : words.moreFreezes(grouped(more)),
  ];
}

function whatIsNotKnown({ counters, problem, record, files }: UsageReport, words: Words): string[] {
  const reason = problem === undefined ? '' : ` (${problem})`;
  return [
    files ? words.filesRead(files.names.join(', '), files.zone) : '',
    counters ? '' : files ? words.noCallsFile : words.noCounters(reason),
    record ? '' : files ? words.noCpuFile : words.noRecord,
  ];
}
