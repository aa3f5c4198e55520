import type { Entry, Position } from '../../src/protocol/entries';
import type { JoinAnswer } from '../../src/protocol/events';
import type { Line } from './person';

/** How far the run of a room got, and each way in which it broke the contract. */
export interface Run {
  epoch: string | null;
  upTo: number;
  faults: string[];
}

type State =
  | { is: 'out' }
  | { is: 'in'; epoch: string; upTo: number; n?: number }
  /** Joined without Redis: the run goes on at since.seq + 1, or a gap comes first. */
  | { is: 'degraded'; since: Position | undefined };

/**
 * Follows one room through what a connection got. The rules: strictly rising seq without hole or repeat
 * from upTo + 1 of the last join answer or of `hello`; only a new epoch (from its seq 1) or `gap` breaks it;
 * nothing of a room that is not joined.
 */
export function runOf(journal: Line[], room: string, named: Record<string, Position>): Run {
  const faults: string[] = [];
  let state: State = { is: 'out' };
  for (const line of journal) {
    if (line.what === 'hello') {
      const row = line.hello.rooms.find((each) => each.room === room);
      const since = named[room];
      if (row && (row.reason === 'none' || (room === 'lobby' && !since))) state = entered(row, since);
    } else if (line.what === 'answer') {
      state = answered(state, room, line);
    } else if (line.what === 'gap' && line.gap.room === room) {
      if (state.is === 'out') faults.push('a gap of a room that is not joined');
      state = { is: 'in', epoch: line.gap.epoch, upTo: line.gap.upTo };
    } else if (line.what === 'messages') {
      const { entries } = line;
      if (entries.length === 0) faults.push('an empty packet');
      if (entries.some((each) => each.room !== entries[0]!.room)) faults.push('two rooms in a packet');
      for (const entry of entries.filter((each) => each.room === room)) {
        const fault = faultOf(state, entry);
        if (fault) faults.push(fault);
        if (state.is !== 'out') state = { is: 'in', epoch: entry.epoch, upTo: entry.seq, n: entry.n };
      }
    }
  }
  if (state.is === 'in') return { epoch: state.epoch, upTo: state.upTo, faults };
  return { epoch: null, upTo: -1, faults };
}

function entered(at: Pick<JoinAnswer, 'epoch' | 'upTo'>, since?: Position): State {
  return at.epoch === null || at.upTo === null
    ? { is: 'degraded', since }
    : { is: 'in', epoch: at.epoch, upTo: at.upTo };
}

function answered(state: State, room: string, line: Extract<Line, { what: 'answer' }>): State {
  const { event, payload } = line;
  const answer = line.answer as { ok: boolean } & JoinAnswer;
  if (!answer.ok || answer.room !== room) return state;
  if (event === 'detach' || event === 'leave') return { is: 'out' };
  return event === 'join' ? entered(answer, (payload as { since?: Position }).since) : state;
}

function faultOf(state: State, { epoch, seq, n, kind }: Entry): string | undefined {
  if (state.is === 'out') return `${seq} of a room that is not joined`;
  if (state.is === 'degraded') {
    const { since } = state;
    return since?.epoch === epoch && since.seq + 1 === seq ? undefined : `${seq} after a degraded join`;
  }
  if (state.epoch !== epoch) return seq === 1 ? undefined : `a new epoch that starts at ${seq}`;
  if (seq !== state.upTo + 1) return `${seq} after ${state.upTo}`;
  const counted = kind === 'message' ? 1 : 0;
  return state.n !== undefined && n !== state.n + counted ? `n ${n} after ${state.n}` : undefined;
}
