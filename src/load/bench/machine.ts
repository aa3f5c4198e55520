import { cpus, release, totalmem } from 'node:os';
import { runProgram } from '../../fleet/programs';
import { projectRoot } from '../../config/load';

/** Where and with what was measured, in words. */
export function machineInWords(): string {
  const [cpu] = cpus();
  const version = (text: string): string => /\d+\.\d+\.\d+/.exec(text)?.[0] ?? '?';
  const redis = version(runProgram('redis-server', '--version').said);
  const nginx = version(runProgram('nginx', '-v').said);
  const commit = runProgram('git', '-C', projectRoot, 'rev-parse', '--short', 'HEAD');
  return [
    `${cpus().length} cores (${cpu?.model ?? 'unknown'}), ${Math.round(totalmem() / 2 ** 30)} GiB, Linux ${release()}`,
    `Node ${process.versions.node}, Redis ${redis}, nginx ${nginx}`,
    `the last of it at commit ${commit.ok ? commit.said : 'unknown'}`,
  ].join('; ');
}
