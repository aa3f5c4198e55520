import type { Settings } from '../config/settings';
import { leavingOf, serversOf, type Plan } from './plan';

/** What the configuration needs to know beside plan and settings. */
export interface NginxSurroundings {
  /** Absolute folder of the built page. */
  pages: string;
  /** Most file descriptors that a process may have. */
  descriptors: number;
  /** Whether [::1] exists: nginx refuses to start on an address that does not. */
  ipv6Loopback: boolean;
  /** Who the workers run as, when nginx is started by root: they must be able to read the page. */
  user?: string;
}

/** A polling handshake is answered within this time, or the next server is asked. */
const HANDSHAKE_SECONDS = 4;
/** No further server is asked after this time. */
const RETRY_SECONDS = 8;
/** Beside connections a worker has logs, listening sockets and page files open. */
const SPARE_DESCRIPTORS = 256;
/** nginx reserves memory for each possible connection in advance, so an unlimited machine still gets a limit. */
const MOST_DESCRIPTORS = 65_536;
/** A heartbeat may be late by this much before nginx calls the connection dead. */
const HEARTBEAT_MARGIN_MS = 10_000;

/** After a reload old workers keep their WebSockets until long after the last one was asked to move. */
const OLD_WORKERS_FACTOR = 1.5;

type NginxSettings = Pick<
  Settings,
  'httpHost' | 'httpPort' | 'pingIntervalMs' | 'pingTimeoutMs' | 'moveAfterReloadSeconds'
>;

/** Pure: the nginx configuration of a plan. Throws when the template names something unknown. */
export function renderNginx(
  template: string,
  plan: Plan,
  settings: NginxSettings,
  around: NginxSurroundings,
): string {
  const servers = serversOf(plan);
  const routes = [...servers, ...leavingOf(plan)];

  const descriptors = Math.min(around.descriptors, MOST_DESCRIPTORS);
  const heartbeatMs = settings.pingIntervalMs + settings.pingTimeoutMs + HEARTBEAT_MARGIN_MS;
  return fill(template, {
    user: around.user === undefined ? '' : `user ${around.user};\n`,
    descriptors: `${descriptors}`,
    connections: `${Math.max(descriptors - SPARE_DESCRIPTORS, 256)}`,
    oldWorkersSeconds: `${Math.ceil(settings.moveAfterReloadSeconds * OLD_WORKERS_FACTOR)}`,
    newcomers: lines(8, servers, ({ port }) => `server 127.0.0.1:${port} max_fails=0;`),
    servers: routes.map(({ name, port }) => upstream(name, port)).join('\n'),
    names: lines(8, routes, ({ name }) => `${name} ${name};`),
    listen: lines(8, addresses(settings, around), (address) => `listen ${address} backlog=4096;`),
    pages: around.pages,
    tunnelSeconds: `${Math.ceil(heartbeatMs / 1000)}`,
    handshakeSeconds: `${HANDSHAKE_SECONDS}`,
    retrySeconds: `${RETRY_SECONDS}`,
    tries: `${servers.length}`,
  });
}

/**
 * Pure: a configuration by which nobody new is sent to the servers on these ports; unless they are all there are,
 * because somebody must be asked.
 */
export function markSilent(conf: string, ports: number[]): string {
  return conf.replace(/upstream newcomers \{[^}]*\}/, (block) => {
    const marked = block.replace(
      /(server 127\.0\.0\.1:(\d+)[^;]*?)( down)?;/g,
      (_, line: string, port: string) => (ports.includes(Number(port)) ? `${line} down;` : `${line};`),
    );
    return /server [^;]*(?<! down);/.test(marked) ? marked : block.replaceAll(' down;', ';');
  });
}

function addresses(
  { httpHost, httpPort }: Pick<Settings, 'httpHost' | 'httpPort'>,
  { ipv6Loopback }: NginxSurroundings,
): string[] {
  const hosts = httpHost === '127.0.0.1' && ipv6Loopback ? [httpHost, '::1'] : [httpHost];
  return hosts.map((host) => (host.includes(':') ? `[${host}]:${httpPort}` : `${host}:${httpPort}`));
}

function upstream(name: string, port: number): string {
  const inside = [`server 127.0.0.1:${port} max_fails=0;`, 'keepalive 64;', 'keepalive_timeout 20s;'];
  return `    upstream ${name} {\n${inside.map((line) => `        ${line}\n`).join('')}    }`;
}

function lines<T>(indent: number, items: T[], line: (item: T) => string): string {
  return items.map((item) => ' '.repeat(indent) + line(item)).join('\n');
}

function fill(template: string, values: Record<string, string>): string {
  return template.replace(/\{\{(\w+)\}\}/g, (_, name: string) => {
    const value = values[name];
    if (value === undefined) throw new Error(`nginx.conf.template: there is no {{${name}}}`);
    return value;
  });
}
