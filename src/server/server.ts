import { createAdapter } from '@socket.io/redis-adapter';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Settings } from '../config/settings';
import type { Health, ServerState, ServerStats } from '../protocol/stats';
import { UsageWriter } from '../usage/writer';
import { admission } from './edge/admission';
import { createTokens } from './edge/tokens';
import { openBoard, watchMembers } from './edge/presence';
import { Door } from './edge/door';
import { attachSockets, closeGently, identifyOnConnect } from './edge/sockets';
import { Kicker } from './edge/kick';
import { operatorRoutes } from './edge/operator';
import { listenToPeers, tellOthers } from './edge/peers';
import { DirectWrites } from './edge/direct';
import { writeOnce } from './edge/frames';
import { refuseEarly } from './edge/early-refusal';
import { createHttp } from './edge/http';
import { LoadMeter, type Gauge, type Limit } from './edge/load';
import { encode } from './edge/packet';
import { SlowReaders } from './edge/slow';
import { SharedUserLimits } from './edge/user-limits';
import { watchVitals } from './edge/vitals';
import { welcome } from './edge/welcome';
import { createActions } from './flow/actions';
import { Activity } from './flow/activity';
import { Appender } from './flow/append';
import { committer } from './flow/commit';
import { Flusher } from './flow/flush';
import { People } from './flow/people';
import { Recent } from './flow/recent';
import { createReceiver } from './flow/receive';
import { Rooms } from './flow/rooms';
import { Slices } from './flow/slices';
import type { RelayTyping } from './flow/types';
import { directRoom, isKept, mayEnter } from './people/access';
import { newCounters, usageOf } from './flow/counters';
import { Deadline } from '../deadline';
import { DiskOutbox } from './outbox/disk';
import { statsOf } from './stats';
import { openStore } from './store';

export interface ServerOptions {
  /** `chat-<port>`; the start of every sid. No `~` in it. */
  name: string;
  settings: Settings;
  redisUrl: string;
  guestSecret: string;
  /** Signs tokens by HS256; undefined: such tokens are not accepted. */
  tokenSecret: string | undefined;
  /** Shared by the servers of this host: where messages wait while Redis is away. */
  outboxFolder: string;
  /** What the `fleet` command proves itself with. */
  operatorSecret: string;
  /** Of the build, shown by /version. */
  version: string;
  /** Its own by default; tests bring one that they turn. */
  load?: Gauge;
}

export interface ChatServer {
  /** Listens on SERVER_HOST, by default loopback; resolves with the port. 0 takes a free one. */
  listen(port: number): Promise<number>;
  /** Takes no new sessions, and sends everybody to other servers; resolves when they are gone, or after this time. */
  drain(withinMs: number): Promise<void>;
  /** An operator has sent everybody away already. */
  isClosed(): boolean;
  /** Takes no new sessions, finishes what is being answered, sends clients to other servers, ends. */
  stop(): Promise<void>;
  stats(): ServerStats;
}

// Node's default of 511 overflows when 100 people a second arrive through nginx: seen as connect timeouts there.
// The kernel's own limit (somaxconn) is 4,096.
const BACKLOG = 4_096;

/** How long a stopping server waits for what it has begun: an append has a deadline of a second. */
const IDLE_WITHIN_MS = 3_000;

/** How long a stopping server waits for clients to fetch what is on its way to them. */
const GENTLE_MS = 1_000;

/** How long a new server waits for Redis before it serves without: one that was restarted is not written to for a second. */
const REDIS_WITHIN_MS = 2_000;

/** How long a connection waits for a look at the other outboxes of the host: a disk that hangs shuts nobody out. */
const LOOK_WITHIN_MS = 500;

/**
 * One chat server: everything is put together here.
 *
 *   socket → receive → validate → append → Redis → feed → fan-out → sockets
 */
