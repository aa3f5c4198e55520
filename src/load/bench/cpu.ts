import { readdirSync } from 'node:fs';
import { sampleProcess } from '../../fleet/process-sample';

/** What these processes and all their children have used so far: time computed (user and system), and memory now. */
export function used(roots: number[]): { cpuMs: number; memoryBytes: number } {
  const all = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => sampleProcess(Number(name)) ?? []);
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
