import type { HistoryEvent } from '../../protocol/ops';
import type { Freeze } from '../freezes';
import type { RecordLine } from '../line';

type Restart = Extract<HistoryEvent, { kind: 'restart' }>;

/** Restarts of all servers within this time are one deploy, or one start of the fleet. */
const TOGETHER_MS = 15 * 60_000;

/** Pure: freezes, restarts and deploys, in order of time, from the lines of the record, which are too. */
export function eventsOf(lines: RecordLine[], freezes: Freeze[]): HistoryEvent[] {
  const frozen = freezes.map(({ server, from, to, longestMs, computing }): HistoryEvent => ({
    kind: 'freeze',
    ...{ server, from, to, longestMs, computing },
  }));
  return [...frozen, ...joined(restartsOf(lines), lines)].sort((a, b) => a.from - b.from);
}

/** A server whose process is another one than in its line before; in which a dead one has none. */
function restartsOf(lines: RecordLine[]): Restart[] {
  const before = new Map<string, RecordLine>();
  return lines.flatMap((line) => {
    const { server, pid, at } = line;
    const last = before.get(server);
    if (pid === null) return [];
    before.set(server, line);
    return last && last.pid !== pid ? [{ kind: 'restart', from: last.at, to: at, server } as const] : [];
  });
}

/** Restarts in a row, of two servers and more and of each that ran then, are one deploy. */
function joined(restarts: Restart[], lines: RecordLine[]): HistoryEvent[] {
  const groups: Restart[][] = [];
  for (const restart of restarts) {
    const group = groups.at(-1);
    if (group && restart.to - group.at(-1)!.to <= TOGETHER_MS) group.push(restart);
    else groups.push([restart]);
  }
  return groups.flatMap((group): HistoryEvent[] => {
    const [from, to] = [group[0]!.from, group.at(-1)!.to];
    const running = namesOf(lines.filter(({ at, pid }) => pid !== null && at >= from && at <= to));
    const restarted = namesOf(group);
    return restarted.size > 1 && restarted.size === running.size ? [{ kind: 'deploy', from, to }] : group;
  });
}

const namesOf = (lines: { server: string }[]): Set<string> => new Set(lines.map(({ server }) => server));