export async function createServer(options: ServerOptions): Promise<ChatServer> {
  const { name, settings } = options;
  const startedAt = Date.now();
  const counters = newCounters();
  const vitals = watchVitals();
  const load = options.load ?? new LoadMeter(vitals.stoodStill);
  let draining = false;

  const health = (): Health => {
    if (draining || door.isClosed) return 'bad';
    if (log.available() && log.writable()) return 'ok';
    return log.writesSome() || outbox.works ? 'degraded' : 'bad';
  };
  const state = (): ServerState => {
    if (draining || door.isClosed) return 'draining';
    const { isOverloaded } = load;
    return health() === 'ok' && isOverloaded ? 'overloaded' : health();
  };
  const stats = (): ServerStats =>
    statsOf({ name, startedAt, state: state(), io, rooms, outbox, log, counters, load, vitals });

  const { logLevel, signInUrl } = settings;
  const { version, operatorSecret } = options;
  const http = createHttp({ logLevel, signInUrl, version, operatorSecret, health, stats });
  const report = (problem: string, error: unknown): void => http.log.warn({ err: error }, problem);

  const { log, redis, presence, memberships, bans, adapter, close } = openStore({
    serverName: name,
    redisUrl: options.redisUrl,
    settings,
    report,
  });

  const outbox = await DiskOutbox.open({
    folder: options.outboxFolder,
    server: name,
    isAway: () => !log.writable(),
    report,
  });
  // Half of it, because clocks differ.
  const recent = new Recent(log, (settings.idWindowMinutes * 60_000) / 2);
  log.onForgetful((concerns) => recent.offer(concerns));

  const { keyPrefix } = settings;
  const totals = () => usageOf(counters);
  const usage = new UsageWriter({ redis, keyPrefix, server: name, totals, report });

  const io = await attachSockets(http, { ...settings, serverName: name });
  const door = new Door(io);
  writeOnce(io);
  const direct = new DirectWrites(io);
  const limit: Limit = {
    retryAfterMs: () => load.retryAfterMs(),
    refuses: () => load.refuses() || appender.isBehind,
    get isRefusing() {
      return load.isRefusing || appender.isBehind;
    },
  };
  const slices = new Slices();
  const refusals = refuseEarly(io, limit, counters, slices);
  io.adapter(createAdapter(adapter.pub, adapter.sub, { key: adapter.key }));
  io.engine.use(
    admission({
      allowedOrigins: settings.allowedOrigins,
      closedFor: () => {
        const isClosed = draining || door.isClosed;
        if (!isClosed && !load.refusesNewcomer()) return undefined;
        const closed = isClosed
          ? ({ code: 'draining' } as const)
          : ({ code: 'overloaded', retryAfterMs: load.retryAfterMs() } as const);
        counters.refused[closed.code]++;
        return closed;
      },
    }),
  );
  const { jwtJwksUrl: jwksUrl, jwtIssuer: issuer, jwtAudience: audience } = settings;
  const tokens = createTokens({ secret: options.tokenSecret, jwksUrl, issuer, audience, report });
  const { verify } = tokens;
  const identity = { guests: settings.guests, guestSecret: options.guestSecret, verify };
  identifyOnConnect(io, identity, (userId) => bans.isBanned(userId), counters);
  const userLimits = new SharedUserLimits({ commands: redis, ...settings });
  const kicker = new Kicker(io, bans);
  const slowReaders = new SlowReaders(io, settings.pingTimeoutMs);
  operatorRoutes(http, {
    secret: operatorSecret,
    kicker,
    bans,
    door,
    connections: () => io.engine.clientsCount,
    moveAfterReloadMs: settings.moveAfterReloadSeconds * 1_000,
  });

  const rooms = new Rooms({
    log,
    encode,
    slices,
    counters,
    load,
    pending: (room) => outbox.pending(room),
    taken: (entries) => recent.take(entries),
    restarted: () => recent.insist(),
    report,
  });
  outbox.onHeld((held) => rooms.showPending(held));
  const board = openBoard({ io, store: presence, announce: rooms.announce, load, report });
  log.onRecovered(() => board.recover());
  const people = new People({
    log,
    memberships,
    mayEnter,
    isKept,
    tellOthers,
    publish: (...change) => void io.serverSideEmit('membership', ...change),
  });
  const activity = new Activity({
    log,
    rooms,
    publish: (batch) => void io.serverSideEmit('activity', batch),
    deliver: (...moved) => people.moved(...moved),
  });
  listenToPeers(io, {
    activity: (batch) => activity.heard(batch),
    membership: (...change) => people.heard(...change),
    presence: (changed) => board.hear(changed),
    kick: (userId, answer) => answer(kicker.kickHere(userId)),
    typing: (typing) => rooms.announce('typing', typing),
    bans: () => bans.reload(),
  });
  const commit = committer(log, recent, (room, seq) => activity.appended(room, seq));
  const appender = new Appender({ log, outbox, commit, retryAfterMs: () => load.retryAfterMs() });
  const flusher = new Flusher({ log, outbox, commit, report });
  const joins = { log, rooms, mayEnter, people, watchers: [watchMembers(board)] };
  const isDraining = (): boolean => draining;
  const relayTyping: RelayTyping = (from, typing) => {
    rooms.announce('typing', typing, from);
    io.serverSideEmit('typing', typing);
  };
  const receive = createReceiver({
    actions: createActions({
      ...joins,
      ...{ appender, directRoom, isDraining, load, presence: board, relayTyping, verify },
    }),
    counters,
    report,
    isDraining,
  });
  const looks = new Deadline();
  const look = (): Promise<void> => looks.within(LOOK_WITHIN_MS, outbox.look()).catch(() => undefined);
  // One for all connections: each holds it as long as it lives.
  const welcoming = { ...joins, ...settings, userLimits, serverName: name, direct, receive, counters, look };
  io.on('connection', (socket) => {
    welcome(welcoming, socket).catch((error: unknown) => {
      report('a connection could not be welcomed', error);
      socket.conn.close();
    });
  });

  return {
    listen: async (port) => {
      const writable = new Promise<void>((resolve) => log.onWritable(() => log.writable() && resolve()));
      if (!log.writable()) await Promise.race([writable, sleep(REDIS_WITHIN_MS, undefined, { ref: false })]);
      await http.listen({ host: settings.serverHost, port, backlog: BACKLOG });
      return (http.server.address() as AddressInfo).port;
    },
    drain: (withinMs) => door.drain({ withinMs, reason: 'stop' }),
    isClosed: () => door.isClosed,
    stop: async () => {
      draining = true;
      await Promise.race([receive.idle(), sleep(IDLE_WITHIN_MS, undefined, { ref: false })]);
      refusals.flush();
      direct.write();
      await closeGently(io, GENTLE_MS);
      await http.close();
      await board.close();
      activity.close();
      rooms.close();
      await flusher.stop();
      recent.close();
      await outbox.close();
      await usage.stop();
      close();
      vitals.stop();
      load.stop();
      userLimits.stop();
      tokens.close();
      slowReaders.stop();
    },
    stats,
  };
}
