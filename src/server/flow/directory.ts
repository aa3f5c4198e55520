interface User<S> {
  sessions: Set<S>;
  rooms: Set<string>;
  /** What is set while his rooms are being read, one for each reading. */
  journals?: Set<Map<string, boolean>>;
}

/**
 * Who of this server's people is a member of which room: pure memory, as much as the connected users have rooms.
 * Users are told apart by a key.
 */
export class Directory<S> {
  private readonly users = new Map<string, User<S>>();
  private readonly members = new Map<string, Set<User<S>>>();

  keys(): string[] {
    return [...this.users.keys()];
  }

  has(key: string): boolean {
    return this.users.has(key);
  }

  enter(key: string, session: S): void {
    const user = this.users.get(key) ?? { sessions: new Set(), rooms: new Set() };
    this.users.set(key, user);
    user.sessions.add(session);
  }

  /** With his last session a user is forgotten. */
  exit(key: string, session: S): void {
    const user = this.users.get(key);
    if (!user?.sessions.delete(session) || user.sessions.size > 0) return;
    this.replace(key, []);
    this.users.delete(key);
  }

  isMember(key: string, room: string): boolean {
    return this.users.get(key)?.rooms.has(room) ?? false;
  }

  roomsOf(key: string): string[] {
    return [...(this.users.get(key)?.rooms ?? [])];
  }

  /** Number of rooms that the user is a member of. */
  count(key: string): number {
    return this.users.get(key)?.rooms.size ?? 0;
  }

  /** Of a user who is not here nothing is remembered. */
  set(key: string, room: string, member: boolean): void {
    const user = this.users.get(key);
    if (!user) return;
    for (const journal of user.journals ?? []) journal.set(room, member);
    if (member) this.add(user, room);
    else this.remove(user, room);
  }

  /** The user is a member of the rooms that are read, but for what is set meanwhile. Rejects as `read` does. */
  async load(key: string, read: () => Promise<Iterable<string>>): Promise<void> {
    const user = this.users.get(key);
    if (!user) return;
    const journal = new Map<string, boolean>();
    const journals = (user.journals ??= new Set());
    journals.add(journal);
    try {
      const rooms = new Set(await read());
      for (const [room, member] of journal)
        if (member) rooms.add(room);
        else rooms.delete(room);
      if (this.users.get(key) === user) this.replace(key, rooms);
    } finally {
      journals.delete(journal);
      if (journals.size === 0) delete user.journals;
    }
  }

  /** The user is a member of these rooms and of no other. */
  replace(key: string, rooms: Iterable<string>): void {
    const user = this.users.get(key);
    if (!user) return;
    const wanted = new Set(rooms);
    for (const room of user.rooms) if (!wanted.has(room)) this.remove(user, room);
    for (const room of wanted) this.add(user, room);
  }

  /** All sessions of the room's members. */
  *sessionsOf(room: string): Iterable<S> {
    for (const { sessions } of this.members.get(room) ?? []) yield* sessions;
  }

  *allSessions(): Iterable<S> {
    for (const { sessions } of this.users.values()) yield* sessions;
  }

  private add(user: User<S>, room: string): void {
    user.rooms.add(room);
    const members = this.members.get(room) ?? new Set();
    this.members.set(room, members.add(user));
  }

  private remove(user: User<S>, room: string): void {
    user.rooms.delete(room);
    const members = this.members.get(room);
    members?.delete(user);
    if (members?.size === 0) this.members.delete(room);
  }
}
