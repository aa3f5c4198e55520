import { isJoined } from '../config/machines';
import type { Settings } from '../config/settings';
import { redisProblems } from '../redis/preflight';
import { FleetError } from './errors';
import type { RunningApp } from './pm2';
import { runProgram } from './programs';

/** Throws FleetError unless the programs that the fleet runs are here, and new enough. */
export function requirePrograms(settings: Settings): void {
  const problems = [
    tooOld('node', process.versions.node, [20, 19]),
    isJoined(settings) ? undefined : programProblem('nginx', ['-v'], [1, 20]),
    settings.redisUrl === '' ? programProblem('redis-server', ['--version'], [7, 0]) : undefined,
  ].filter((problem) => problem !== undefined);
  if (problems.length === 0) return;
  throw new FleetError(
    'precondition',
    problems.join('\n'),
    'Nothing was started.',
    'bash scripts/install.sh',
  );
}

/** Throws FleetError when an app of ours would get the name of one that belongs to another fleet. */
export function requireOwnNames(apps: RunningApp[], names: string[], varDir: string): void {
  const foreign = apps.filter(({ name, cwd }) => names.includes(name) && cwd !== varDir);
  if (foreign.length === 0) return;
  const list = foreign.map(({ name, cwd }) => `${name} (${cwd})`).join(', ');
  throw new FleetError(
    'precondition',
    `PM2 already runs apps of these names for another fleet: ${list}`,
    'Nothing was changed, the other fleet goes on.',
    'end the other fleet by "npm stop" in its folder; or run this one with its own BASE_PORT and PM2_HOME',
  );
}

/** Throws FleetError unless the Redis named by REDIS_URL can carry a fleet. */
export async function requireUsableRedis(settings: Settings): Promise<void> {
  const problems = await redisProblems(settings.redisUrl, settings.keyPrefix);
  if (problems.length === 0) return;
  throw new FleetError(
    'precondition',
    `The Redis of REDIS_URL cannot be used:\n${problems.join('\n')}`,
    'Nothing was started.',
    'change that Redis, or REDIS_URL; without REDIS_URL the fleet runs its own',
  );
}

function programProblem(name: string, args: string[], least: [number, number]): string | undefined {
  const { ok, said } = runProgram(name, ...args);
  if (!ok) return `${name} is not installed`;
  const version = /(\d+\.\d+\.\d+)/.exec(said)?.[1] ?? '0.0.0';
  return tooOld(name, version, least);
}

/** Pure. */
export function tooOld(name: string, version: string, [major, minor]: [number, number]): string | undefined {
  const [hasMajor = 0, hasMinor = 0] = version.split('.').map(Number);
  if (hasMajor > major || (hasMajor === major && hasMinor >= minor)) return undefined;
  return `${name} is ${version}, needed is ${major}.${minor} or newer`;
}
