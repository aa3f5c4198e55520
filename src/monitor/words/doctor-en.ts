import { factWords } from '../../redis/fact-words';

const raiseLimit = 'raise the limit (ulimit -n), then npm stop and npm start';
const profile = 'something computes for long at a stretch: take a profile (node --cpu-prof) when it happens';
const rebalance = 'npx fleet rebalance spreads those who are there';
const logsOf = (name: string): string => `npx fleet logs ${name}`;

/**
 * All that `fleet doctor` says, in English: of each check what is so when nothing is found, and what it finds with
 * what to do about it. Figures come formatted.
 */
export const doctorEn = {
  do: 'Do',
  notChecked: (problem: string) => `could not be checked: ${problem}`,
  summary: (ok: number, found: number, failed: number) =>
    `${ok} ok, ${found} found something, ${failed} failed.`,
  serversAnswer: {
    title: 'Every server of the plan answers, and is well',
    noAnswer: (name: string) => ({ what: `${name} does not answer`, advice: logsOf(name) }),
    notWell: (name: string, state: string) => ({
      what: `${name} says that it is ${state}`,
      advice: logsOf(name),
    }),
  },
  planHolds: {
    title: 'Plan, PM2, nginx and live ports agree',
    missing: (name: string) => ({
      what: `${name} is planned, but PM2 does not run it`,
      advice: 'npx fleet up',
    }),
    foreign: (name: string) => ({
      what: `${name} runs, but is not planned`,
      advice: `npx pm2 delete ${name}`,
    }),
    otherProcess: (name: string, pid: string, wanted: string) => ({
      what: `${name}: process ${pid} answers on its port, but PM2 runs ${wanted}`,
      advice: `kill ${pid}, then npx pm2 restart ${name}`,
    }),
    otherNginx: () => ({
      what: 'nginx runs with another configuration than plan, settings and template give',
      advice: 'npx fleet nginx reload',
    }),
  },
  overload: {
    title: 'No server gives anything up for lack of time',
    refuses: (name: string, aSecond: string) => ({
      what: `${name} is overloaded: it refuses newcomers, and sends beyond what it can carry (${aSecond} a second)`,
      advice: 'npx fleet report says how many servers the peak needs; see "When there is too much to do"',
    }),
    sheds: (name: string, list: string) => ({
      what: `${name} has little time left, and gives up: ${list}`,
      advice: 'messages go on; npx fleet report says whether more servers help',
    }),
    shed: { typing: 'who is typing', presence: 'who is there, but for every 5 s' },
  },
  fanOut: {
    title: 'No event loop is saturated',
    byFanOut: (name: string, loop: string, cpu: string, deliveries: string) => ({
      what: `${name}: event loop ${loop} busy, CPU ${cpu}, by fan-out: ${deliveries} deliveries a second`,
      advice: 'more servers help: npx fleet report says how many',
    }),
    byOther: (name: string, loop: string, cpu: string, calls: string, deliveries: string) => ({
      what: `${name}: event loop ${loop} busy, CPU ${cpu}, at ${calls} calls and ${deliveries} deliveries a second`,
      advice: 'npx fleet report; if load does not explain it, take a profile: node --cpu-prof',
    }),
  },
  loopBlocked: {
    title: 'No event loop was blocked in the last two hours',
    now: (name: string, length: string) => ({
      what: `${name}: its event loop stood still for ${length} just now`,
      advice: profile,
    }),
    lately: (name: string, before: string, length: string | undefined) => ({
      what: `${name}: it stood still${length === undefined ? '' : ` for ${length}`} before ${before}, computing`,
      advice: profile,
    }),
  },
  garbage: {
    title: 'The garbage collector leaves the servers their time',
    collects: (name: string, share: string) => ({
      what: `${name}: ${share} of its time goes into garbage collection`,
      advice:
        'it makes or keeps too much at a time: see its memory in npx fleet status, then take a profile: node --heap-prof',
    }),
    full: (name: string, share: string) => ({
      what: `${name}: ${share} of the memory that Node may use is in use; above it the process ends`,
      advice: 'NODE_OPTIONS=--max-old-space-size=MB for npm start, after npm stop; or more servers',
    }),
  },
  hostStarved: {
    title: 'The machine leaves the servers their CPU',
    stolen: (share: string) => ({
      what: `${share} of the CPU is taken by other machines on the same hardware`,
      advice: 'ask who rents the machine out, or take another one',
    }),
    busy: (all: string, ours: string) => ({
      what: `the machine is ${all} busy, of which the chat servers have ${ours}`,
      advice: 'see with top what else runs, and move it elsewhere',
    }),
  },
  redisFast: {
    title: 'Redis answers quickly',
    slow: (time: string) => ({
      what: `the slowest of ten round trips took ${time}`,
      advice: 'redis-cli SLOWLOG GET 10; is its machine or disk busy?',
    }),
    buffer: (megabytes: string) => ({
      what: `${megabytes} MB wait for one reader; Redis cuts it off at its limit`,
      advice: 'a server reads too slowly: see whose event loop is saturated',
    }),
  },
  redisRoom: {
    title: 'Redis has memory left',
    nearlyFull: (share: string) => ({
      what: `Redis uses ${share} of its memory: the oldest messages of all rooms go first`,
      advice: 'raise REDIS_MAX_MEMORY_MB, or keep less (KEEP_ENTRIES, KEEP_DAYS)',
    }),
  },
  redisKeeps: {
    title: 'Redis keeps what it acknowledges',
    facts: factWords,
    wrong: (what: string) => ({
      what,
      advice: 'correct its configuration; see "A Redis of your own"',
    }),
    writes: (status: string) => ({
      what: `its last write to the disk: ${status}`,
      advice: 'make room on the disk',
    }),
  },
  deaf: {
    title: 'What Redis publishes reaches every server',
    cannotHear: (name: string) => ({
      what: `${name} is deaf: Redis takes what it writes, but it does not hear what is published; its people see messages late`,
      advice: `npx fleet logs ${name}; may its Redis user subscribe (ACL), is a proxy between? See "A Redis of your own"`,
    }),
  },
  outboxEmpty: {
    title: 'No message waits on the disk',
    waiting: (name: string, count: string) => ({
      what: `${count} messages wait on the disk of ${name} for Redis`,
      advice: 'nothing is lost; they go out by themselves when Redis takes them: npx fleet status',
    }),
    setAside: () => ({
      what: 'messages were set aside: the log refused them for good',
      advice: 'read var/outbox/set-aside.jsonl; see "When Redis is away"',
    }),
  },
  skew: {
    title: 'People are spread evenly over the servers',
    uneven: (name: string, count: string, total: string, factor: string) =>
      `${name} has ${count} of ${total} connections, ${factor} times its share`,
    network: (count: string, total: string, network: string) =>
      `; ${count} of ${total} connections of nginx come from ${network}`,
    advice: {
      ip_hash: `${rebalance}; a network goes to one server (BALANCE=ip_hash), and more servers do not help it: see "An office on one server" in docs/OPERATING.md`,
      consistent: `${rebalance}; an address goes to one server (BALANCE=consistent), and more servers do not help it: see "An office on one server" in docs/OPERATING.md`,
      least_conn: `${rebalance}; newcomers go to the emptiest one by themselves (BALANCE=least_conn)`,
    },
  },
  pollingShare: {
    title: 'WebSocket gets through to people',
    high: (count: string, total: string, share: string) => ({
      what: `${count} of ${total} people are on polling (${share}): WebSocket does not get through to them`,
      advice:
        'something on their way does not pass the upgrade; see "People stay on polling" in docs/OPERATING.md',
    }),
  },
  reconnectStorm: {
    title: 'People stay connected',
    storm: (connects: string, there: string) => ({
      what: `people connected ${connects} times an hour, and ${there} are there: connections last less than two minutes`,
      advice:
        'see with npx fleet logs why connections end; a proxy that cuts them, or clients without backoff',
    }),
  },
  typingStorm: {
    title: 'Typing and presence are a small part of the calls',
    storm: (event: string, share: string, count: string, from: string) => ({
      what: `${event} is ${share} of all calls: ${count} in the hour from ${from}`,
      advice: 'let clients send it at most every 3 s, as the typed client does',
    }),
  },
  descriptors: {
    title: 'Servers and nginx may have more connections',
    server: (name: string, open: string, most: string) => ({
      what: `${name} has ${open} of ${most} file descriptors open`,
      advice: raiseLimit,
    }),
    nginx: (share: string) => ({
      what: `nginx has ${share} of the connections it may have`,
      advice: raiseLimit,
    }),
  },
  record: {
    title: 'The monitor writes its record',
    silent: (monitor: string) => ({
      what: 'the record has had no line for two intervals',
      advice: logsOf(monitor),
    }),
  },
};

export type DoctorWords = typeof doctorEn;
