import type { MembersAnswer } from '../../protocol/events';
import { MAX_MEMBERS } from '../../protocol/limits';
import type { Leases } from './leases';
import { byId, pageOf, total } from './members';
import type { Elsewhere, Members, PresenceStore, Summary } from './types';
import type { View } from './view';

/** One more than may be told by name: so a page is complete, and it shows whether there are more. */
const LIMIT = MAX_MEMBERS + 1;

/** Reads what the other servers have stored. Its promises reject with `unavailable`. */
export class Others {
  constructor(
    private readonly store: PresenceStore,
    private readonly leases: Leases,
  ) {}

  /** The others as of these summaries; names are read only where they have changed, and are not too many. */
  async update(room: string, local: Members, view: View, summaries: Summary[]): Promise<Elsewhere[]> {
    const others = await this.living(room, summaries);
    if (local.size + total(others) > MAX_MEMBERS) return others;
    const unread = others.filter((summary) => !view.names(summary)).map(({ server }) => server);
    const lists = await this.store.list(room, unread, '', LIMIT);
    const read = new Map(unread.map((server, i) => [server, byId(lists[i]!)]));
    return others.map((summary) => ({
      ...summary,
      users: view.names(summary) ?? read.get(summary.server)!,
    }));
  }

  /** A page of all members, of this server too, after this id. */
  async page(room: string, local: Members, after: string): Promise<MembersAnswer> {
    const others = await this.living(room, await this.store.summaries(room));
    const servers = others.map(({ server }) => server);
    const count = local.size + total(others);
    if (count > MAX_MEMBERS) {
      const lists = await this.store.list(room, [this.store.id, ...servers], after, LIMIT);
      return pageOf(room, byId(lists.flat()), after, count);
    }
    const lists = await this.store.list(room, servers, '', LIMIT);
    return pageOf(room, byId([...lists.flat(), ...local.values()]), after);
  }

  /** Whoever sees what a dead server has left removes it. */
  private async living(room: string, summaries: Summary[]): Promise<Summary[]> {
    const others = await this.leases.livingOthers(summaries);
    const living = new Set([this.store.id, ...others.map(({ server }) => server)]);
    const dead = summaries.map(({ server }) => server).filter((server) => !living.has(server));
    if (dead.length > 0) await this.store.bury(room, dead);
    return others;
  }
}
