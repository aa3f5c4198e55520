import { availableParallelism } from 'node:os';
import { isIP } from 'node:net';

/**
 * All settings, read and validated once. Each comes from the environment, from `fleet.env`
 * (lines of NAME=value) or from its default, in this order.
 */
export interface Settings {
  servers: number;
  basePort: number;
  httpHost: string;
  httpPort: number;
  redisUrl: string;
  redisPort: number;
  redisDeadlineMs: number;
  redisMaxMemoryMb: number;
  keyPrefix: string;
  allowedOrigins: string[];
  guests: boolean;
  jwtSecret: string;
  jwtJwksUrl: string;
  jwtIssuer: string;
  jwtAudience: string;
  transports: Transport[];
  sendsPerSecond: number;
  sendsBurst: number;
  keepEntries: number;
  keepDays: number;
  idWindowMinutes: number;
  pingIntervalMs: number;
  pingTimeoutMs: number;
  recordSeconds: number;
  logLevel: string;
  varDir: string;
}

export type Transport = 'polling' | 'websocket';
export type SettingName = keyof Settings;
export type Source = 'environment' | 'fleet.env' | 'default';

interface Setting<T> {
  env: string;
  about: string;
  default: T | ((others: Partial<Settings>) => T);
  /** It is a secret, or an address that may hold one: errors do not repeat it, and it is shown without. */
  secret?: 'whole' | 'address';
  /** Returns the value, or throws an Error whose message says what is expected. */
  parse: (text: string) => T;
}

const whole =
  (min: number, max: number) =>
  (text: string): number => {
    const value = Number(text);
    if (!/^\d+$/.test(text) || value < min || value > max)
      throw new Error(`a whole number from ${min} to ${max}`);
    return value;
  };
const port = whole(1, 65_535);
const oneOf =
  (...values: string[]) =>
  (text: string): string => {
    if (!values.includes(text)) throw new Error(`one of ${values.join(', ')}`);
    return text;
  };

function address(text: string): string {
  if (isIP(text) === 0) throw new Error('an IP address');
  return text;
}

function redisUrl(text: string): string {
  if (text !== '' && !(/^rediss?:\/\/[^\s]+$/.test(text) && URL.canParse(text)))
    throw new Error('redis://[user:password@]host:port[/db], with / # ? of a password as %2F %23 %3F');
  return text;
}

function jwtSecret(text: string): string {
  if (text !== '' && Buffer.byteLength(text) < MIN_SECRET_BYTES)
    throw new Error(`at least ${MIN_SECRET_BYTES} bytes`);
  return text;
}

function jwksUrl(text: string): string {
  if (text === '') return text;
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (!url || !/^https?:$/.test(url.protocol) || url.username !== '' || url.password !== '')
    throw new Error('https://host/path, without user and password');
  return text;
}

function transports(text: string): Transport[] {
  if (text === 'websocket') return ['websocket'];
  if (/^(polling,\s*websocket|websocket,\s*polling)$/.test(text)) return ['polling', 'websocket'];
  throw new Error('polling,websocket or websocket');
}

function origins(text: string): string[] {
  const list = text.split(/[\s,]+/).filter(Boolean);
  for (const origin of list) {
    if (!URL.canParse(origin) || new URL(origin).origin !== origin) {
      throw new Error('origins such as https://chat.example.org, separated by commas');
    }
  }
  return list;
}

/** As long as what HS256 yields: RFC 7518 asks for that. */
const MIN_SECRET_BYTES = 32;

const isLoopback = (host: string): boolean => host === '::1' || host.startsWith('127.');

