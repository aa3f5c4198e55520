import { RateLimiterMemory, RateLimiterRedis, RateLimiterRes } from 'rate-limiter-flexible';
import type { Commands } from '../../redis/shard';
import type { UserLimits } from '../flow/types';
import { every } from '../../rounds';

export interface UserLimitOptions {
  commands: Commands;
  keyPrefix: string;
  /** Of one connection: 0 means no limit, for users neither. */
  sendsPerSecond: number;
  sendsBurst: number;
}

/** A user may send as much as so many connections, however many he has, on all servers together. */
const CONNECTIONS = 3;
const WINDOW_S = 10;
/** Sends that are told to Redis together. Whoever sends fewer in a window costs it nothing. */
const BLOCK = 20;

/**
 * What one user may do over all his connections. Sends are counted here, and in blocks in Redis, without waiting for
 * it: the servers together let pass a little more than the limit, a slow Redis delays no send, and without Redis
 * each server counts for itself.
 */
export class SharedUserLimits implements UserLimits {
  /** Sends of this window that are not told yet. */
  private readonly untold = new Map<string, number>();
  /** Users who may send nothing before this time, ms on the monotonic clock. */
  private readonly blocked = new Map<string, number>();
  private readonly sends: RateLimiterRedis | undefined;
  private readonly endRounds: () => void;

  constructor({ commands, keyPrefix, sendsPerSecond, sendsBurst }: UserLimitOptions) {
    const points = CONNECTIONS * (sendsBurst + WINDOW_S * sendsPerSecond);
    if (sendsPerSecond > 0) {
      this.sends = new RateLimiterRedis({
        storeClient: scriptsOf(commands),
        useRedisPackage: true,
        keyPrefix: `${keyPrefix}sends`,
        points,
        duration: WINDOW_S,
        insuranceLimiter: new RateLimiterMemory({ points, duration: WINDOW_S }),
      });
    }
    this.endRounds = every(WINDOW_S * 1_000, () => this.forget());
  }

  takeSend(userId: string): number {
    if (!this.sends) return 0;
    const waitMs = Math.ceil((this.blocked.get(userId) ?? 0) - performance.now());
    if (waitMs > 0) return waitMs;
    const count = (this.untold.get(userId) ?? 0) + 1;
    this.untold.set(userId, count % BLOCK);
    if (count === BLOCK) void this.tell(userId);
    return 0;
  }

  stop(): void {
    this.endRounds();
  }

  private async tell(userId: string): Promise<void> {
    try {
      await this.sends!.consume(userId, BLOCK);
    } catch (answer) {
      if (answer instanceof RateLimiterRes)
        this.blocked.set(userId, performance.now() + Math.max(0, answer.msBeforeNext));
    }
  }

  private forget(): void {
    this.untold.clear();
    for (const [userId, until] of this.blocked) if (until <= performance.now()) this.blocked.delete(userId);
  }
}

/** What the library asks of a client, through the guarded connection, which may replace its own. */
const scriptsOf = (commands: Commands) => ({
  eval: (script: string, options: { keys: string[]; arguments: string[] }) =>
    commands.run(options.keys[0]!, (client) => client.eval(script, options)),
});
