import { settingsTable, type Settings } from '../config/settings';
import { lines, mapLine, newcomerLine, NEWCOMERS, upstream } from './nginx-lines';
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

/** The settings that nginx's configuration follows. */
export type NginxSettings = Pick<
  Settings,
  | 'httpHost'
  | 'httpPort'
  | 'tlsCert'
  | 'tlsKey'
  | 'realIpFrom'
  | 'balance'
  | 'pingIntervalMs'
  | 'pingTimeoutMs'
  | 'moveAfterReloadSeconds'
>;

/** What says how people reach nginx. */
const doors = ['httpHost', 'httpPort', 'tlsCert', 'tlsKey', 'realIpFrom'] as const;
const DOORS = /^# Reached by (\{.*\})$/m;

/** Pure: how people reach nginx by these settings, by their names. */
export function doorsOf(settings: Pick<Settings, (typeof doors)[number]>): Record<string, string> {
  return Object.fromEntries(doors.map((name) => [settingsTable[name].env, String(settings[name])]));
}

/** Pure: the same of a configuration; undefined of one that does not say. */
export function doorsIn(conf: string): Record<string, string> | undefined {
  const [, text] = DOORS.exec(conf) ?? [];
  return text === undefined ? undefined : (JSON.parse(text) as Record<string, string>);
}

/** In the template, above what another nginx includes. */
const INCLUDE_MARK = /^.*`fleet nginx render --include`.*\n/m;

// A handshake by polling counts only while it lasts: of all servers the one with a WebSocket less would get every one
// of them until the next WebSocket comes. Of two by chance it gets half at most.
const balances: Record<Settings['balance'], string> = {
  ip_hash: 'ip_hash;',
  least_conn: 'random two least_conn;',
  consistent: 'hash $remote_addr consistent;',
};

/** A polling handshake is answered within this time, or the next server is asked. */
const HANDSHAKE_SECONDS = 4;
/** No further server is asked after this time. */
const RETRY_SECONDS = 8;
/** Beside connections a worker has logs, listening sockets and page files open. */
const SPARE_DESCRIPTORS = 256;
/** nginx reserves memory for each possible connection in advance, so an unlimited machine still gets a limit. */
const MOST_DESCRIPTORS = 65_536;
const INCLUDE_HEAD =
  '# Chatfleet for another nginx, by `fleet nginx render --include`. Render it again after a change of fleet.env or servers.\n';
/** A heartbeat may be late by this much before nginx calls the connection dead. */
const HEARTBEAT_MARGIN_MS = 10_000;

/** After a reload old workers keep their WebSockets until long after the last one was asked to move. */
const OLD_WORKERS_FACTOR = 1.5;

/** Pure: how many files a worker may open, and how many connections it may have. */
export function nginxLimits(allowed: number): { descriptors: number; connections: number } {
  const descriptors = Math.min(allowed, MOST_DESCRIPTORS);
  return { descriptors, connections: Math.max(descriptors - SPARE_DESCRIPTORS, 256) };
}

/** Pure: the nginx configuration of a plan. Throws when the template names something unknown. */
export function renderNginx(
  template: string,
  plan: Plan,
  settings: NginxSettings,
  around: NginxSurroundings,
  serverName = '_',
): string {
  const servers = serversOf(plan);
  const routes = [...servers, ...leavingOf(plan)];
  const { descriptors, connections } = nginxLimits(around.descriptors);
  const ssl = settings.tlsCert === '' ? '' : ' ssl';
  const heartbeatMs = settings.pingIntervalMs + settings.pingTimeoutMs + HEARTBEAT_MARGIN_MS;
  return fill(template, {
    doors: JSON.stringify(doorsOf(settings)),
    user: around.user === undefined ? '' : `user ${around.user};\n`,
    descriptors: `${descriptors}`,
    oldWorkersSeconds: `${Math.ceil(settings.moveAfterReloadSeconds * OLD_WORKERS_FACTOR)}`,
    newcomers: lines(8, servers, newcomerLine),
    servers: routes.map(upstream).join('\n'),
    names: lines(8, routes, mapLine),
    connections: `${connections}`,
    balance: balances[settings.balance],
    listen: lines(8, addresses(settings, around), (address) => `listen ${address}${ssl} backlog=4096;`),
    serverName,
    tls: settings.tlsCert === '' ? '' : tls(settings),
    realIp: settings.realIpFrom.length === 0 ? '' : realIp(settings.realIpFrom),
    pages: around.pages,
    tunnelSeconds: `${Math.ceil(heartbeatMs / 1000)}`,
    handshakeSeconds: `${HANDSHAKE_SECONDS}`,
    retrySeconds: `${RETRY_SECONDS}`,
  });
}

/**
 * Pure: a configuration by which nobody new is sent to the servers that listen there; unless they are all there are,
 * because somebody must be asked.
 */
export function markSilent(conf: string, endpoints: string[]): string {
  return conf.replace(NEWCOMERS, (block) => {
    const marked = block.replace(/(server (\S+)[^;]*?)( down)?;/g, (_, line: string, endpoint: string) =>
      endpoints.includes(endpoint) ? `${line} down;` : `${line};`,
    );
    return /server [^;]*(?<! down);/.test(marked) ? marked : block.replaceAll(' down;', ';');
  });
}

/**
 * Pure: of a configuration the http part for another nginx: upstreams, maps and server. How many connections and files
 * that nginx may have is its own business.
 */
export function includeOf(conf: string): string {
  const [, inside = ''] = conf.split(INCLUDE_MARK);
  return `${INCLUDE_HEAD}${inside.slice(0, inside.lastIndexOf('}')).replace(/^ {4}/gm, '')}`;
}

function addresses(
  { httpHost, httpPort }: Pick<Settings, 'httpHost' | 'httpPort'>,
  { ipv6Loopback }: NginxSurroundings,
): string[] {
  const hosts = httpHost === '127.0.0.1' && ipv6Loopback ? [httpHost, '::1'] : [httpHost];
  return hosts.map((host) => (host.includes(':') ? `[${host}]:${httpPort}` : `${host}:${httpPort}`));
}

/** Who comes by http is sent to https, on the same port. */
function tls({ tlsCert, tlsKey }: NginxSettings): string {
  return block([
    `ssl_certificate "${tlsCert}";`,
    `ssl_certificate_key "${tlsKey}";`,
    'ssl_protocols TLSv1.2 TLSv1.3;',
    'ssl_session_cache shared:chat_tls:10m;',
    'ssl_session_timeout 1d;',
    'ssl_session_tickets off;',
    'error_page 497 =301 https://$http_host$request_uri;',
  ]);
}

/** From here on the address of a client is the one that the proxies name. */
function realIp(proxies: string[]): string {
  return block([
    ...proxies.map((proxy) => `set_real_ip_from ${proxy};`),
    'real_ip_header X-Forwarded-For;',
    'real_ip_recursive on;',
  ]);
}

function block(all: string[]): string {
  return `${lines(8, all, (line) => line)}\n`;
}

function fill(template: string, values: Record<string, string>): string {
  return template.replace(/\{\{(\w+)\}\}/g, (_, name: string) => {
    const value = values[name];
    if (value === undefined) throw new Error(`nginx.conf.template: there is no {{${name}}}`);
    return value;
  });
}
