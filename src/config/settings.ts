import { availableParallelism } from 'node:os';
import { isLoopback, LOOPBACK } from './machines';
import { address, addressOrNone, file, jwtSecret, networks, oneAddress, oneOf } from './parsers';
import { origins, port, redisUrl, transports, webAddress, whole } from './parsers';
import type { Balance, Transport } from './parsers';

/**
 * All settings, read and validated once. Each comes from the environment, from `fleet.env`
 * (lines of NAME=value) or from its default, in this order.
 */
export interface Settings {
  servers: number;
  basePort: number;
  serverHost: string;
  httpHost: string;
  httpPort: number;
  tlsCert: string;
  tlsKey: string;
  realIpFrom: string[];
  balance: Balance;
  opsPort: number;
  redisUrl: string;
  redisPort: number;
  redisBind: string;
  redisDeadlineMs: number;
  redisMaxMemoryMb: number;
  keyPrefix: string;
  allowedOrigins: string[];
  guests: boolean;
  jwtSecret: string;
  jwtJwksUrl: string;
  jwtIssuer: string;
  jwtAudience: string;
  signInUrl: string;
  transports: Transport[];
  sendsPerSecond: number;
  sendsBurst: number;
  keepEntries: number;
  keepDays: number;
  idWindowMinutes: number;
  pingIntervalMs: number;
  pingTimeoutMs: number;
  moveAfterReloadSeconds: number;
  recordSeconds: number;
  logLevel: string;
  varDir: string;
}

export type SettingName = keyof Settings;
export type Source = 'environment' | 'fleet.env' | 'default';

export interface Setting<T> {
  env: string;
  about: string;
  default: T | ((others: Partial<Settings>) => T);
  /** It is a secret, or an address that may hold one: errors do not repeat it, and it is shown without. */
  secret?: 'whole' | 'address' | 'addresses';
  /** It concerns one machine: hosts of a fleet may differ in it. In all others they are equal. */
  local?: true;
  /** Returns the value, or throws an Error whose message says what is expected. */
  parse: (text: string) => T;
}

