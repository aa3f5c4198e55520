import { readdirSync, readFileSync } from 'node:fs';

// USER_HZ: the same on every Linux that Node runs on.
const TICKS_PER_SECOND = 100;

interface Stat {
  pid: number;
  parent: number;
  cpuMs: number;
  memoryBytes: number;
}

/** What these processes and all their children have used so far: time computed (user and system), and memory now. */
export function used(roots: number[]): { cpuMs: number; memoryBytes: number } {
  const all = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => statOf(Number(name)) ?? []);
  const family = new Set(roots);
  // A child has a higher pid than its parent, but for when pids start over: so until nothing is found.
  for (let size = 0; size !== family.size;) {
    size = family.size;
    for (const { pid, parent } of all) if (family.has(parent)) family.add(pid);
  }
  const members = all.filter(({ pid }) => family.has(pid));
  return {
    cpuMs: members.reduce((sum, { cpuMs }) => sum + cpuMs, 0),
    memoryBytes: members.reduce((sum, { memoryBytes }) => sum + memoryBytes, 0),
  };
}

function statOf(pid: number): Stat | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The name in parentheses may hold anything; after it come fields 3, 4 ... of proc(5).
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    const field = (number: number): number => Number(fields[number - 3]);
    const cpuMs = ((field(14) + field(15)) * 1_000) / TICKS_PER_SECOND;
    return { pid, parent: field(4), cpuMs, memoryBytes: field(24) * 4_096 };
  } catch {
    return undefined; // it has ended meanwhile
  }
}
