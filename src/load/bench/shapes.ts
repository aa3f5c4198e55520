import type { Load } from '../raw/run';
import type { Metric } from './measure';
import type { Layout, SideName } from './sides';

/** What a figure of ours has to be. */
export interface Goal {
  metric: Metric;
  /** `ratio`: to the median of another one; `plus`: at most so much above it; `bound`: by itself. */
  compare: 'ratio' | 'plus' | 'bound';
  /** The other one: a peer in the same shape, or we in another shape. */
  to?: SideName | { shape: string };
  /** More of it is better, and the floor is the least. */
  more?: boolean;
  floor: number;
  goal?: number;
}

/** One load on one layout, played on all its sides in turn. */
export interface Shape {
  id: string;
  /** What `--only` names too. */
  group:
    | 'generator'
    | 'connect'
    | 'fanout'
    | 'curve'
    | 'quiet'
    | 'acks'
    | 'fleet'
    | 'story'
    | 'big'
    | 'rooms'
    | 'slow'
    | 'overload'
    | 'scale';
  about: string;
  layout: Layout;
  load: Load;
  /**
   * Messages a second of a load that each side gets for 12 s before it is measured, where `load` brings a server few of them
   * (visits keep their own pace): V8 compiles what has run some thousands of times, in threads whose CPU counts, and servers
   * run for days.
   */
  warmUpRate?: number;
  sides: SideName[];
  goals: Goal[];
  /** Every run with servers that were started anew: memory that was used once is not given back. */
  fresh?: boolean;
  /** What is worth showing, if not the usual. */
  metrics?: Metric[];
  /** How often each side is measured, if not as often as asked. */
  runs?: number;
}

/** What `npm run bench` measures without --all. */
export const usual: Shape['group'][] = ['generator', 'fanout', 'curve', 'quiet', 'acks'];

const direct = (servers: number): Layout => ({ servers, nginx: false });
const behindNginx = (servers: number): Layout => ({ servers, nginx: true });
const steady = { warmUpMs: 3_000, forMs: 6_000 };
/** CPU comes in ticks of 10 ms: little of it needs a long time. */
const long = { warmUpMs: 3_000, forMs: 15_000 };
const short = { warmUpMs: 2_000, forMs: 4_000 };

const p99 = (floor: number): Goal => ({ metric: 'p99', compare: 'bound', floor });

/** Rates of the curves, messages a second to one room of 500. */
export const curveRates = [10, 25, 50, 100, 200, 400, 800];
export const scaleServers = [1, 2, 4, 8];
/** Of overload, messages a second to 20 rooms of 20: the last ones are more than any side carries. */
export const overloadRates = [1_000, 2_000, 4_000, 8_000, 12_000, 16_000, 24_000];

const fanout: Shape[] = [
  {
    id: 'fanout-100',
    group: 'fanout',
    about: 'one room of 500, 100 messages a second, one server',
    layout: direct(1),
    load: { users: 500, rooms: 1, rate: 100, ...steady },
    warmUpRate: 100,
    sides: ['ours', 'S', 'U'],
    goals: [
      { metric: 'serversUs', compare: 'ratio', to: 'S', floor: 1 / 4, goal: 1 / 6 },
      { metric: 'serversUs', compare: 'ratio', to: 'U', floor: 2 / 3, goal: 1 / 2 },
      p99(80),
    ],
  },
  {
    id: 'fanout-400',
    group: 'fanout',
    about: 'one room of 500, 400 messages a second, one server: too much for S',
    layout: direct(1),
    load: { users: 500, rooms: 1, rate: 400, ...short },
    sides: ['ours', 'S', 'U'],
    goals: [
      { metric: 'serversUs', compare: 'ratio', to: 'S', floor: 1 / 6, goal: 1 / 12 },
      { metric: 'serversUs', compare: 'ratio', to: 'U', floor: 1 / 2 },
    ],
  },
];

const curve = curveRates.map((rate): Shape => ({
  id: `curve-${rate}`,
  group: 'curve',
  about: `one room of 500, ${rate} messages a second, one server`,
  layout: direct(1),
  load: { users: 500, rooms: 1, rate, ...short },
  sides: ['ours', 'S', 'U'],
  goals: [],
  runs: 1,
}));

