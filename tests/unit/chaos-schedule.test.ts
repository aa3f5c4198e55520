import { faultKinds, kinds } from '../../src/load/chaos/kinds';
import { mayMeet, REMEMBERED_MS, scheduleOf, type Slot } from '../../src/load/chaos/schedule';

const SEEDS = Array.from({ length: 60 }, (_, seed) => seed);
const options = { seed: 7, seconds: 600, servers: 4, long: false };
const kindsOf = ({ faults }: Slot): string[] => faults.map(({ kind }) => kind);
const endOf = ({ at, faults }: Slot): number => at + Math.max(...faults.map(({ forMs }) => forMs));

test('[CHAOS-2] the same seed gives the same schedule, another one another', () => {
  expect(scheduleOf(options)).toEqual(scheduleOf(options));
  expect(scheduleOf({ ...options, seed: 8 })).not.toEqual(scheduleOf(options));
});

test('[CHAOS-2] every kind of fault comes in ten minutes, and there are pairs', () => {
  for (const seed of SEEDS) {
    const slots = scheduleOf({ ...options, seed });
    expect(new Set(slots.flatMap(kindsOf))).toEqual(new Set(faultKinds));
    expect(slots.filter(({ faults }) => faults.length === 2).length).toBeGreaterThan(0);
  }
});

test('[CHAOS-2] a long run has faults of more than 30 s, of every length that is named', () => {
  const slots = scheduleOf({ ...options, seconds: 1_200, long: true });
  const lengths = slots.flatMap(({ faults }) => faults.map(({ kind, forMs }) => `${kind} ${forMs}`));
  const named = faultKinds.flatMap((kind) => (kinds[kind].long ?? []).map((forMs) => `${kind} ${forMs}`));
  expect(lengths).toEqual(expect.arrayContaining(named));
});

test('[CHAOS-3] faults follow each other, end in time, and hit servers that there are', () => {
  for (const seed of SEEDS) {
    const slots = scheduleOf({ ...options, seed, servers: 2 });
    for (const [i, slot] of slots.entries()) {
      expect(slot.at).toBeGreaterThan(i > 0 ? endOf(slots[i - 1]!) : 0);
      expect(endOf(slot)).toBeLessThan(options.seconds * 1_000);
      for (const { kind, server } of slot.faults)
        expect(server).toEqual(kinds[kind].target === 'server' ? expect.any(Number) : undefined);
      for (const { server = 0 } of slot.faults) expect([0, 1]).toContain(server);
    }
  }
});

test('[CHAOS-3] two at once hit different things', () => {
  for (const seed of SEEDS) {
    for (const { faults } of scheduleOf({ ...options, seed })) {
      const hit = faults.map(({ kind, server }) => `${kinds[kind].target} ${server ?? ''}`);
      expect(new Set(hit).size).toBe(hit.length);
      if (hit.includes('fleet ')) expect(hit.join()).not.toContain('server');
    }
  }
});

test('[CHAOS-3] a Redis that forgets meets servers that neither died nor slept shortly before', () => {
  for (const kind of ['server-kill', 'servers-kill', 'server-freeze'] as const)
    expect([mayMeet({ kind }, { kind: 'redis-older' }), mayMeet({ kind: 'redis-older' }, { kind })]).toEqual([
      false,
      false,
    ]);
  for (const seed of SEEDS) {
    const slots = scheduleOf({ ...options, seed });
    for (const [i, slot] of slots.entries()) {
      if (!kindsOf(slot).includes('redis-older')) continue;
      expect(slot.quietMs).toBe(REMEMBERED_MS);
      if (i > 0) expect(slot.at - endOf(slots[i - 1]!)).toBeGreaterThanOrEqual(REMEMBERED_MS);
    }
  }
});
