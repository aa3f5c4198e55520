import type { SharedSecrets } from '../config/secrets';
import type { Settings } from '../config/settings';
import type { Commands } from '../redis/shard';
import { hostName } from './address';
import { hostText, type JoinedHost } from './hosts';

/** What a machine needs to know to be one of this fleet. Whoever can read it can do anything in it. */
export interface Shared extends SharedSecrets {
  /** Settings in which hosts may not differ, as they stand in fleet.env. */
  settings: Record<string, string>;
}

/** Where the hosts of a fleet meet: in Redis, under the prefix of all its keys. Everything here rejects with RedisAway. */
export class Registry {
  private readonly shared: string;
  private readonly hosts: string;
  private readonly taken: string;

  constructor(
    private readonly commands: Commands,
    { keyPrefix }: Pick<Settings, 'keyPrefix'>,
  ) {
    this.shared = `${keyPrefix}fleet:shared`;
    this.hosts = `${keyPrefix}fleet:hosts`;
    this.taken = `${keyPrefix}fleet:taken`;
  }

  /** The side of nginx says what joining hosts need. */
  async publish(shared: Shared): Promise<void> {
    const text = JSON.stringify(shared);
    if ((await this.commands.run(this.shared, (redis) => redis.get(this.shared))) === text) return;
    await this.commands.run(this.shared, (redis) => redis.set(this.shared, text));
  }

  /** Undefined: no fleet that can be joined has this Redis and this prefix. */
  async read(): Promise<Shared | undefined> {
    const text = await this.commands.run(this.shared, (redis) => redis.get(this.shared));
    return text === null ? undefined : (JSON.parse(text) as Shared);
  }

  /** A host says that it is there. The beat only has to differ from the one before: no clock is compared with another. */
  async register(host: JoinedHost): Promise<void> {
    const text = JSON.stringify({ ...host, beat: Date.now() });
    await this.commands.run(this.hosts, (redis) => redis.hSet(this.hosts, hostName(host.address), text));
  }

  async remove(address: string): Promise<void> {
    await this.commands.run(this.hosts, (redis) => redis.hDel(this.hosts, hostName(address)));
  }

  /** What the hosts last said, by their names. */
  async entries(): Promise<Map<string, string>> {
    const all = await this.commands.run(this.hosts, (redis) => redis.hGetAll(this.hosts));
    return new Map(Object.entries(all));
  }

  /** The side of nginx says to which hosts it leads by now. */
  async keepTaken(hosts: JoinedHost[]): Promise<void> {
    const before = await this.commands.run(this.taken, (redis) => redis.hGetAll(this.taken));
    const now = Object.fromEntries(hosts.map((host) => [hostName(host.address), hostText(host)]));
    const gone = Object.keys(before).filter((name) => !(name in now));
    const changed = Object.entries(now).filter(([name, text]) => before[name] !== text);
    if (gone.length > 0) await this.commands.run(this.taken, (redis) => redis.hDel(this.taken, gone));
    if (changed.length > 0)
      await this.commands.run(this.taken, (redis) => redis.hSet(this.taken, Object.fromEntries(changed)));
  }

  async isTaken(host: JoinedHost): Promise<boolean> {
    const text = await this.commands.run(this.taken, (redis) =>
      redis.hGet(this.taken, hostName(host.address)),
    );
    return text === hostText(host);
  }
}
