import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { projectRoot, readSettings } from '../config/load';
import { readSecrets } from '../config/secrets';
import type { LoadedSettings } from '../config/load-settings';
import { canBeJoined } from '../config/machines';
import type { Settings } from '../config/settings';
import { appsOf, type Pm2App } from './apps';
import { FleetError } from './errors';
import { writeHosts } from './hosts';
import { installNginxConf, isNginxAlive, nginxFiles, renderHere } from './nginx';
import { parsePlan, planFor, type Plan } from './plan';
import { fleetProcesses } from './processes';
import { isJoinedPlan, readRegistration, registrationOf, writeRegistration } from './registration';
import { renderRedisConf } from './redis-conf';
import { buildFolder, hasRelease, makeRelease } from './release';
import { readText, writeText } from './text-file';

/** The plan that lies on disk, if the fleet was ever planned. */
export function readPlan(varDir: string): Plan | undefined {
  const text = readText(join(varDir, 'fleet.json'));
  return text === undefined ? undefined : parsePlan(text);
}

/** The plan by which the next start goes; writes nothing. */
export function nextPlan(loaded: LoadedSettings): Plan {
  return planFor(loaded, readPlan(loaded.settings.varDir));
}

/**
 * Writes what the apps need under `var/` and returns the apps. Run by `fleet up` and by ecosystem.config.js,
 * so that both start the same; running it again changes nothing. Throws FleetError and SettingsError.
 */
export function prepareFleet(loaded: LoadedSettings = readSettings()): Pm2App[] {
  const { settings } = loaded;
  requireBuild();
  const plan = { ...planToRun(loaded), release: releaseFor(settings.varDir) };
  const secrets = readSecrets(settings.varDir);
  const redisDir = join(settings.varDir, 'redis');
  mkdirSync(join(settings.varDir, 'log'), { recursive: true, mode: 0o700 });
  if (settings.redisUrl === '') {
    writeText(join(redisDir, 'redis.conf'), renderRedisConf(settings, secrets, redisDir), 0o600);
  }
  prepareNginx(plan, settings);
  writePlan(settings.varDir, plan);
  return appsOf(plan, settings, projectRoot, buildFolder(plan, settings.varDir));
}

/** On a joined host: what it says to the machine with nginx. */
function prepareNginx(plan: Plan, settings: Settings): void {
  const { varDir } = settings;
  if (isJoinedPlan(plan)) {
    if (!readRegistration(varDir)) writeRegistration(varDir, registrationOf(plan));
    return;
  }
  if (!canBeJoined(settings)) writeHosts(varDir, []);
  const nginx = nginxFiles(varDir);
  // A running one is changed by its reload alone.
  if (!isNginxAlive(nginx)) installNginxConf(renderHere(plan, settings), nginx);
}

export function writePlan(varDir: string, plan: Plan): void {
  writeText(join(varDir, 'fleet.json'), `${JSON.stringify(plan)}\n`);
}

/** A fleet that runs is not changed by the start of one of its servers, whatever SERVERS says by now. */
function planToRun(loaded: LoadedSettings): Plan {
  const { varDir } = loaded.settings;
  return (runs(varDir) && readPlan(varDir)) || nextPlan(loaded);
}

const runs = (varDir: string): boolean => fleetProcesses(varDir).some(({ kind }) => kind === 'server');

/** What runs goes on with the build it has, whatever was built since; a new start takes the newest. */
function releaseFor(varDir: string): string {
  const plan = readPlan(varDir);
  const known = plan?.release;
  return runs(varDir) && known !== undefined && hasRelease(varDir, known) ? known : makeRelease(varDir, plan);
}

function requireBuild(): void {
  if (existsSync(join(projectRoot, 'dist', 'server', 'main.js'))) return;
  throw new FleetError(
    'precondition',
    'The servers are not built (dist/server/main.js is missing).',
    'Nothing was changed.',
    'npm run build',
  );
}
