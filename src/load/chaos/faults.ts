import { signal } from '../../fleet/ending';
import type { ChaosFleet } from './fleet';
import type { FaultKind } from './kinds';
import type { FaultProxy, ProxyMode } from './proxy';
import type { Fault } from './schedule';

/** What faults are done to. */
export interface World {
  fleet: ChaosFleet;
  proxy: FaultProxy;
}

/** Ends a fault. What it leaves behind heals by itself. */
export type Heal = () => void | Promise<void>;
type Inject = (world: World, fault: Fault) => Heal | Promise<Heal>;

const EVERY_MS = 500;
const byItself: Heal = () => undefined;

const injections: Record<FaultKind, Inject> = {
  'server-kill': ({ fleet }, { server }) => killed(fleet, fleet.serverPid(server!)),
  'servers-kill': ({ fleet }) => killed(fleet, ...fleet.servers.map((_, index) => fleet.serverPid(index))),
  'server-freeze': ({ fleet }, { server }) => frozen(fleet.serverPid(server!)),
  'redis-kill': ({ fleet }) => killed(fleet, fleet.redisPid),
  'redis-freeze': ({ fleet }) => frozen(fleet.redisPid),
  'redis-down': async ({ fleet }) => {
    await fleet.stopRedis();
    return () => fleet.startRedis();
  },
  'redis-older': ({ fleet }) => {
    const putBack = fleet.keepRedisFile();
    return async () => {
      await fleet.stopRedis();
      putBack();
      await fleet.startRedis();
    };
  },
  'subscribers-cut': ({ fleet }) => again(() => fleet.killConnections('pubsub')),
  'publishers-cut': ({ fleet }) => again(() => fleet.killConnections('normal')),
  'nginx-reload': async ({ fleet }) => {
    await fleet.reloadNginx();
    return byItself;
  },
  'nginx-restart': async ({ fleet }) => {
    await fleet.restartNginx();
    return byItself;
  },
  'nginx-kill': ({ fleet }) => killed(fleet, fleet.nginxPid),
  'clients-cut': (world) => proxied(world, 'cut'),
  'clients-half-open': (world) => proxied(world, 'both'),
  'clients-deaf': (world) => proxied(world, 'down'),
  'clients-mute': (world) => proxied(world, 'up'),
};

/** Begins a fault; returns what ends it. */
export async function inject(world: World, fault: Fault): Promise<Heal> {
  return injections[fault.kind](world, fault);
}

async function killed(fleet: ChaosFleet, ...pids: number[]): Promise<Heal> {
  await fleet.kill(...pids);
  return byItself;
}

function frozen(pid: number): Heal {
  signal([pid], 'SIGSTOP');
  return () => signal([pid], 'SIGCONT');
}

function proxied({ proxy }: World, mode: ProxyMode): Heal {
  proxy.set(mode);
  return () => proxy.set('pass');
}

/** Does it at once and every half second, one after the other, until healed. */
function again(act: () => Promise<void>): Heal {
  let over = false;
  const loop = async (): Promise<void> => {
    while (!over) {
      await act();
      await new Promise((resolve) => setTimeout(resolve, EVERY_MS));
    }
  };
  const done = loop();
  return async () => {
    over = true;
    await done;
  };
}
