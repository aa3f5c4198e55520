import { monitorEventLoopDelay, performance } from 'node:perf_hooks';

/** How the event loop fares: over the last whole window of a second. */
export interface LoopVitals {
  /** Busy share of the event loop, 0 to 1. */
  utilization: number;
  delayP99Ms: number;
}

const WINDOW_MS = 1_000;

export interface Vitals {
  loop(): LoopVitals;
  stop(): void;
}

/** Watches the event loop of this process. */
export function watchVitals(): Vitals {
  const delays = monitorEventLoopDelay({ resolution: 10 });
  delays.enable();
  let busy = performance.eventLoopUtilization();
  let last: LoopVitals = { utilization: 0, delayP99Ms: 0 };
  const timer = setInterval(() => {
    const now = performance.eventLoopUtilization();
    const { utilization } = performance.eventLoopUtilization(now, busy);
    last = { utilization, delayP99Ms: delays.percentile(99) / 1e6 };
    busy = now;
    delays.reset();
  }, WINDOW_MS);
  timer.unref();
  return {
    loop: () => last,
    stop: () => {
      clearInterval(timer);
      delays.disable();
    },
  };
}
