import type { User } from '../../protocol/entries';
import type { Members } from './types';

/**
 * How long a user stays a member after the last connection: stock clients come back after 0.5 to 1.5 s, to this
 * server or another one, and nobody is to see them go for that.
 */
export const LINGER_MS = 2_500;

/** Who is in a room on this server. Several connections of a user are one member. */
export class Roster {
  private readonly present = new Map<string, User>();
  private readonly connections = new Map<string, number>();
  /** Since when those have no connection that will not be members for long, oldest first. */
  private readonly parting = new Map<string, number>();

  get users(): Members {
    return this.present;
  }

  joined(user: User): void {
    this.present.set(user.id, user);
    this.connections.set(user.id, (this.connections.get(user.id) ?? 0) + 1);
    this.parting.delete(user.id);
  }

  /** `now`: of a clock that never goes back, in milliseconds. */
  ended({ id }: User, now: number): void {
    const left = (this.connections.get(id) ?? 1) - 1;
    if (left > 0) {
      this.connections.set(id, left);
      return;
    }
    this.connections.delete(id);
    this.parting.set(id, now);
  }

  /** Lets go of those who stayed away; returns when the next one is due. */
  settle(now: number): number | undefined {
    for (const [id, since] of this.parting) {
      if (since + LINGER_MS > now) return since + LINGER_MS;
      this.parting.delete(id);
      this.present.delete(id);
    }
    return undefined;
  }
}
