import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { networkInterfaces } from 'node:os';
import { join } from 'node:path';
import { projectRoot } from '../config/load';
import type { Settings } from '../config/settings';
import { FleetError } from './errors';
import { readHosts, serversOfHosts } from './hosts';
import { withJoined } from './nginx-joined';
import { includeOf, markSilent, renderNginx, type NginxSurroundings } from './nginx-render';
import type { Plan } from './plan';
import { buildFolder } from './release';
import { commandOf } from './processes';
import { runProgram, type Ran } from './programs';
import { readText, writeText } from './text-file';

/** Everything that nginx writes or reads at run time lies in this folder, which is its prefix. */
export interface NginxFiles {
  prefix: string;
  conf: string;
  pid: string;
}

export function nginxFiles(varDir: string): NginxFiles {
  const prefix = join(varDir, 'nginx');
  return { prefix, conf: join(prefix, 'nginx.conf'), pid: join(prefix, 'nginx.pid') };
}

/** The configuration for this machine, from the template in nginx/. */
export function renderHere(plan: Plan, settings: Settings): string {
  return asKnown(renderNginx(template(), plan, settings, surroundings(plan, settings)), settings.varDir);
}

/** The same configuration with what the monitor found out: which hosts have joined, and which servers are silent. */
export function asKnown(conf: string, varDir: string): string {
  const { servers, leaving } = serversOfHosts(readHosts(varDir));
  return markSilent(withJoined(conf, servers, leaving), silentServers(varDir));
}

/** What another nginx of this machine includes to serve the fleet under this name. */
export function renderIncludeHere(plan: Plan, settings: Settings, serverName: string): string {
  const around = { ...surroundings(plan, settings), pages: join(projectRoot, 'dist', 'web') };
  return includeOf(asKnown(renderNginx(template(), plan, settings, around, serverName), settings.varDir));
}

function template(): string {
  return readFileSync(join(projectRoot, 'nginx', 'nginx.conf.template'), 'utf8');
}

function surroundings(plan: Plan, { varDir }: Settings): NginxSurroundings {
  const user = process.getuid?.() === 0 ? (process.platform === 'darwin' ? 'root wheel' : 'root') : undefined;
  return {
    pages: join(buildFolder(plan, varDir), 'dist', 'web'),
    descriptors: descriptorLimit(),
    ipv6Loopback: hasIpv6Loopback(),
    ...(user === undefined ? {} : { user }),
  };
}

/**
 * Lets nginx test a configuration and puts it in place of the old one; returns whether it differed.
 * If nginx refuses it, the old one stays. Throws FleetError.
 */
export function installNginxConf(text: string, files: NginxFiles): boolean {
  if (readText(files.conf) === text) return false;
  const candidate = writeCandidate(text, files);
  const problem = testConf(candidate, files.prefix);
  if (problem === undefined) {
    renameSync(candidate, files.conf);
    return true;
  }
  rmSync(candidate);
  throw refused(problem, readText(files.conf) === undefined);
}

/** Lets nginx test a configuration without using it. Throws FleetError. */
export function testNginxConf(text: string, files: NginxFiles): void {
  const candidate = writeCandidate(text, files);
  const problem = testConf(candidate, files.prefix);
  rmSync(candidate);
  if (problem !== undefined) throw refused(problem, readText(files.conf) === undefined);
}

/** Pid of nginx's master, if its file names one. */
export function nginxMaster(files: NginxFiles): number | undefined {
  const pid = Number(readText(files.pid));
  return pid > 0 ? pid : undefined;
}

const silentFile = (varDir: string): string => join(nginxFiles(varDir).prefix, 'silent-servers');

/** Endpoints (address:port) of servers that the monitor found silent. */
export function silentServers(varDir: string): string[] {
  return (readText(silentFile(varDir)) ?? '').split('\n').filter(Boolean);
}

export function writeSilentServers(varDir: string, endpoints: string[]): void {
  writeText(silentFile(varDir), endpoints.join('\n'));
}

export function isNginxAlive(files: NginxFiles): boolean {
  const master = nginxMaster(files);
  return master !== undefined && commandOf(master).startsWith('nginx: master');
}

function writeCandidate(text: string, files: NginxFiles): string {
  mkdirSync(join(files.prefix, 'temp'), { recursive: true });
  const candidate = `${files.conf}.candidate.${process.pid}`;
  writeFileSync(candidate, text);
  return candidate;
}

/** What nginx has against a configuration file, or undefined. */
function testConf(file: string, prefix: string): string | undefined {
  const { ok, said } = runNginx({ prefix, conf: file }, '-t', '-q');
  return ok ? undefined : said;
}

/** Runs nginx's program on a configuration, to test it or to signal the nginx that runs with it. */
export function runNginx({ prefix, conf }: Pick<NginxFiles, 'prefix' | 'conf'>, ...args: string[]): Ran {
  return runProgram('nginx', '-e', 'stderr', '-p', prefix, '-c', conf, ...args);
}

function refused(problem: string, first: boolean): FleetError {
  return new FleetError(
    'precondition',
    `nginx does not accept the new configuration:\n${problem}`,
    first ? 'Nothing was changed.' : 'The old configuration stays in use.',
    'correct nginx/nginx.conf.template or fleet.env, then: npx fleet nginx test',
  );
}

/** Most file descriptors that a process started here may have. */
export function descriptorLimit(): number {
  const limit = runProgram('sh', '-c', 'ulimit -Hn').said;
  return limit === 'unlimited' ? Infinity : Number(limit);
}

function hasIpv6Loopback(): boolean {
  return Object.values(networkInterfaces()).some((list) => list?.some(({ address }) => address === '::1'));
}
