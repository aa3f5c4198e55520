import { autoscaleEn } from './autoscale-en';
import { doctorEn } from './doctor-en';

/** All that the report says, in English, and the other commands that look at the fleet. Figures come formatted. */
export const en = {
  lang: 'en' as 'en' | 'ko',
  head: {
    hour: 'HOUR',
    calls: 'CALLS',
    deliveries: 'DELIVERIES',
    connects: 'CONNECTS',
    cpu: 'CPU avg',
    max: 'max',
    busiest: 'BUSIEST SERVER',
    delay: 'DELAY max',
    missed: 'MISSED',
    absent: 'ABSENT',
  },
  load: { deliveries: 'deliveries', calls: 'calls', connects: 'connects', atRest: 'at rest' },
  title: 'Why is chat slow?',
  conclusion: 'Conclusion',
  hourByHour: 'Hour by hour',
  cpuOfHours: 'CPU, percent of one core: the average of all servers, and the highest of any',
  cpuByLoad: 'CPU of an average server beside its deliveries, or else calls: one point an hour',
  average: 'average',
  maximum: 'maximum',
  servers: 'servers',
  loopDelay: 'longest delay of an event loop',
  total: 'total',
  peak: 'peak',
  soFar: 'so far',
  to: 'to',
  peaks: (spans: string) => `Peak: ${spans}`,
  probes: (count: string) => `${count} probes had no answer: a server was frozen, or did not run.`,
  stoodStill: (delay: string, hour: string) => `An event loop stood still for ${delay}: ${hour}`,
  absentLines: (count: string) =>
    `${count} lines of the record are absent: the monitor stood still or could not write, or the fleet was down for a part of the hour.`,
  noCounters: (reason: string) =>
    `Redis does not answer${reason}: calls, deliveries and connects are not known. Next: npx fleet status`,
  nothingKnown:
    'Nothing is known of this time: there is no record of it, and no calls were counted or Redis does not answer. Next: npx fleet status',
  noRecord: 'The record has no lines of these hours: CPU is not known. Next: npx fleet sample',
  filesRead: (names: string, zone: string) => `Read: ${names}. Times without an offset are those of ${zone}.`,
  noCallsFile: 'No file of calls was given: calls are not known. Next: add --calls FILE',
  noCpuFile: 'No file of CPU was given: CPU is not known. Next: add --cpu FILE',
  freeze: (server: string, span: string, length: string, why: string) =>
    `Freeze: ${server}, ${span}${length}${why}`,
  moreFreezes: (count: string) => `... and ${count} more: --json has them all.`,
  computing: ', it computed meanwhile: blocking code, or more load than it can do',
  notComputing: ', it did not compute: stopped, or waiting for the machine',
  silent: 'the old server',
  correlation: (parts: string, hours: string) =>
    `CPU goes along with ${parts} (over ${hours} hours; 1 is fully).`,
  fewHours: (hours: string, needed: string) =>
    `Too little is known for a conclusion: ${hours} hours have both counts and CPU, ${needed} are needed.`,
  steadyLoad:
    'The load hardly changed in these hours: what it costs cannot be told. Take a longer time, with a night in it.',
  alwaysFull:
    'CPU was at its end nearly all the time: what the load costs cannot be told. It is too much for these servers.',
  idle: 'CPU was below 10 % all the time: there is nothing to explain.',
  unexplained: (hours: string) =>
    `The load does not explain the CPU (${hours} hours): something else costs it, and more servers are no answer yet. ` +
    'See the hours of high CPU at little load, and take a profile in one of them: node --cpu-prof.',
  partly: (share: string) => `The load explains only ${share} of the changes of CPU: the figures are rough.`,
  explained: (share: string) => `The load explains ${share} of the changes of CPU.`,
  cost: (atRest: string, parts: string) => `A server takes ${atRest} of a core at rest, and ${parts}.`,
  each: { deliveries: 'a delivery', calls: 'a call', connects: 'a connect' },
  together: (list: string) =>
    `${list} rise and fall together: what they cost in all is known, what each costs is not.`,
  callsOnly: 'How many heard each call is not known, and cost follows that: the figures are rough.',
  shares: (hour: string, parts: string) => `CPU of the peak (${hour}): ${parts}.`,
  knee: (percent: string) => `CPU stops growing at ${percent} of a core: that is what a server can do here.`,
  saturation: (parts: string, asked: string, atLeast: boolean) =>
    `One server is at its end near ${parts} an hour; the peak asks for ${atLeast ? 'at least ' : ''}${asked}.`,
  need: (servers: string, withOneLost: string, now: string) =>
    `${servers} carry the peak at 60 % CPU, ${withOneLost} survive the loss of one${now}.`,
  now: (servers: string) => `; planned now: ${servers}`,
  serverCount: (count: string) => (count === '1' ? '1 server' : `${count} servers`),
  cores: (cores: string, needed: string) =>
    `This machine has ${cores} cores and the peak needs ${needed}, beside nginx and Redis: more servers than cores will not help. ` +
    'Another machine, or less work, will.',
  full: 'At the peak the whole machine was at its end, not its servers.',
  skew: (factor: string) =>
    `The busiest server had ${factor} times the CPU of an average one: more servers do not even that out. See: npx fleet status`,
  enoughNow: (servers: string) => `Next: nothing. ${servers} are enough.`,
  next: (command: string) => `Next: ${command}`,
  doctor: doctorEn,
  autoscale: autoscaleEn,
};

export type Words = typeof en;
