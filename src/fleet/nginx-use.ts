import type { LoadedSettings } from '../config/load-settings';
import type { Settings } from '../config/settings';
import { FleetError } from './errors';
import { nginxFiles, renderHere } from './nginx';
import type { Plan } from './plan';
import { readText } from './text-file';

/** How people reach nginx: by the settings alone, whatever the plan is. What else such a line says may be of another version. */
const DOOR = /^\s*(listen \S+(?: ssl)?|ssl_certificate(?:_key)? [^;]+|set_real_ip_from [^;]+)/gm;
/** Where it leads, whether somebody answers there or not. */
const ROUTE = /^\s*((?:upstream|server) [^\s;]+)/gm;

const linesOf = (conf: string, kind: RegExp): string[] => [...conf.matchAll(kind)].map(([, line]) => line!);
const inUse = (settings: Settings): string | undefined => readText(nginxFiles(settings.varDir).conf);

/** Pure: whether two configurations lead to the same servers. */
export const sameRoutes = (a: string, b: string): boolean =>
  `${linesOf(a, ROUTE)}` === `${linesOf(b, ROUTE)}`;

/** Pure: what one configuration says of how it is reached, and another one does not. */
export function otherDoors(conf: string, other: string): string[] {
  const known = linesOf(other, DOOR);
  return linesOf(conf, DOOR).filter((line) => !known.includes(line));
}

/** Whether anybody said how nginx is to be reached. */
export function saysDoors({ sources }: LoadedSettings): boolean {
  const names = ['httpHost', 'httpPort', 'tlsCert', 'tlsKey', 'realIpFrom'] as const;
  return names.some((name) => sources[name] !== 'default');
}

/** Whether nginx leads to the servers of the plan: a change that was killed may not have come so far. */
export function leadsTo(plan: Plan, settings: Settings): boolean {
  return sameRoutes(inUse(settings) ?? '', renderHere(plan, settings));
}

/**
 * Throws FleetError when nginx is reached otherwise than the settings say: they were given to the command that started it,
 * and one typed without them would take the chat off the net.
 */
export function requireSameDoors(plan: Plan, settings: Settings): void {
  const now = inUse(settings);
  if (now === undefined) return;
  const next = renderHere(plan, settings);
  const [gone, come] = [otherDoors(now, next), otherDoors(next, now)];
  if (gone.length + come.length === 0) return;
  throw new FleetError(
    'precondition',
    `nginx runs with other settings than this command knows.\nIn use: ${inWords(gone)}\nHere:   ${inWords(come)}`,
    'Nothing was changed, the fleet goes on.',
    'put HTTP_HOST, HTTP_PORT, TLS_CERT, TLS_KEY and REAL_IP_FROM into fleet.env as they are in use; ' +
      'to have nginx changed: put them there as they shall be, then: npx fleet nginx reload',
  );
}

const inWords = (lines: string[]): string => (lines.length === 0 ? 'nothing of the kind' : lines.join(', '));