const scale = scaleServers.map((servers): Shape => ({
  id: `scale-${servers}`,
  group: 'scale',
  about: `10 rooms of 100, 200 messages a second, ${servers === 1 ? 'one server' : `${servers} servers`}`,
  layout: direct(servers),
  load: { users: 1_000, rooms: 10, rate: 200, ...steady },
  warmUpRate: 200,
  sides: ['ours', 'S', 'C'],
  goals:
    servers < 8
      ? []
      : [{ metric: 'serversUs', compare: 'ratio', to: { shape: 'scale-1' }, floor: 1.25, goal: 1.1 }],
}));

const generator = [1, 20].map((framesAtOnce): Shape => ({
  id: `generator-${framesAtOnce}`,
  group: 'generator',
  about: `what the generator takes at most: 500 connections, ${framesAtOnce} to a write, from a server that only writes`,
  layout: { ...direct(1), framesAtOnce },
  load: { users: 500, rooms: 1, rate: 1, ...short },
  sides: ['null'],
  goals: [],
  metrics: ['deliveries', 'generatorUs'],
  runs: 1,
}));

const connect = (['websocket', 'upgrade'] as const).map((transport): Shape => ({
  id: `connect-${transport}`,
  group: 'connect',
  about: `2,000 people connect ${transport === 'upgrade' ? 'by polling, then upgrade' : 'by WebSocket'}, join one room and stay, one server`,
  layout: direct(1),
  load: { users: 2_000, rooms: 1, rate: 1, warmUpMs: 0, forMs: 1_000, transports: [transport] },
  sides: ['ours', 'S'],
  goals: [
    { metric: 'connectUs', compare: 'ratio', to: 'S', floor: 1.5, goal: 1 },
    ...(transport === 'websocket'
      ? [{ metric: 'idleKb', compare: 'ratio', to: 'S', floor: 1.15, goal: 0.9 } as const]
      : []),
  ],
  fresh: true,
  metrics: ['connectUs', 'idleKb'],
}));

/**
 * Long texts and much time: the kernel alone holds some megabytes for each who does not read. Much longer, and ours
 * closes them as too slow.
 */
const slow = [0, 10].map((stalled): Shape => ({
  id: `slow-${stalled}`,
  group: 'slow',
  about: `one room of 200, 100 messages of 4,000 characters a second, ${stalled === 0 ? 'all read' : `${stalled} stop reading for 15 s`}; times are of the others`,
  layout: direct(1),
  load: {
    ...{ users: 200, rooms: 1, rate: 100, textLength: 4_000, warmUpMs: 3_000, forMs: 15_000 },
    ...(stalled > 0 && { oneStallsOf: 200 / stalled }),
  },
  sides: ['ours', 'S'],
  goals: stalled === 0 ? [] : [{ metric: 'p99', compare: 'ratio', to: { shape: 'slow-0' }, floor: 1.5 }],
  fresh: true,
  metrics: ['p50', 'p99', 'endMb'],
}));

/** Each side with servers that were started anew: what a plain one has not delivered yet would be in the way of the next. */
const overload = overloadRates.map((rate): Shape => ({
  id: `overload-${rate}`,
  group: 'overload',
  about: `400 people in 20 rooms of 20, ${rate} messages a second, one server`,
  layout: direct(1),
  load: { users: 400, rooms: 20, rate, mayBeRefused: true, warmUpMs: 3_000, forMs: 10_000 },
  warmUpRate: 200,
  sides: ['ours', 'S'],
  goals:
    rate < overloadRates.at(-1)!
      ? []
      : [{ metric: 'deliveries', compare: 'ratio', to: { shape: 'overload-16000' }, more: true, floor: 0.9 }],
  metrics: ['deliveries', 'acks', 'refused', 'p50', 'p99', 'ackP50', 'ackP99', 'endMb'],
  runs: 1,
}));

