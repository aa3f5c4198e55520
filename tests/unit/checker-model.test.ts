import fc from 'fast-check';
import { check } from '../../src/load/checker';
import { copy, History } from './checker-history';

const CLIENTS = 4;
const client = fc.nat(CLIENTS - 1);
const hears = fc.constantFrom('ack', 'ack', 'ack', 'nothing', 'unavailable', 'forbidden');

type Step = (history: History) => void;
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.tuple(client, hears, fc.boolean()).map(([c, h, stored]) => sending(c, h, stored)),
  },
  { weight: 2, arbitrary: fc.tuple(client, fc.nat()).map(([c, which]) => retrying(c, which)) },
  {
    weight: 6,
    arbitrary: fc.tuple(client, fc.integer({ min: 1, max: 5 })).map(([c, n]) => delivering(c, n)),
  },
  {
    weight: 2,
    arbitrary: client.map(
      (c): Step =>
        (history) =>
          history.disconnect(c),
    ),
  },
  {
    weight: 3,
    arbitrary: client.map(
      (c): Step =>
        (history) =>
          history.connect(c),
    ),
  },
  {
    weight: 1,
    arbitrary: client.map(
      (c): Step =>
        (history) =>
          history.join(c),
    ),
  },
  {
    weight: 1,
    arbitrary: client.map(
      (c): Step =>
        (history) =>
          history.gap(c),
    ),
  },
  { weight: 1, arbitrary: fc.constant<Step>((history) => history.forget()) },
);

function sending(c: number, hears: 'ack' | 'nothing' | 'unavailable' | 'forbidden', stored: boolean): Step {
  // An acknowledged message is stored, a refused one is not; else both can be.
  const kept = hears === 'ack' || (hears !== 'forbidden' && stored);
  return (history) => void history.send(c, hears, kept);
}

function retrying(c: number, which: number): Step {
  return (history) => {
    const open = history.journals[c]!.sends.filter(({ attempts }) => {
      const last = attempts.at(-1)!.answer;
      return !last || (!last.ok && last.error.code === 'unavailable');
    });
    if (open.length > 0) history.attempt(c, open[which % open.length]!, 'ack', true);
  };
}

const delivering =
  (c: number, count: number): Step =>
  (history) =>
    history.deliver(c, count);

const plays = fc.array(step, { maxLength: 80 });

function play(steps: Step[]): History {
  const history = new History(CLIENTS);
  for (const step of steps) step(history);
  return history;
}

test('[LOAD-10] whatever is played on a correct fleet: resumes, gaps, new epochs, unknown outcomes, retries', () => {
  fc.assert(
    fc.property(plays, (steps) => {
      const report = check(play(steps).quiesce());
      expect(report.examples).toEqual([]);
      expect(report.violations).toBe(0);
    }),
    { numRuns: 500 },
  );
});

test('[LOAD-11] one live entry dropped anywhere is found as lost or as a hole, and as nothing else', () => {
  fc.assert(
    fc.property(plays, fc.nat(), (steps, which) => {
      const evidence = copy(play(steps).quiesce());
      // Clients that end connected, without a gap or join that would forgive what was missing before.
      const packets = evidence.journals.flatMap(({ events }) => {
        const broken = events.findLastIndex((event) => event.type !== 'messages');
        return events.slice(broken + 1).flatMap((event) => (event.type === 'messages' ? [event] : []));
      });
      if (packets.length === 0) return;
      const { entries } = packets[which % packets.length]!;
      if (entries.some((entry) => entry.epoch !== evidence.logs[0]!.epoch)) return;
      entries.splice(which % entries.length, 1);
      const report = check(evidence);
      expect([report.lost + report.holes, report.violations]).toEqual([1, 1]);
    }),
    { numRuns: 500 },
  );
});
