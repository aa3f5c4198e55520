import { createHistogram, performance, PerformanceObserver } from 'node:perf_hooks';
import type { LoopVitals } from '../../protocol/stats';
import { every } from '../../rounds';

const WINDOW_MS = 1_000;
/** The monitor looks every five seconds: with six windows no peak falls between two looks. */
const WINDOWS = 6;

export interface Vitals {
  /** To be told of every look at the loop, how long it stood still before. */
  stoodStill(ms: number): void;
  loop(): LoopVitals;
  stop(): void;
}

/** Watches the event loop of this process. */
export function watchVitals(): Vitals {
  // Node's own monitor of delays wakes the process up a hundred times a second, which costs more than a quiet fleet.
  const delays = createHistogram();
  let collectedMs = 0;
  const collector = new PerformanceObserver((list) => {
    for (const { duration } of list.getEntries()) collectedMs += duration;
  });
  collector.observe({ entryTypes: ['gc'] });
  let busy = performance.eventLoopUtilization();
  let windowEndsAt = performance.now() + WINDOW_MS;
  let windows: LoopVitals[] = [];
  const overdueMs = (): number => performance.now() - windowEndsAt;
  const endRounds = every(WINDOW_MS, () => {
    const now = performance.eventLoopUtilization();
    const { utilization } = performance.eventLoopUtilization(now, busy);
    const window = {
      utilization,
      delayP99Ms: delays.percentile(99) / 1e6,
      delayMaxMs: delays.max / 1e6,
      gcShare: Math.min(1, collectedMs / (WINDOW_MS + overdueMs())),
    };
    windows = [...windows, withOverdue(window, overdueMs())].slice(-WINDOWS);
    busy = now;
    windowEndsAt = performance.now() + WINDOW_MS;
    delays.reset();
    collectedMs = 0;
  });
  return {
    stoodStill: (ms) => delays.record(Math.max(1, Math.round(ms * 1e6))),
    loop: () => withOverdue(joined(windows), overdueMs()),
    stop: () => {
      endRounds();
      collector.disconnect();
    },
  };
}

/**
 * A window that is overdue is delay, too. Of a process that stood still the histogram may know nothing: it may answer
 * a question before its timers run, and of its timers that of a window may run before that of a look.
 */
function withOverdue(loop: LoopVitals, overdueMs: number): LoopVitals {
  return {
    ...loop,
    delayP99Ms: Math.max(loop.delayP99Ms, overdueMs),
    delayMaxMs: Math.max(loop.delayMaxMs, overdueMs),
  };
}

function joined(windows: LoopVitals[]): LoopVitals {
  const average = (of: 'utilization' | 'gcShare'): number =>
    windows.reduce((sum, window) => sum + (window[of] ?? 0), 0) / (windows.length || 1);
  return {
    utilization: average('utilization'),
    gcShare: average('gcShare'),
    delayP99Ms: Math.max(0, ...windows.map((window) => window.delayP99Ms)),
    delayMaxMs: Math.max(0, ...windows.map((window) => window.delayMaxMs)),
  };
}
