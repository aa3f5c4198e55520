import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { hasSlot, parseNodes, slotOf } from '../../src/redis/slots';
import { onCleanup } from './cleanup';
import { eventually } from './eventually';
import { freePorts } from './ports';
import { redisClient } from './redis-client';

const run = promisify(execFile);
/** Redis's default is 15 s; OPERATING.md asks for 2 s. */
const NODE_TIMEOUT_MS = 2_000;

export interface ClusterNode {
  port: number;
  kill(): Promise<void>;
  freeze(): void;
  thaw(): void;
  start(): void;
}

/** A real Redis Cluster of the test's own on loopback: three masters, each with a replica, made by redis-cli. */
export interface TestCluster {
  /** REDIS_URL. */
  url: string;
  nodes: ClusterNode[];
  /** The master of a key's slot, as the cluster sees it now. */
  masterOf(key: string): Promise<ClusterNode>;
  masters(): Promise<ClusterNode[]>;
  /** Moves the slot of a key as an operator does, key by key. */
  moveSlot(key: string, from: ClusterNode, to: ClusterNode): Promise<void>;
  /** How many connections it has. */
  clientsOf(node: ClusterNode): Promise<number>;
  /** From now on its replica gets nothing more. */
  cutReplica(master: ClusterNode): Promise<void>;
  /** Resolves when all slots are served, and each master has its replica in step. */
  healthy(): Promise<void>;
}

const MASTERS = 3;

export async function startCluster(): Promise<TestCluster> {
  const ports = await freePorts(4 * MASTERS);
  const nodes = Array.from({ length: ports.length / 2 }, (_, i) =>
    startNode(ports[2 * i]!, ports[2 * i + 1]!),
  );
  const addresses = nodes.map(({ port }) => `127.0.0.1:${port}`);
  const clients = await Promise.all(
    nodes.map(({ port }) => redisClient({ url: `redis://127.0.0.1:${port}` })),
  );
  /** A node that is dead or frozen does not answer. */
  const ask = (node: ClusterNode, ...args: string[]) => clients[nodes.indexOf(node)]!.sendCommand(args);
  const read = async (node: ClusterNode, ...args: string[]): Promise<string> =>
    String(await ask(node, ...args));
  const create = ['--cluster', 'create', ...addresses, '--cluster-replicas', '1', '--cluster-yes'];
  await run('redis-cli', create);

  const living = (...args: string[]): Promise<string> =>
    Promise.any(nodes.map((node) => read(node, ...args)));
  const nodeAt = (address: string): ClusterNode => {
    const port = Number(address.slice(address.lastIndexOf(':') + 1));
    return nodes.find((node) => node.port === port)!;
  };
  const view = async () => parseNodes(await living('CLUSTER', 'NODES')).masters;
  const masters = async (): Promise<ClusterNode[]> => (await view()).map(({ address }) => nodeAt(address));
  const masterOf = async (key: string): Promise<ClusterNode> => {
    const master = (await view()).find(({ slots }) => hasSlot(slots, slotOf(key)));
    if (!master) throw new Error(`no master has ${key}`);
    return nodeAt(master.address);
  };
  const moveSlot = async (key: string, from: ClusterNode, to: ClusterNode): Promise<void> => {
    const slot = `${slotOf(key)}`;
    const [source, target] = await Promise.all([from, to].map((node) => read(node, 'CLUSTER', 'MYID')));
    await ask(to, 'CLUSTER', 'SETSLOT', slot, 'IMPORTING', source!);
    await ask(from, 'CLUSTER', 'SETSLOT', slot, 'MIGRATING', target!);
    for (;;) {
      const keys = (await ask(from, 'CLUSTER', 'GETKEYSINSLOT', slot, '1')) as unknown as string[];
      if (keys.length === 0) break;
      await ask(from, 'MIGRATE', '127.0.0.1', `${to.port}`, '', '0', '5000', 'KEYS', ...keys);
    }
    for (const node of [to, from]) await ask(node, 'CLUSTER', 'SETSLOT', slot, 'NODE', target!);
  };
  const clientsOf = async (node: ClusterNode): Promise<number> =>
    Number(/connected_clients:(\d+)/.exec(await read(node, 'INFO', 'clients'))?.[1]);
  const cutReplica = async (master: ClusterNode): Promise<void> => {
    // Who is connected stays so; its replica is not let in again.
    await ask(master, 'CONFIG', 'SET', 'requirepass', 'not told to anybody');
    await ask(master, 'CLIENT', 'KILL', 'TYPE', 'replica');
    await eventually(async () =>
      expect(await read(master, 'INFO', 'replication')).toContain('connected_slaves:0'),
    );
  };
  const healthy = async (): Promise<void> => {
    await eventually(async () => {
      for (const node of nodes) {
        expect(await read(node, 'CLUSTER', 'INFO')).toMatch(/cluster_state:ok[^]*slots_ok:16384[^]*size:/);
        const info = await read(node, 'INFO', 'replication');
        if (info.includes('role:master')) expect(info.match(/state=online/g) ?? []).toHaveLength(1);
        else expect(info).toContain('master_link_status:up');
      }
    }, 120_000);
  };
  await healthy();
  const [first = '', ...others] = addresses;
  const url = `redis://${[first, ...others].join(',')}`;
  return { url, nodes, masters, masterOf, moveSlot, clientsOf, cutReplica, healthy };
}

function startNode(port: number, busPort: number): ClusterNode {
  const dir = mkdtempSync(join(tmpdir(), 'chat-cluster-'));
  const options = {
    ...{ port, bind: '127.0.0.1', dir, save: '', appendonly: 'yes', appendfsync: 'no' },
    ...{ 'cluster-enabled': 'yes', 'cluster-port': busPort, 'cluster-node-timeout': NODE_TIMEOUT_MS },
    ...{ 'cluster-require-full-coverage': 'no', 'repl-diskless-sync-delay': 0 },
  };
  const args = Object.entries(options).flatMap(([name, value]) => [`--${name}`, `${value}`]);
  let child: ChildProcess;
  const start = (): void => void (child = spawn('redis-server', args, { stdio: 'ignore' }));
  const kill = async (): Promise<void> => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const gone = once(child, 'exit');
    child.kill('SIGKILL');
    await gone;
  };
  start();
  onCleanup(async () => {
    await kill();
    rmSync(dir, { recursive: true, force: true });
  });
  const freeze = (): void => void child.kill('SIGSTOP');
  const thaw = (): void => void child.kill('SIGCONT');
  return { port, kill, freeze, thaw, start };
}
