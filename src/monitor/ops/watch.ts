import type { PlannedServer } from '../../fleet/plan';
import type { Live } from '../../protocol/ops';
import type { Redis } from '../../redis/redis';
import { lastPlan } from '../last-plan';
import { liveOf } from './live';
import { lookAt, type Look } from './look';
import { Memory } from './memory';

const LOOK_MS = 2_000;

/**
 * Looks at the fleet of the plan every two seconds, whoever asks for what: no client can make work for servers or
 * Redis. Remembers what was seen.
 */
export class Watch {
  readonly memory = new Memory();
  private before: Look | undefined;
  private now: Look | undefined;
  private readonly planned: () => PlannedServer[];
  private timer: NodeJS.Timeout | undefined;
  private stopped = false;

  constructor(
    varDir: string,
    private readonly redis: Redis,
  ) {
    this.planned = lastPlan(varDir, () => undefined); // the monitor says so
  }

  /** Looks, and comes again at the next full two seconds; resolves after the first look. */
  async start(): Promise<void> {
    const look = await lookAt(this.planned(), this.redis, this.now);
    if (this.stopped) return;
    [this.before, this.now] = [this.now, look];
    this.memory.add(liveOf(this.before, look));
    this.timer = setTimeout(() => void this.start(), LOOK_MS - (Date.now() % LOOK_MS));
  }

  stop(): void {
    this.stopped = true;
    clearTimeout(this.timer);
  }

  /** The last look; undefined before the first one. */
  look(): Look | undefined {
    return this.now;
  }

  live(): Live | undefined {
    return this.now && liveOf(this.before, this.now);
  }
}
