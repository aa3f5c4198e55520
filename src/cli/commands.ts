import { readSettings } from '../config/load';
import type { LoadedSettings } from '../config/load-settings';
import { isJoined } from '../config/machines';
import { settingsTable, type SettingName, type Settings } from '../config/settings';
import { backUp, requireFleet } from '../fleet/backup';
import { takeDown } from '../fleet/down';
import { exitCodes, FleetError } from '../fleet/errors';
import { nginxFiles, renderHere, renderIncludeHere, testNginxConf } from '../fleet/nginx';
import { requireSameDoors } from '../fleet/nginx-use';
import type { Plan } from '../fleet/plan';
import { nextPlan, readPlan } from '../fleet/prepare';
import { isJoinedPlan } from '../fleet/registration';
import { reloadNginx } from '../fleet/reload';
import { forgetHost, leaveFleet } from '../fleet/leave';
import { readStatus } from '../fleet/status';
import { bringUp } from '../fleet/up';
import { fleetOf } from '../fleet/url';
import { configText, shownSettings } from './config-text';
import { withLock } from './lock';
import { interruption, print, printJson, showStep, showWarning } from './output';
import { statusText } from './status-text';

interface Json {
  json?: boolean;
}

/**
 * Starts what does not run, and checks the whole. As all commands here: prints its result on stdout,
 * returns the exit code, and throws what went wrong.
 */
export async function up({ json }: Json): Promise<number> {
  const loaded = readSettings();
  const stop = interruption('What this run had started was stopped again.');
  const result = await withLock(loaded.settings.varDir, () => bringUp(loaded, showStep, stop), stop);
  for (const warning of result.warnings) showWarning(warning);
  if (json) printJson({ schema: 'fleet.up/1', ...result });
  else print(`${result.servers.length} servers up. ${whereText(result.url, loaded.settings)}`);
  return exitCodes.ok;
}

const whereText = (url: string, settings: Settings): string =>
  url === '' ? `Joined to the fleet of Redis ${fleetOf(settings)}` : `Chat: ${url}`;

/** Ends the fleet; ending a fleet that is down is success. */
export async function down({ json }: Json): Promise<number> {
  const { settings } = readSettings();
  const { varDir } = settings;
  const result = await withLock(varDir, async () => {
    if (isJoined(settings)) await leaveFleet(settings, showStep, interruption('This host goes on.'));
    const ended = await takeDown(varDir);
    if (isJoined(settings)) await forgetHost(settings);
    return ended;
  });
  const count = result.apps.length + result.leftovers;
  if (json) printJson({ schema: 'fleet.down/1', ...result });
  else print(count === 0 ? 'The fleet was down already.' : 'The fleet is down. Messages are kept.');
  return exitCodes.ok;
}

/** Packs what cannot be made anew. */
export async function backup(file: string, { json }: Json): Promise<number> {
  const { varDir, redisUrl } = readSettings().settings;
  requireFleet(varDir);
  const result = await withLock(varDir, () => backUp(varDir, file, interruption('No backup was written.')));
  if (json) printJson({ schema: 'fleet.backup/1', ...result });
  else
    print(
      `${result.file}  ${(result.bytes / 1024).toFixed(0)} KiB. It holds secrets; fleet.env is not in it.`,
    );
  if (redisUrl !== '')
    process.stderr.write('The messages are in the Redis of REDIS_URL: back that up too.\n');
  return exitCodes.ok;
}

/** Shows every server; what is not healthy gives its own exit code. */
export async function status({ json }: Json): Promise<number> {
  const loaded = readSettings();
  const plan = readPlan(loaded.settings.varDir) ?? nextPlan(loaded);
  const result = await readStatus(plan, loaded.settings);
  if (json) printJson(result);
  else print(statusText(result));
  return result.healthy ? exitCodes.ok : exitCodes.unhealthy;
}

/** Shows every setting with its source. */
export function config({ json }: Json): number {
  const shown = shownSettings(readSettings());
  if (json) printJson({ schema: 'fleet.config/1', settings: shown });
  else print(configText(shown));
  return exitCodes.ok;
}

/** Prints, tests, or puts to use the configuration that plan and settings give now. */
export async function nginx(action: 'render' | 'test' | 'reload'): Promise<number> {
  const { plan, loaded } = planned();
  const { settings } = loaded;
  if (isJoinedPlan(plan)) throw noNginx();
  const files = nginxFiles(settings.varDir);
  if (action === 'reload') {
    await withLock(settings.varDir, () => reload(loaded), interruption('Nothing was changed.'));
    print('nginx uses the new configuration. Open connections were kept.');
    return exitCodes.ok;
  }
  const text = renderHere(plan, settings);
  if (action === 'render') print(text);
  else {
    testNginxConf(text, files);
    print('nginx accepts this configuration.');
  }
  return exitCodes.ok;
}

/** By the plan of now: a command for which this one waited may have changed it. */
async function reload({ settings, sources }: LoadedSettings): Promise<void> {
  const isUnsaid = (env: string): boolean =>
    Object.entries(settingsTable).some(
      ([name, setting]) => setting.env === env && sources[name as SettingName] === 'default',
    );
  requireSameDoors(settings, isUnsaid);
  await reloadNginx(renderHere(planned().plan, settings), nginxFiles(settings.varDir));
}

/** Prints what another nginx includes to serve the fleet under this name. */
export function nginxInclude(serverName: string): number {
  const { plan, loaded } = planned();
  print(renderIncludeHere(plan, loaded.settings, serverName));
  return exitCodes.ok;
}

function noNginx(): FleetError {
  const message = 'This machine is a joined host: nginx is on another one.';
  return new FleetError(
    'precondition',
    message,
    'Nothing was changed.',
    'the same on the machine with nginx',
  );
}

function planned(): { plan: Plan; loaded: LoadedSettings } {
  const loaded = readSettings();
  return { plan: readPlan(loaded.settings.varDir) ?? nextPlan(loaded), loaded };
}
