import { performance } from 'node:perf_hooks';
import { every } from '../../rounds';
import type { Load } from '../flow/types';
import {
  admitted,
  atEase,
  decided,
  isOverloaded,
  looked,
  retryAfterMs,
  sheds,
  stoodStillMs,
  type Pressure,
  type Shed,
} from './pressure';

/** Between two looks: each wakes up a process that would rest, so it looks closely only when there is much to do. */
const LOOK_AT_REST_MS = 250;
const LOOK_CLOSELY_MS = 20;
const BUSY = 0.5;
/** So many since the last look bring the next one forward: a flood is seen as early as on a busy server. */
const MANY_SENDS = 50;
const MANY_NEWCOMERS = 8;

/** What decides which calls are too much. */
export interface Limit {
  /** Asked once for each call that may be refused: whether it is. */
  refuses(): boolean;
  /** Whether it would be now. */
  readonly isRefusing: boolean;
  /** When somebody who is refused now is to ask again. */
  retryAfterMs(): number;
}

/** What a server asks about its load. */
export interface Gauge extends Load, Limit {
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
  private lookedAt = performance.now();
  private use = performance.eventLoopUtilization();
  /** Of the next look and when that is due, while it looks closely. */
  private timer: NodeJS.Timeout | undefined;
  private dueAt = Infinity;
  private readonly endRounds: () => void;

  /** Tells of each look how long the loop stood still before it, ms. */
  constructor(private readonly stoodStill: (ms: number) => void) {
    // With the rounds of others, so that a server that rests is woken up once for all.
    this.endRounds = every(LOOK_AT_REST_MS, (lateMs) => {
      if (!this.timer) this.look(lateMs);
    });
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

  get isRefusing(): boolean {
    return this.sheds('sends');
  }

  refuses(): boolean {
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
    this.endRounds();
    clearTimeout(this.timer);
  }

  private soonIf(areMany: boolean): void {
    if (areMany && !this.timer) this.lookClosely();
  }

  private lookClosely(): void {
    this.dueAt = performance.now() + LOOK_CLOSELY_MS;
    this.timer = setTimeout(() => this.look(performance.now() - this.dueAt), LOOK_CLOSELY_MS).unref();
  }

  private look(lateMs: number): void {
    const now = performance.now();
    const use = performance.eventLoopUtilization();
    const { utilization } = performance.eventLoopUtilization(use, this.use);
    const look = { now, lateMs, elapsedMs: now - this.lookedAt, utilization };
    this.stoodStill(stoodStillMs(look));
    this.pressure = looked(this.pressure, look);
    this.use = use;
    this.lookedAt = now;
    this.timer = undefined;
    this.dueAt = Infinity;
    if (this.pressure.lateMs > 0 || this.busy >= BUSY || this.isOverloaded) this.lookClosely();
  }
}
