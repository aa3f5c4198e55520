import type { Client, RedisConnection } from './connection';
import { hasSlot, SLOTS, slotOf, type Master } from './slots';

/** Makes the connections to one Redis; `role` is what it is for. */
export type Connect = (url: string, role: string) => RedisConnection;

/** What takes commands: of a cluster, the part with this key. Rejects with RedisAway. */
export interface Commands {
  run<T>(key: string, command: (client: Client) => Promise<T>): Promise<T>;
}

/** One Redis: the only one, or of a cluster the master of some slots, whichever node that is at the moment. */
export class Shard implements Commands {
  readonly commands: RedisConnection;
  private listening: RedisConnection | undefined;
  private nodes: string[];

  /** `tag` puts a key into the slots of this shard; undefined where there are no others. */
  constructor(
    private readonly connect: Connect,
    private url: string,
    nodes: string[] = [],
    private readonly tag?: string,
  ) {
    this.nodes = nodes;
    this.commands = connect(url, 'commands');
  }

  /** For subscriptions alone; made when it is needed first. */
  get subscriber(): RedisConnection {
    return (this.listening ??= this.connect(this.url, 'subscriber'));
  }

  /** It is the only Redis, and has every key. */
  get isWhole(): boolean {
    return this.tag === undefined;
  }

  /** The name of a key, or of a sharded channel, that this shard has. */
  key(name: string): string {
    return this.tag === undefined ? name : `${name}{${this.tag}}`;
  }

  run<T>(_key: string, command: (client: Client) => Promise<T>): Promise<T> {
    return this.commands.run(command);
  }

  /** Whether this master goes on with what this shard was: it is the same one, or was its replica. */
  isContinuedBy({ nodes: [id], slots }: Master): boolean {
    return this.nodes.includes(id!) && hasSlot(slots, slotOf(this.key('')));
  }

  /** From now on it is this master. */
  moveTo(url: string, nodes: string[]): void {
    this.nodes = nodes;
    if (url === this.url) return;
    this.url = url;
    this.commands.moveTo(url);
    this.listening?.moveTo(url);
  }

  close(): void {
    this.commands.close();
    this.listening?.close();
  }
}

/** Pure: the shortest tag that lies in one of these slots. */
export function tagIn(slots: Master['slots']): string {
  // A shard with a single slot is found after some 16,000 tries; beyond this there is none.
  for (let i = 0; i < 20 * SLOTS; i++) if (hasSlot(slots, slotOf(`${i}`))) return `${i}`;
  throw new Error('no tag lies in these slots');
}
