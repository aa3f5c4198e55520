import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync, readlinkSync, realpathSync } from 'node:fs';
import { join } from 'node:path';

/** A process of the fleet, whether PM2 knows it or not. */
export interface FleetProcess {
  pid: number;
  kind: 'nginx' | 'redis' | 'server' | 'monitor';
}

const linux = process.platform === 'linux';

/** Whether a process runs; one that has ended and only waits to be collected does not. */
export function isAlive(pid: number): boolean {
  if (linux) return /^State:\s+[^ZX]/m.test(attempt(() => readFileSync(`/proc/${pid}/status`, 'utf8')) ?? '');
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/** The command line as the process shows it; empty when it is gone. */
export function commandOf(pid: number): string {
  if (!linux) return run('ps', '-o', 'command=', '-p', `${pid}`).trim();
  return attempt(() => readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ').trim()) ?? '';
}

/** Pids that listen on a TCP port. Processes of other users stay unseen. */
export function listenersOn(port: number): number[] {
  if (!linux) return numbers(run('lsof', '-nP', `-iTCP:${port}`, '-sTCP:LISTEN', '-t'));
  const sockets = new Set(
    ['/proc/net/tcp', '/proc/net/tcp6'].flatMap((table) => listeningInodes(table, port)),
  );
  return allPids().filter((pid) => descriptorsOf(pid).some((target) => sockets.has(target)));
}

/**
 * All running processes of the fleet under this folder, also those whose PM2 is gone, and nginx workers
 * whose master is. They are told by working folder and command line together: a shell that stands in the
 * same folder is not ours to end.
 */
export function fleetProcesses(varDir: string): FleetProcess[] {
  const root = attempt(() => realpathSync(varDir)) ?? varDir;
  const kinds: [string, FleetProcess['kind'], RegExp][] = [
    [join(root, 'nginx'), 'nginx', /^nginx: /],
    [join(root, 'redis'), 'redis', /redis-server/],
    [root, 'server', /^chatfleet .*chat-\d+$/],
    [root, 'monitor', /^chatfleet chat-monitor$/],
  ];
  return workingFolders().flatMap(([pid, folder]) => {
    const found = kinds.find(([where, , command]) => where === folder && command.test(commandOf(pid)));
    return found ? [{ pid, kind: found[1] }] : [];
  });
}

function workingFolders(): [number, string][] {
  if (!linux) {
    const lines = run('lsof', '-n', '-w', '-d', 'cwd', '-F', 'pn').split('\n');
    return lines.flatMap((line, i) =>
      line.startsWith('n') ? [[Number(lines[i - 2]?.slice(1)), line.slice(1)] as [number, string]] : [],
    );
  }
  return allPids().flatMap((pid) => {
    const folder = attempt(() => readlinkSync(`/proc/${pid}/cwd`));
    return folder === undefined ? [] : [[pid, folder] as [number, string]];
  });
}

/** Inodes, in the form that descriptors show, of the sockets of /proc/net/tcp that listen on the port. */
function listeningInodes(table: string, port: number): string[] {
  const hexPort = port.toString(16).toUpperCase().padStart(4, '0');
  const rows = (attempt(() => readFileSync(table, 'utf8')) ?? '').split('\n').slice(1);
  return rows
    .map((row) => row.trim().split(/\s+/))
    .filter(([, local, , state]) => state === '0A' && local?.endsWith(`:${hexPort}`))
    .map((fields) => `socket:[${fields[9]}]`);
}

function descriptorsOf(pid: number): string[] {
  const folder = `/proc/${pid}/fd`;
  const names = attempt(() => readdirSync(folder)) ?? [];
  return names.flatMap((name) => attempt(() => readlinkSync(join(folder, name))) ?? []);
}

function allPids(): number[] {
  return readdirSync('/proc').map(Number).filter(Boolean);
}

function numbers(text: string): number[] {
  return text.split(/\s+/).filter(Boolean).map(Number);
}

function run(command: string, ...args: string[]): string {
  return spawnSync(command, args, { encoding: 'utf8' }).stdout ?? '';
}

/** Processes end while one looks at them, and some belong to others: then there is nothing to see. */
function attempt<T>(look: () => T): T | undefined {
  try {
    return look();
  } catch {
    return undefined;
  }
}