/** The table of settings: name in the environment, meaning, default, parser. */
export const settingsTable: { [K in SettingName]: Setting<Settings[K]> } = {
  servers: {
    env: 'SERVERS',
    about:
      'number of chat servers when the fleet is planned for the first time (default: one per core, at least 2)',
    default: () => Math.max(2, availableParallelism()),
    local: true,
    parse: whole(1, 64),
  },
  basePort: {
    env: 'BASE_PORT',
    about: 'port of the first chat server; the others follow',
    default: 3001,
    local: true,
    parse: port,
  },
  serverHost: {
    env: 'SERVER_HOST',
    about:
      'address the chat servers listen on; another one than 127.0.0.1 makes this a joined host, without nginx',
    default: LOOPBACK,
    local: true,
    parse: oneAddress,
  },
  httpHost: {
    env: 'HTTP_HOST',
    about: 'address nginx listens on (127.0.0.1 also means [::1])',
    default: LOOPBACK,
    local: true,
    parse: address,
  },
  httpPort: { env: 'HTTP_PORT', about: 'port nginx listens on', default: 8080, local: true, parse: port },
  tlsCert: {
    env: 'TLS_CERT',
    about: 'certificate file (PEM, with its chain): nginx then speaks https on HTTP_PORT',
    default: '',
    local: true,
    parse: file,
  },
  tlsKey: { env: 'TLS_KEY', about: 'key file of TLS_CERT', default: '', local: true, parse: file },
  realIpFrom: {
    env: 'REAL_IP_FROM',
    about: 'proxies in front of nginx, whose X-Forwarded-For is believed: addresses or networks',
    default: [],
    local: true,
    parse: networks,
  },
  balance: {
    env: 'BALANCE',
    about: 'how newcomers are spread: ip_hash (by network), least_conn, consistent (by whole address)',
    default: 'ip_hash',
    local: true,
    parse: oneOf('ip_hash', 'least_conn', 'consistent'),
  },
  opsPort: {
    env: 'OPS_PORT',
    about: "port of the operator's page and of /metrics, on loopback",
    default: 8090,
    local: true,
    parse: port,
  },
  redisUrl: {
    env: 'REDIS_URL',
    about: 'use this Redis, or Redis Cluster by several of its nodes (empty: the fleet runs its own)',
    default: '',
    secret: 'addresses',
    local: true,
    parse: redisUrl,
  },
  redisPort: {
    env: 'REDIS_PORT',
    about: "port of the fleet's own Redis, on loopback",
    default: 6390,
    local: true,
    parse: port,
  },
  redisBind: {
    env: 'REDIS_BIND',
    about: "address at which other hosts reach the fleet's own Redis (empty: none, it is on loopback alone)",
    default: '',
    local: true,
    parse: addressOrNone,
  },
  redisDeadlineMs: {
    env: 'REDIS_DEADLINE_MS',
    about: 'a Redis command that takes longer has failed',
    default: 1_000,
    parse: whole(50, 1_000),
  },
  redisMaxMemoryMb: {
    env: 'REDIS_MAX_MEMORY_MB',
    about: "memory limit of the fleet's own Redis",
    default: 1_024,
    local: true,
    parse: whole(32, 1_048_576),
  },
  keyPrefix: {
    env: 'KEY_PREFIX',
    about: 'start of all keys and channels in Redis',
    default: 'chat:',
    parse: (text) => text,
  },
  allowedOrigins: {
    env: 'ALLOWED_ORIGINS',
    about: "origins of pages that may connect, beside the fleet's own",
    default: [],
    parse: origins,
  },
  guests: {
    env: 'GUESTS',
    about: 'whether people may chat without a token (default: only while nginx listens on loopback)',
    default: (others) => isLoopback(others.httpHost ?? LOOPBACK),
    parse: (text) => oneOf('yes', 'no')(text) === 'yes',
  },
  jwtSecret: {
    env: 'JWT_SECRET',
    about: "signs tokens by HS256 (empty, and no JWT_JWKS_URL: a secret of the fleet's own)",
    default: '',
    secret: 'whole',
    parse: jwtSecret,
  },
  jwtJwksUrl: {
    env: 'JWT_JWKS_URL',
    about: 'public keys of tokens (JWKS); tokens by secret then need JWT_SECRET',
    default: '',
    secret: 'address',
    parse: webAddress,
  },
  jwtIssuer: {
    env: 'JWT_ISSUER',
    about: 'what `iss` of a token must be (empty: anything)',
    default: '',
    parse: (text) => text,
  },
  jwtAudience: {
    env: 'JWT_AUDIENCE',
    about: 'what `aud` of a token must be or contain (empty: anything)',
    default: '',
    parse: (text) => text,
  },
  signInUrl: {
    env: 'SIGN_IN_URL',
    about:
      'where the page leads whose token is over; it is to lead back to the page with #token= (empty: nowhere)',
    default: '',
    parse: webAddress,
  },
  transports: {
    env: 'TRANSPORTS',
    about: 'how clients may connect: polling,websocket or websocket',
    default: ['polling', 'websocket'],
    parse: transports,
  },
  sendsPerSecond: {
    env: 'SENDS_PER_SECOND',
    about: 'messages a connection may send a second, in the long run (0: no limit)',
    default: 20,
    parse: whole(0, 1_000_000),
  },
  sendsBurst: {
    env: 'SENDS_BURST',
    about: 'messages a connection may send at once',
    default: 100,
    parse: whole(1, 1_000_000),
  },
  keepEntries: {
    env: 'KEEP_ENTRIES',
    about: 'entries kept in each room',
    default: 10_000,
    parse: whole(1, 10_000_000),
  },
  keepDays: { env: 'KEEP_DAYS', about: 'days an entry is kept', default: 30, parse: whole(1, 3_650) },
  idWindowMinutes: {
    env: 'ID_WINDOW_MINUTES',
    about: 'nothing younger is ever trimmed, so that a late retry does not double',
    default: 15,
    parse: whole(0, 1_440),
  },
  pingIntervalMs: {
    env: 'PING_INTERVAL_MS',
    about: 'time between two heartbeats of a connection',
    default: 25_000,
    parse: whole(100, 300_000),
  },
  pingTimeoutMs: {
    env: 'PING_TIMEOUT_MS',
    about: 'a connection that does not answer a heartbeat this long is closed',
    default: 20_000,
    parse: whole(100, 300_000),
  },
  moveAfterReloadSeconds: {
    env: 'MOVE_AFTER_RELOAD_SECONDS',
    about:
      'a WebSocket that outlived a reload of nginx is asked to move after a quarter of this time to all of it',
    default: 2_400,
    parse: whole(4, 86_400),
  },
  recordSeconds: {
    env: 'RECORD_SECONDS',
    about: 'seconds between two lines of each server in the record under var/usage',
    default: 300,
    local: true,
    parse: whole(1, 3_600),
  },
  logLevel: {
    env: 'LOG_LEVEL',
    about: 'least level that servers log',
    default: 'info',
    local: true,
    parse: oneOf('silent', 'fatal', 'error', 'warn', 'info', 'debug', 'trace'),
  },
  varDir: {
    env: 'VAR_DIR',
    about: 'folder of all that is written at run time',
    default: 'var',
    local: true,
    parse: (text) => text,
  },
};

/** Pure: a value as it stands in the environment or in `fleet.env`. */
export function settingText(value: string | number | boolean | string[]): string {
  if (typeof value === 'boolean') return value ? 'yes' : 'no';
  return Array.isArray(value) ? value.join(',') : `${value}`;
}
