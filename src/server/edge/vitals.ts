import { monitorEventLoopDelay, performance } from 'node:perf_hooks';
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
  let busy = performance.eventLoopUtilization();
  let windows: LoopVitals[] = [];
  const timer = setInterval(() => {
    const now = performance.eventLoopUtilization();
    const { utilization } = performance.eventLoopUtilization(now, busy);
    const window = { utilization, delayP99Ms: delays.percentile(99) / 1e6, delayMaxMs: delays.max / 1e6 };
    windows = [...windows, window].slice(-WINDOWS);
    busy = now;
    delays.reset();
  }, WINDOW_MS);
  timer.unref();
  return {
    loop: () => joined(windows),
    stop: () => {
      clearInterval(timer);
      delays.disable();
    },
  };
}

function joined(windows: LoopVitals[]): LoopVitals {
  return {
    utilization: windows.reduce((sum, window) => sum + window.utilization, 0) / (windows.length || 1),
    delayP99Ms: Math.max(0, ...windows.map((window) => window.delayP99Ms)),
    delayMaxMs: Math.max(0, ...windows.map((window) => window.delayMaxMs)),
  };
}
