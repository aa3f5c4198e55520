import type { Load } from '../raw/run';
import type { Metric } from './measure';
import type { Layout, SideName } from './sides';

/** What a figure of ours has to be. `ratio`: to the median of the peer; `plus`: at most so much above it. */
export interface Goal {
  metric: Metric;
  compare: 'ratio' | 'plus' | 'bound';
  peer?: SideName;
  /** More of it is better, and the floor is the least. */
  more?: boolean;
  floor: number;
  goal?: number;
}

/** One load on one layout, played on all its sides in turn. */
export interface Shape {
  id: string;
  /** What `--only` names. */
  group: 'fanout';
  about: string;
  layout: Layout;
  load: Load;
  sides: SideName[];
  goals: Goal[];
}

const oneServer: Layout = { servers: 1, nginx: false };
const steady = { warmUpMs: 3_000, forMs: 6_000 };

/** The table of shapes. */
export const shapes: Shape[] = [
  {
    id: 'fanout-100',
    group: 'fanout',
    about: 'one room of 500, 100 messages a second, one server',
    layout: oneServer,
    load: { users: 500, rooms: 1, rate: 100, ...steady },
    sides: ['ours', 'S', 'U'],
    goals: [
      { metric: 'serversUs', compare: 'ratio', peer: 'S', floor: 1 / 4, goal: 1 / 6 },
      { metric: 'serversUs', compare: 'ratio', peer: 'U', floor: 2 / 3, goal: 1 / 2 },
      { metric: 'p99', compare: 'bound', floor: 80 },
    ],
  },
  {
    id: 'fanout-400',
    group: 'fanout',
    about: 'one room of 500, 400 messages a second, one server',
    layout: oneServer,
    load: { users: 500, rooms: 1, rate: 400, ...steady },
    sides: ['ours', 'S', 'U'],
    goals: [
      { metric: 'serversUs', compare: 'ratio', peer: 'S', floor: 1 / 6, goal: 1 / 12 },
      { metric: 'serversUs', compare: 'ratio', peer: 'U', floor: 1 / 2 },
    ],
  },
];

export const groups = [...new Set(shapes.map(({ group }) => group))];
