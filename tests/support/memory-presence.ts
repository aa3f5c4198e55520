import { ChatError } from '../../src/protocol/codes';
import type { User } from '../../src/protocol/entries';
import { byId, compareIds } from '../../src/server/presence/members';
import type { Changes, Leases, PresenceStore, Summary } from '../../src/server/presence/types';

const LEASE_MS = 10_000;

/** A store of presence in memory that several servers share, with the faults of a real one. */
export class MemoryPresence {
  away = false;
  /** It stores, but nobody hears of it. */
  mute = false;
  private rooms = new Map<string, Map<string, { rev: number; members: Map<string, User> }>>();
  private leases = new Map<string, number>();
  private ids = 0;

  /** As if it had begun anew. */
  forget(): void {
    this.rooms.clear();
    this.leases.clear();
  }

  /** As if that part of it which holds the rooms had begun anew, and the leases were in another. */
  loseRooms(): void {
    this.rooms.clear();
  }

  /** How many servers have something stored of this room. */
  servers(room: string): number {
    return this.rooms.get(room)?.size ?? 0;
  }

  /** The side of one server; `isDead` cuts it off. */
  open(isDead: () => boolean): PresenceStore {
    let id = '';
    const answering = async (): Promise<void> => {
      await Promise.resolve();
      if (this.away || isDead()) throw new ChatError('unavailable');
    };
    return {
      get id() {
        return id;
      },
      available: () => !this.away && !isDead(),
      renew: async (): Promise<Leases> => {
        await answering();
        for (const [server, end] of this.leases) if (end <= Date.now()) this.leases.delete(server);
        const anew = !this.leases.has(id);
        if (anew) id = `server ${++this.ids}`;
        this.leases.set(id, Date.now() + LEASE_MS);
        return { live: new Set(this.leases.keys()), anew };
      },
      resign: async (afterMs) => {
        await answering();
        this.leases.set(id, Date.now() + afterMs);
      },
      exchange: async (room, changes) => {
        const writer = id;
        await answering();
        if (writer === '') throw new ChatError('unavailable');
        this.store(room, writer, changes);
        if (this.mute) throw new ChatError('unavailable');
        return this.summaries(room);
      },
      summaries: async (room) => {
        await answering();
        return this.summaries(room);
      },
      list: async (room, servers, after, limit) => {
        await answering();
        const of = (server: string): User[] => [
          ...(this.rooms.get(room)?.get(server)?.members.values() ?? []),
        ];
        const later = (users: User[]): User[] => users.filter((user) => compareIds(user.id, after) > 0);
        return servers.map((server) =>
          later(of(server))
            .sort((a, b) => compareIds(a.id, b.id))
            .slice(0, limit),
        );
      },
      bury: async (room, servers) => {
        await answering();
        for (const server of servers) this.rooms.get(room)?.delete(server);
      },
    };
  }

  private store(room: string, server: string, { rev, whole, add, remove }: Changes): void {
    const servers = this.rooms.get(room) ?? new Map<string, { rev: number; members: Map<string, User> }>();
    this.rooms.set(room, servers);
    const before = servers.get(server) ?? { rev: 0, members: new Map<string, User>() };
    const members = whole ? new Map<string, User>() : before.members;
    for (const { id } of remove) members.delete(id);
    for (const [id, user] of byId(add)) members.set(id, user);
    const isChange = whole || add.length > 0 || remove.length > 0;
    if (members.size > 0) servers.set(server, { rev: isChange ? rev : before.rev, members });
    else servers.delete(server);
  }

  private summaries(room: string): Summary[] {
    const servers = [...(this.rooms.get(room) ?? [])];
    return servers.map(([server, { rev, members }]) => ({ server, rev, count: members.size }));
  }
}
