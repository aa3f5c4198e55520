interface Round {
  everyMs: number;
  dueAt: number;
  work: (lateMs: number) => void;
}

const rounds = new Set<Round>();
let timer: NodeJS.Timeout | undefined;

/** What is due so soon is done with the rest (ms): a timer has whole milliseconds. */
const SOON_MS = 2;

/**
 * Calls `work` every so many milliseconds, at multiples of them on one clock for the whole process: what is due at the same
 * time is done in one turn. A server that rests is woken up a few times a second, where intervals of their own
 * would wake it for each; a wake costs more than most of what it is for. After a turn that was late, as at the beginning,
 * the next call comes after half the time at least, and at most one and a half. Each is told how late it is. Keeps no
 * process running. Returns what ends it.
 */
export function every(everyMs: number, work: (lateMs: number) => void): () => void {
  const round = { everyMs, dueAt: dueAfter(performance.now(), everyMs), work };
  rounds.add(round);
  plan();
  return () => {
    rounds.delete(round);
    plan();
  };
}

/** The first multiple that is half an interval away. */
const dueAfter = (now: number, everyMs: number): number => Math.ceil(now / everyMs + 0.5) * everyMs;

function plan(): void {
  clearTimeout(timer);
  timer = undefined;
  if (rounds.size === 0) return;
  const next = Math.min(...[...rounds].map(({ dueAt }) => dueAt));
  timer = setTimeout(run, Math.max(1, Math.ceil(next - performance.now()))).unref();
}

function run(): void {
  const now = performance.now();
  const due = [...rounds]
    .filter(({ dueAt }) => dueAt <= now + SOON_MS)
    .map((round) => ({ round, lateMs: Math.max(0, now - round.dueAt) }));
  for (const { round } of due) round.dueAt = dueAfter(now, round.everyMs);
  plan(); // first: whatever becomes of the work
  for (const { round, lateMs } of due) if (rounds.has(round)) round.work(lateMs);
}
