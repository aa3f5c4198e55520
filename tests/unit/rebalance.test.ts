import fc from 'fast-check';
import { shiftsFor } from '../../src/fleet/rebalance';

const servers = Array.from({ length: 6 }, (_, i) => ({ name: `chat-${3001 + i}`, port: 3001 + i }));

test('[SCALE-7] after the moves all servers have the same share, and nobody moved twice', () => {
  const loads = fc.array(fc.nat(5_000), { minLength: 1, maxLength: 6 });
  fc.assert(
    fc.property(loads, (connections) => {
      const after = [...connections];
      const [gave, took] = [new Set<number>(), new Set<number>()];
      for (const { from, to, count } of shiftsFor(servers.slice(0, connections.length), connections)) {
        expect(count).toBeGreaterThan(0);
        after[from.port - 3001]! -= count;
        after[to.port - 3001]! += count;
        gave.add(from.port);
        took.add(to.port);
      }
      expect([...gave].filter((port) => took.has(port))).toEqual([]);
      expect(Math.max(...after) - Math.min(...after)).toBeLessThanOrEqual(1);
    }),
  );
});

test('[SCALE-7] one that takes nobody gives its people away, and gets none', () => {
  const [full, calm, ill] = servers as [(typeof servers)[0], (typeof servers)[0], (typeof servers)[0]];
  const shifts = (connections: number[]) => shiftsFor([full, calm, ill], connections, [ill]);
  expect(shifts([10, 10, 100])).toEqual([
    { from: ill, to: full, count: 30 },
    { from: ill, to: calm, count: 30 },
  ]);
  expect(shifts([60, 60, 0])).toEqual([]);
  expect(shifts([80, 40, 0])).toEqual([{ from: full, to: calm, count: 20 }]);
});

test('[SCALE-7] servers that are alike are left alone', () => {
  expect(shiftsFor(servers.slice(0, 3), [10, 11, 10])).toEqual([]);
  expect(shiftsFor(servers.slice(0, 2), [100, 0])).toEqual([{ from: servers[0], to: servers[1], count: 50 }]);
});