/** The table of settings: name in the environment, meaning, default, parser. */
export const settingsTable: { [K in SettingName]: Setting<Settings[K]> } = {
  servers: {
    env: 'SERVERS',
    about:
      'number of chat servers when the fleet is planned for the first time (default: one per core, at least 2)',
    default: () => Math.max(2, availableParallelism()),
    parse: whole(1, 64),
  },
  basePort: {
    env: 'BASE_PORT',
    about: 'port of the first chat server; the others follow',
    default: 3001,
    parse: port,
  },
  httpHost: {
    env: 'HTTP_HOST',
    about: 'address nginx listens on (127.0.0.1 also means [::1])',
    default: '127.0.0.1',
    parse: address,
  },
  httpPort: { env: 'HTTP_PORT', about: 'port nginx listens on', default: 8080, parse: port },
  redisUrl: {
    env: 'REDIS_URL',
    about: 'use this Redis (empty: the fleet runs its own)',
    default: '',
    secret: 'address',
    parse: redisUrl,
  },
  redisPort: {
    env: 'REDIS_PORT',
    about: "port of the fleet's own Redis, on loopback",
    default: 6390,
    parse: port,
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
    default: (others) => isLoopback(others.httpHost ?? '127.0.0.1'),
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
    parse: jwksUrl,
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
  recordSeconds: {
    env: 'RECORD_SECONDS',
    about: 'seconds between two lines of each server in the record under var/usage',
    default: 300,
    parse: whole(5, 3_600),
  },
  logLevel: {
    env: 'LOG_LEVEL',
    about: 'least level that servers log',
    default: 'info',
    parse: oneOf('silent', 'fatal', 'error', 'warn', 'info', 'debug', 'trace'),
  },
  varDir: {
    env: 'VAR_DIR',
    about: 'folder of all that is written at run time',
    default: 'var',
    parse: (text) => text,
  },
};

const names = Object.keys(settingsTable) as SettingName[];

/** Lines of NAME=value; empty lines and lines starting with # are skipped. Unknown names are errors. */
export function parseEnvFile(text: string): Record<string, string> {
  const known = new Set(names.map((name) => settingsTable[name].env));
  const values: Record<string, string> = {};
  for (const [index, line] of text.split(/\r?\n/).entries()) {
    if (/^\s*(#|$)/.test(line)) continue;
    const [, name, value] = /^\s*([A-Z_]+)\s*=\s*(.*?)\s*$/.exec(line) ?? [];
    if (name === undefined || value === undefined)
      throw new SettingsError(`fleet.env line ${index + 1}: expected NAME=value`);
    if (!known.has(name)) throw new SettingsError(`fleet.env line ${index + 1}: there is no setting ${name}`);
    values[name] = value;
  }
  return values;
}

/** A setting is wrong; the message names it, its source and what is expected. */
export class SettingsError extends Error {}

export interface LoadedSettings {
  settings: Settings;
  sources: Record<SettingName, Source>;
}

/** Pure: the settings from an environment and the text of `fleet.env`. Throws SettingsError. */
export function loadSettings(env: Record<string, string | undefined>, fileText = ''): LoadedSettings {
  const file = parseEnvFile(fileText);
  const settings: Partial<Settings> = {};
  const sources: Partial<Record<SettingName, Source>> = {};
  for (const name of names) load(name, env, file, settings, sources);
  return { settings: settings as Settings, sources: sources as Record<SettingName, Source> };
}

function load<K extends SettingName>(
  name: K,
  env: Record<string, string | undefined>,
  file: Record<string, string>,
  settings: Partial<Settings>,
  sources: Partial<Record<SettingName, Source>>,
): void {
  const setting: Setting<Settings[K]> = settingsTable[name];
  const source: Source =
    env[setting.env] !== undefined ? 'environment' : setting.env in file ? 'fleet.env' : 'default';
  sources[name] = source;
  if (source === 'default') {
    settings[name] =
      typeof setting.default === 'function'
        ? (setting.default as (others: Partial<Settings>) => Settings[K])(settings)
        : setting.default;
    return;
  }
  const text = (source === 'environment' ? env[setting.env] : file[setting.env]) ?? '';
  try {
    settings[name] = setting.parse(text);
  } catch (error) {
    const shown = setting.secret ? '...' : text;
    throw new SettingsError(`${setting.env}=${shown} (from ${source}): expected ${(error as Error).message}`);
  }
}
