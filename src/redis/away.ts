import { ErrorReply } from 'redis';
import { DeadlinePassed } from '../deadline';

/**
 * Why Redis does not do what it is asked to. `failed`: it is there, but has something against this very command;
 * `moved`: another node of the cluster has these keys by now.
 */
export type AwayReason =
  'unreachable' | 'late' | 'loading' | 'full' | 'read-only' | 'disk' | 'denied' | 'busy' | 'moved' | 'failed';

/** Redis did not carry out the command, or nobody knows whether it did. */
export class RedisAway extends Error {
  readonly reason: AwayReason;

  constructor(cause: unknown) {
    super(cause instanceof Error ? cause.message : String(cause), { cause });
    this.name = 'RedisAway';
    this.reason = whyAway(cause);
  }
}

/** How its error replies begin (Redis 7.0); what a script was denied it says in words of its own. */
const REPLIES: [RegExp, AwayReason][] = [
  [/^LOADING/, 'loading'],
  [/^OOM/, 'full'],
  [/^(READONLY|MASTERDOWN|NOREPLICAS|CLUSTERDOWN)/, 'read-only'],
  [/^MISCONF/, 'disk'],
  [/^(NOPERM|NOAUTH|WRONGPASS)|user executing the script/, 'denied'],
  [/^BUSY/, 'busy'],
  [/^MOVED/, 'moved'],
];

/** A cluster said so: the slot is another node's, or nobody's at the moment. It will say so again for a while. */
export const isElsewhere = (error: unknown): boolean =>
  error instanceof RedisAway && /^(MOVED|CLUSTERDOWN)/.test(error.message);

/** The one classifier of what Redis said, or did not say. Whatever it is: it may be over the next time. */
export function whyAway(error: unknown): AwayReason {
  if (error instanceof DeadlinePassed) return 'late';
  if (!(error instanceof ErrorReply)) return 'unreachable';
  return REPLIES.find(([pattern]) => pattern.test(error.message))?.[1] ?? 'failed';
}
