import { performance } from 'node:perf_hooks';
import type { Load } from '../flow/types';
import {
  admitted,
  atEase,
  decided,
  isOverloaded,
  looked,
  retryAfterMs,
  sheds,
  type Pressure,
  type Shed,
} from './pressure';

/** Between two looks: a look wakes up a process that would rest, so it looks closely only when there is much to do. */
const LOOK_AT_REST_MS = 100;
const LOOK_MS = 50;
const LOOK_CLOSELY_MS = 20;
const RESTS_BELOW = 0.25;
const BUSY = 0.5;
/** So many since the last look bring the next one forward: a flood is seen as early as on a busy server. */
const MANY_SENDS = 50;
const MANY_NEWCOMERS = 8;

/** What a server asks about its load. */
export interface Gauge extends Load {
  sheds(what: Shed): boolean;
  /** Asked once for each newcomer. */
  refusesNewcomer(): boolean;
  /** Whether newcomers, and what is too much, are refused at the moment. */
  readonly isOverloaded: boolean;
  stop(): void;
}

/** Watches how much the event loop of this process has to do, and says what is given up for that. */
export class LoadMeter implements Gauge {
  private pressure: Pressure = atEase;
  private dueAt = 0;
  private lookedAt = performance.now();
  private use = performance.eventLoopUtilization();
  private timer: NodeJS.Timeout | undefined;

  /** Tells of each look how late it came, ms. */
  constructor(private readonly late: (ms: number) => void) {
    this.plan();
  }

  get busy(): number {
    return this.pressure.busy;
  }

  sheds(what: Shed): boolean {
    const now = performance.now();
    return sheds(this.pressure, what, now, now - this.dueAt);
  }

  refusesNewcomer(): boolean {
    if (this.sheds('handshakes')) return true;
    this.pressure = admitted(this.pressure);
    this.soonIf(this.pressure.admitted === MANY_NEWCOMERS);
    return false;
  }

  get refusesSends(): boolean {
    return this.sheds('sends');
  }

  refuseSend(): boolean {
    const now = performance.now();
    const isRefused = sheds(this.pressure, 'sends', now, now - this.dueAt);
    this.pressure = decided(this.pressure, isRefused, now);
    this.soonIf(this.pressure.taken === MANY_SENDS);
    return isRefused;
  }

  retryAfterMs(): number {
    return retryAfterMs(this.pressure, Math.random());
  }

  get isOverloaded(): boolean {
    return isOverloaded(this.pressure, performance.now());
  }

  stop(): void {
    clearTimeout(this.timer);
  }

  private soonIf(areMany: boolean): void {
    if (areMany && this.dueAt - performance.now() > LOOK_CLOSELY_MS) this.plan(LOOK_CLOSELY_MS);
  }

  private get nextMs(): number {
    const { lateMs, busy } = this.pressure;
    if (lateMs > 0 || busy >= BUSY || this.isOverloaded) return LOOK_CLOSELY_MS;
    return busy >= RESTS_BELOW ? LOOK_MS : LOOK_AT_REST_MS;
  }

  private plan(inMs = this.nextMs): void {
    clearTimeout(this.timer);
    this.dueAt = performance.now() + inMs;
    this.timer = setTimeout(() => this.look(), inMs).unref();
  }

  private look(): void {
    const now = performance.now();
    const use = performance.eventLoopUtilization();
    const { utilization } = performance.eventLoopUtilization(use, this.use);
    const [lateMs, elapsedMs] = [now - this.dueAt, now - this.lookedAt];
    this.late(Math.max(0, lateMs));
    this.pressure = looked(this.pressure, { now, lateMs, elapsedMs, utilization });
    this.use = use;
    this.lookedAt = now;
    this.plan();
  }
}
