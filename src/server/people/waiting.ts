import { MAX_MEMBERSHIPS } from '../../protocol/limits';
import type { ChangeOutcome } from './types';

const MAX_ALL = 10_000;
/** That many invitations of a user wait: others are not to use up all the room. */
const MAX_INVITED = MAX_MEMBERSHIPS / 2;

export interface Change {
  userId: string;
  room: string;
  member: boolean;
  /** Somebody else wants it. */
  invited: boolean;
  /** It may have been written, though no answer came. */
  tried: boolean;
  done: (outcome: ChangeOutcome) => void;
}

/**
 * Changes that the store has not taken yet: the last one of each user and room. Of too many the oldest of whoever has
 * the most is dropped, so that nobody pushes out those of others.
 */
export class Waiting {
  private readonly users = new Map<string, Map<string, Change>>();
  private count = 0;

  get size(): number {
    return this.count;
  }

  get(userId: string, room: string): Change | undefined {
    return this.users.get(userId)?.get(room);
  }

  of(userId: string): Iterable<Change> {
    return this.users.get(userId)?.values() ?? [];
  }

  *all(): Iterable<Change> {
    for (const changes of this.users.values()) yield* changes.values();
  }

  put(change: Change): void {
    const { userId, room, invited } = change;
    const before = this.get(userId, room);
    if (invited && before?.member) return change.done('same');
    const size = this.users.get(userId)?.size ?? 0;
    if (invited && size >= MAX_INVITED) return change.done('dropped');
    if (before) this.drop(before);
    if (this.count >= MAX_ALL) this.dropOldest(this.longest());
    const changes = this.users.get(userId) ?? new Map<string, Change>();
    this.users.set(userId, changes.set(room, change));
    this.count++;
  }

  /** Whether it was still waiting, and no later one in its place. */
  remove(change: Change): boolean {
    const { userId, room } = change;
    const changes = this.users.get(userId);
    if (changes?.get(room) !== change) return false;
    changes.delete(room);
    if (changes.size === 0) this.users.delete(userId);
    this.count--;
    return true;
  }

  private drop(change: Change): void {
    this.remove(change);
    change.done('dropped');
  }

  /** What others wanted goes before what he did himself. */
  private dropOldest(changes: Map<string, Change>): void {
    const [oldest] = changes.values();
    const victim = [...changes.values()].find(({ invited }) => invited) ?? oldest;
    if (victim) this.drop(victim);
  }

  private longest(): Map<string, Change> {
    return [...this.users.values()].reduce((a, b) => (b.size > a.size ? b : a));
  }
}