/** At the highest rate that S carries: the lower on a slow machine, the higher on one that is twice as fast. */
const big = [20, 40].map((rate): Shape => ({
  id: `big-${rate}`,
  group: 'big',
  about: `one room of 2,000, ${rate} messages a second, one server`,
  layout: direct(1),
  load: { users: 2_000, rooms: 1, rate, ...steady },
  sides: ['ours', 'S'],
  goals: [{ metric: 'serversUs', compare: 'ratio', to: 'S', floor: 1 / 4 }],
}));

/** The table of shapes. */
export const shapes: Shape[] = [
  ...generator,
  ...fanout,
  ...curve,
  {
    id: 'quiet',
    group: 'quiet',
    about: '50 rooms of 20, one message a second each, one server; ours stores every one',
    layout: direct(1),
    load: { users: 1_000, rooms: 50, rate: 50, ...long },
    warmUpRate: 500,
    sides: ['ours', 'S'],
    goals: [
      { metric: 'serversUs', compare: 'ratio', to: 'S', floor: 1.2, goal: 1 },
      { metric: 'p99', compare: 'plus', to: 'S', floor: 10 },
    ],
  },
  {
    id: 'acks',
    group: 'acks',
    about:
      '500 senders, each sends when it is answered, one server; ours stores and shows each its own, S only answers',
    layout: direct(1),
    load: { users: 500, rooms: 500, rate: 'asAcknowledged', ...steady },
    sides: ['ours', 'S'],
    goals: [{ metric: 'acks', compare: 'ratio', to: 'S', more: true, floor: 1 / 2, goal: 1 }],
  },
  {
    id: 'nginx-2',
    group: 'fleet',
    about: 'one room of 500, 100 messages a second, 2 servers behind nginx (C: 2 workers, without nginx)',
    layout: behindNginx(2),
    load: { users: 500, rooms: 1, rate: 100, ...steady },
    warmUpRate: 100,
    sides: ['ours', 'S', 'C'],
    goals: [{ metric: 'fleetUs', compare: 'ratio', to: 'S', floor: 1 / 3, goal: 1 / 5 }],
  },
  {
    id: 'story',
    group: 'story',
    about:
      'the load of the story: 100 people a second come by polling, upgrade, say one thing to one room and stay 5 s; 2 servers behind nginx',
    layout: behindNginx(2),
    load: {
      ...{ users: 500, rooms: 1, rate: 100, transports: ['upgrade'], warmUpMs: 8_000, forMs: 10_000 },
      visits: { perSecond: 100, stayMs: 5_000 },
    },
    warmUpRate: 100,
    sides: ['ours', 'S'],
    goals: [{ metric: 'fleetUs', compare: 'ratio', to: 'S', floor: 1 / 2, goal: 1 / 3 }],
  },
  ...big,
  {
    id: 'big-200',
    group: 'big',
    about: 'one room of 2,000, 200 messages a second, one server',
    layout: direct(1),
    load: { users: 2_000, rooms: 1, rate: 200, ...steady },
    sides: ['ours'],
    goals: [p99(150)],
  },
  {
    id: 'rooms-1000',
    group: 'rooms',
    about: '1,000 rooms of 10, 200 messages a second in all, 4 servers behind nginx',
    layout: behindNginx(4),
    load: { users: 10_000, rooms: 1_000, rate: 200, ...long },
    warmUpRate: 1_000,
    sides: ['ours', 'S'],
    goals: [{ metric: 'fleetUs', compare: 'ratio', to: 'S', floor: 1.3, goal: 1 }],
  },
  {
    id: 'rooms-small',
    group: 'rooms',
    about: '1,000 rooms of 2 or 3, 400 messages a second in all, 8 servers behind nginx',
    layout: behindNginx(8),
    load: { users: 2_500, rooms: 1_000, rate: 400, ...long },
    warmUpRate: 1_500,
    sides: ['ours', 'S'],
    goals: [{ metric: 'fleetUs', compare: 'ratio', to: 'S', floor: 1, goal: 1 / 2 }],
  },
  ...slow,
  ...overload,
  ...connect,
  ...scale,
];

export const groups = [...new Set(shapes.map(({ group }) => group))];
