import { serverStatus, skewOf } from '../../src/fleet/server-status';
import { duration, statusText } from '../../src/cli/status-text';
import type { ServerStats } from '../../src/protocol/stats';
import { statsOf } from '../support/stats';

const place = { name: 'chat-3001', port: 3001 };
const app = { name: 'chat-3001', pid: 1, status: 'online', script: '', cwd: '/', restarts: 2, startedAt: 0 };

test('[STATUS-1] rates are differences over time', () => {
  const samples: [ServerStats, ServerStats] = [
    statsOf({ calls: 100, deliveries: 1_000, cpuMicros: 5_000_000 }),
    statsOf({ calls: 150, deliveries: 3_000, cpuMicros: 6_000_000 }),
  ];
  expect(serverStatus(place, app, samples, 2)).toMatchObject({
    state: 'ok',
    callsPerSecond: 25,
    deliveriesPerSecond: 1_000,
    cpuPercent: 50,
    loopDelayP99Ms: 12,
    restarts: 2,
  });
});

test('[STATUS-2] a server that restarted between the samples has no negative rate', () => {
  const samples: [ServerStats, ServerStats] = [statsOf({ calls: 100 }), statsOf({ calls: 3, startedAt: 2 })];
  expect(serverStatus(place, app, samples, 1)).toMatchObject({ callsPerSecond: 0 });
});

test('[STATUS-3] a server that is silent, stopped or unknown to PM2 is shown as that', () => {
  const silent: [undefined, undefined] = [undefined, undefined];
  expect(serverStatus(place, app, silent, 1).state).toBe('no answer');
  expect(serverStatus(place, { ...app, status: 'stopped' }, silent, 1).state).toBe('stopped');
  expect(serverStatus(place, undefined, silent, 1).state).toBe('down');
});

test('[STATUS-4] skew is the largest share over the fair one', () => {
  expect(skewOf([10, 10])).toBe(1);
  expect(skewOf([30, 10, 0, 0])).toBe(3);
  expect(skewOf([0, 0])).toBeNull();
});

test('[STATUS-5] durations read well at every size', () => {
  const [second, minute, hour] = [1_000, 60_000, 3_600_000];
  const shown = [5 * second, 12 * minute, 2 * hour + 10 * minute, 76 * hour].map(duration);
  expect(shown).toEqual(['5 s', '12 min', '2 h 10 min', '3 d 4 h']);
});

test('[STATUS-7] messages that wait on the disk are counted', () => {
  const text = (...queued: number[]): string => {
    const servers = queued.map((count) => {
      const stats = statsOf({ queued: count, state: 'degraded' });
      return serverStatus(place, app, [stats, stats], 1);
    });
    const rest = {
      schema: 'fleet.status/1',
      at: 0,
      connections: 5,
      skew: 1,
      healthy: false,
      down: false,
    } as const;
    return statusText({ ...rest, url: 'http://127.0.0.1:8080/', servers, helpers: [] });
  };
  expect(text(3, 4)).toContain('chat-3001 degraded; 7 messages wait on the disk for Redis\n');
  expect(text(0, 0)).not.toContain('wait');
});
