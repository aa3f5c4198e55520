import type { RedisConnection } from './connection';
import type { Connect } from './shard';
import { parseNodes, type Master } from './slots';
import { every } from '../rounds';

const LOOK_MS = 500;
/** A node that is silent for so many looks is not waited for. */
const PATIENCE = 4;

export interface LocatedMaster extends Master {
  url: string;
}

export interface TopologyOptions {
  /** Nodes to ask while no other one answers. */
  addresses: string[];
  connect: Connect;
  /** Connections to the masters known so far. */
  connections: () => RedisConnection[];
  /** The masters of all slots, by the newest view. */
  learned: (masters: LocatedMaster[]) => void;
}

/**
 * Knows which node is the master of which slots. Every half second it asks all nodes that answer: one that is cut off
 * from the others knows of no failover, and would be the only one to be heard.
 */
export class Topology {
  private readonly scout: RedisConnection;
  private readonly endRounds: () => void;
  private silent = 0;
  private looking = false;
  private closed = false;

  constructor(private readonly options: TopologyOptions) {
    this.scout = options.connect(options.addresses[0]!, 'scout');
    this.scout.onReady(() => void this.look());
    this.endRounds = every(LOOK_MS, () => void this.look());
  }

  close(): void {
    this.closed = true;
    this.endRounds();
    this.scout.close();
  }

  private async look(): Promise<void> {
    if (this.looking) return;
    this.looking = true;
    const { addresses, connections } = this.options;
    if (!this.scout.ready && ++this.silent % PATIENCE === 0)
      this.scout.moveTo(addresses[(this.silent / PATIENCE) % addresses.length]!);
    const asked = [this.scout, ...connections()].filter(({ ready }) => ready);
    const views = await Promise.all(asked.map((connection) => this.viewOf(connection)));
    this.looking = false;
    const [newest] = views.filter((view) => view !== undefined).sort((a, b) => b.epoch - a.epoch);
    if (newest && newest.masters.length > 0 && !this.closed) this.options.learned(newest.masters);
  }

  /** Never rejects. */
  private async viewOf(connection: RedisConnection) {
    try {
      const text = await connection.run((client) => client.sendCommand(['CLUSTER', 'NODES']));
      const { epoch, masters } = parseNodes(String(text));
      return {
        epoch,
        masters: masters.map((master) => ({ ...master, url: urlAt(connection.url, master.address) })),
      };
    } catch {
      return undefined;
    }
  }
}

/** The url of another node; a node that does not know its own host was asked at it. */
export function urlAt(asked: string, address: string): string {
  const url = new URL(asked);
  const end = address.lastIndexOf(':');
  const host = address.slice(0, end);
  if (host !== '') url.hostname = host.includes(':') ? `[${host}]` : host;
  url.port = address.slice(end + 1);
  return url.href;
}
