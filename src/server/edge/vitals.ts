import { monitorEventLoopDelay, performance, PerformanceObserver } from 'node:perf_hooks';
import type { LoopVitals } from '../../protocol/stats';

const WINDOW_MS = 1_000;
/** The monitor looks every five seconds: with six windows no peak falls between two looks. */
const WINDOWS = 6;

export interface Vitals {
  loop(): LoopVitals;
  stop(): void;
}

/** Watches the event loop of this process. */
export function watchVitals(): Vitals {
  const delays = monitorEventLoopDelay({ resolution: 10 });
  delays.enable();
  let collectedMs = 0;
  const collector = new PerformanceObserver((list) => {
    for (const { duration } of list.getEntries()) collectedMs += duration;
  });
  collector.observe({ entryTypes: ['gc'] });
  let busy = performance.eventLoopUtilization();
  let windowEndsAt = performance.now() + WINDOW_MS;
  let windows: LoopVitals[] = [];
  const overdueMs = (): number => performance.now() - windowEndsAt;
  const timer = setInterval(() => {
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
  }, WINDOW_MS);
  timer.unref();
  return {
    loop: () => withOverdue(joined(windows), overdueMs()),
    stop: () => {
      clearInterval(timer);
      delays.disable();
      collector.disconnect();
    },
  };
}

/**
 * A window that is overdue is delay, too. Of a process that stood still the histogram may know nothing: it may answer
 * a question before its timers run, and of its timers that of a window may run before that of the histogram, which
 * then forgets when it ran last (`Histogram::Reset` of Node clears that too).
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
