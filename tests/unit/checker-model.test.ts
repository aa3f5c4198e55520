import fc from 'fast-check';
import { check } from '../../src/load/checker';
import type { Ref } from '../../src/protocol/entries';
import { copy, History, type Hears } from './checker-history';

const CLIENTS = 4;
const client = fc.nat(CLIENTS - 1);
const hears: fc.Arbitrary<Hears> = fc.constantFrom(
  'ack',
  'ack',
  'ack',
  'nothing',
  'unavailable',
  'forbidden',
);
const emoji = fc.constantFrom('👍', '❤️', '😂');

type Step = (history: History) => void;
type Way = [client: number, hears: Hears, stored: boolean];
const way: fc.Arbitrary<Way> = fc
  .tuple(client, hears, fc.boolean())
  // An acknowledged entry is stored, a refused one is not; else both can be.
  .map(([c, h, stored]) => [c, h, h === 'ack' || (h !== 'forbidden' && stored)]);

const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 6, arbitrary: way.map((way) => sending(way)) },
  { weight: 3, arbitrary: fc.tuple(way, fc.nat()).map(([way, which]) => editing(way, which)) },
  { weight: 2, arbitrary: fc.tuple(way, fc.nat()).map(([way, which]) => deleting(way, which)) },
  {
    weight: 4,
    arbitrary: fc
      .tuple(way, fc.nat(), emoji, fc.boolean())
      .map(([way, which, emoji, on]) => reacting(way, which, emoji, on)),
  },
  { weight: 2, arbitrary: fc.tuple(client, fc.nat()).map(([c, which]) => retrying(c, which)) },
  {
    weight: 6,
    arbitrary: fc
      .tuple(client, fc.integer({ min: 1, max: 5 }), fc.boolean())
      .map(([c, n, slow]) => delivering(c, n, slow)),
  },
  { weight: 2, arbitrary: client.map((c) => doing((history) => history.disconnect(c))) },
  { weight: 3, arbitrary: client.map((c) => doing((history) => history.connect(c))) },
  { weight: 2, arbitrary: client.map((c) => doing((history) => history.read(c))) },
  { weight: 1, arbitrary: client.map((c) => doing((history) => history.join(c))) },
  { weight: 1, arbitrary: client.map((c) => doing((history) => history.gap(c))) },
  { weight: 1, arbitrary: fc.constant(doing((history) => history.forget())) },
);

function doing(step: Step): Step {
  return step;
}

function sending([c, hears, stored]: Way): Step {
  return (history) => void history.send(c, hears, stored);
}

function editing([c, hears, stored]: Way, which: number): Step {
  return (history) => {
    const target = oneOf(messagesOf(history, c), which);
    if (target) history.say(c, { kind: 'edit', target, text: `edited ${which}` }, hears, stored);
  };
}

function deleting([c, hears, stored]: Way, which: number): Step {
  return (history) => {
    const target = oneOf(messagesOf(history, c), which);
    if (target) history.say(c, { kind: 'delete', target }, hears, stored);
  };
}

function reacting([c, hears, stored]: Way, which: number, emoji: string, on: boolean): Step {
  return (history) => {
    const all = Array.from({ length: CLIENTS }, (_, i) => messagesOf(history, i)).flat();
    const target = oneOf(all, which);
    if (target) history.say(c, { kind: 'reaction', target, emoji, on }, hears, stored);
  };
}

const messagesOf = (history: History, c: number): Ref[] =>
  history.journals[c]!.sends.flatMap((send) =>
    send.kind === 'message' ? [{ from: `guest:c${c}`, id: send.id! }] : [],
  );
const oneOf = <T>(list: T[], which: number): T | undefined => list[which % list.length];

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
  (c: number, count: number, slow: boolean): Step =>
  (history) =>
    history.deliver(c, count, slow);

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
