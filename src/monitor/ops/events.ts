import type { HistoryEvent } from '../../protocol/ops';
import type { Freeze } from '../freezes';
import type { RecordLine } from '../line';

type Restart = Extract<HistoryEvent, { kind: 'restart' }>;

/** A server that has another process, or a first one, or leaves the record. */
interface Turn {
  from: number;
  to: number;
  server: string;
  kind: 'restart' | 'begin' | 'end';
}

/** Turns of all servers within this time are one deploy, or one start of the fleet. */
const TOGETHER_MS = 15 * 60_000;

/** Pure: freezes, restarts and deploys, in order of time, from the lines of the record, which are too. */
export function eventsOf(lines: RecordLine[], freezes: Freeze[]): HistoryEvent[] {
  const frozen = freezes.map(({ server, from, to, longestMs, computing }): HistoryEvent => ({
    kind: 'freeze',
    ...{ server, from, to, longestMs, computing },
  }));
  return [...frozen, ...joined(lines)].sort((a, b) => a.from - b.from);
}

/** Turns in a row after which no process is there that was there before are one deploy. */
function joined(lines: RecordLine[]): HistoryEvent[] {
  const moments = momentsOf(lines);
  const groups: Turn[][] = [];
  for (const turn of turnsOf(moments)) {
    const group = groups.at(-1);
    if (group && turn.to - group.at(-1)!.to <= TOGETHER_MS) group.push(turn);
    else groups.push([turn]);
  }
  return groups.flatMap((group): HistoryEvent[] => {
    const from = Math.min(...group.map((turn) => turn.from));
    const { to } = group.at(-1)!;
    if (isDeploy(running(moments.get(from)), running(moments.get(to)))) return [{ kind: 'deploy', from, to }];
    return group.flatMap(({ kind, ...turn }): Restart[] => (kind === 'restart' ? [{ kind, ...turn }] : []));
  });
}

/** One server alone that comes back under its name was restarted. A deploy may end with other names than it began with. */
function isDeploy(before: RecordLine[], after: RecordLine[]): boolean {
  const names = new Set([...before, ...after].map(({ server }) => server));
  const old = new Set(before.map(({ pid }) => pid));
  return names.size > 1 && after.length > 0 && before.length > 0 && !after.some(({ pid }) => old.has(pid));
}

/** The lines of the record by their time. */
function momentsOf(lines: RecordLine[]): Map<number, RecordLine[]> {
  const moments = new Map<number, RecordLine[]>();
  for (const line of lines) moments.set(line.at, [...(moments.get(line.at) ?? []), line]);
  return moments;
}

/** What changed from moment to moment. */
function turnsOf(moments: Map<number, RecordLine[]>): Turn[] {
  let before: { at: number; servers: Map<string, RecordLine> } | undefined;
  return [...moments].flatMap(([at, lines]) => {
    const servers = serversAt(lines, before?.servers);
    const turns = before ? turnsBetween(before.servers, servers, before.at, at) : [];
    before = { at, servers };
    return turns;
  });
}

/** A dead server has lines without a process: it is what it was before. */
function serversAt(lines: RecordLine[], before = new Map<string, RecordLine>()): Map<string, RecordLine> {
  const known = lines.flatMap((line) => (line.pid === null ? (before.get(line.server) ?? []) : line));
  return new Map(known.map((line) => [line.server, line]));
}

function turnsBetween(
  before: Map<string, RecordLine>,
  now: Map<string, RecordLine>,
  from: number,
  to: number,
): Turn[] {
  const came = [...now].flatMap(([server, { pid }]): Turn[] => {
    const last = before.get(server);
    if (!last) return [{ kind: 'begin', from, to, server }];
    return last.pid === pid ? [] : [{ kind: 'restart', from: last.at, to, server }];
  });
  const gone = [...before.keys()].filter((server) => !now.has(server));
  return [...came, ...gone.map((server): Turn => ({ kind: 'end', from, to, server }))];
}

const running = (lines: RecordLine[] = []): RecordLine[] => lines.filter(({ pid }) => pid !== null);
