import type { Presence } from '../../protocol/events';
import { MAX_MEMBERS } from '../../protocol/limits';
import { lacking, total } from './members';
import type { Elsewhere, Members, Summary } from './types';

/** Who is in a room on all servers; the count alone where there are too many. */
interface Standing {
  count: number;
  users?: Members;
}

const nobody: Members = new Map();

/** What this server knows of a room's members on the others, and what it has announced to its own. */
export class View {
  private others: Elsewhere[] | undefined;
  /** As they were when it began to be unsure who has gone. */
  private stale: Elsewhere[] = [];
  private announced: Standing | undefined;

  /** Whether it holds members that may have gone. */
  get isStale(): boolean {
    return this.stale.length > 0;
  }

  /** Whether more were announced than are told by name. */
  get isLarge(): boolean {
    return (this.announced?.count ?? 0) > MAX_MEMBERS;
  }

  /** The names of a server's members, if they are known as of this summary. */
  names({ server, rev }: Summary): Members | undefined {
    return this.others?.find((each) => each.server === server && each.rev === rev)?.users;
  }

  hasAnyOf(servers: ReadonlySet<string>): boolean {
    return this.others?.some(({ server }) => servers.has(server)) ?? false;
  }

  /** Whether a server that had members here has not the same in these. */
  isOutdated(summaries: Summary[]): boolean {
    const isSame = ({ server, rev }: Summary): boolean =>
      summaries.some((each) => each.server === server && each.rev === rev);
    return this.others?.some((each) => !isSame(each)) ?? false;
  }

  /** These are the others now. `settling`: who has vanished may only be late, and counts on until that is over. */
  take(others: Elsewhere[], settling: boolean): void {
    if (!settling) this.stale = [];
    else if (!this.isStale) this.stale = this.others ?? [];
    this.others = others;
  }

  /** All members together with those of this server, if the others are known and they are not too many. */
  members(local: Members): Members | undefined {
    return this.others && this.standing(local).users;
  }

  /** Up to 200 a user counts once; above that, once on each server. */
  private standing(local: Members): Standing {
    const { others = [], stale } = this;
    const count = local.size + Math.max(total(others), total(stale));
    const names = [...stale, ...others].map(({ users }) => users);
    if (count > MAX_MEMBERS || names.includes(undefined)) return { count };
    const users = new Map([...names, local].flatMap((each) => [...each!]));
    // Names are read after the counts: meanwhile more may have come.
    return users.size > MAX_MEMBERS ? { count: users.size } : { count: users.size, users };
  }

  /** What is to be told in the room since the last time; who was there before the first of this server is not news. */
  announce(room: string, local: Members): Presence | undefined {
    const before = this.announced ?? this.standing(nobody);
    const now = this.standing(local);
    this.announced = now;
    const { count } = now;
    if (!before.users || !now.users) return count === before.count ? undefined : { room, count };
    const joined = lacking(now.users, before.users);
    const left = [...before.users.values()].filter(({ id }) => !now.users!.has(id));
    if (joined.length + left.length === 0) return undefined;
    return { room, count, ...(joined.length > 0 && { joined }), ...(left.length > 0 && { left }) };
  }
}
