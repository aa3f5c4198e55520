import { loadSettings } from '../../src/config/load-settings';
import { FleetError } from '../../src/fleet/errors';
import {
  isFleetApp,
  leavingOf,
  parsePlan,
  planFor,
  resized,
  serverNamed,
  serversOf,
  withPorts,
} from '../../src/fleet/plan';

const settings = (env: Record<string, string>, file = '') => loadSettings(env, file);

test('[PLAN-1] names and ports follow from the plan', () => {
  expect(serversOf({ servers: 2, basePort: 3001 })).toEqual([
    { name: 'chat-3001', port: 3001 },
    { name: 'chat-3002', port: 3002 },
  ]);
  for (const [address, name] of [
    ['10.0.0.2', '10-0-0-2.chat-3001'],
    ['fd00::2', 'fd00--2.chat-3001'],
  ]) {
    const [server] = serversOf({ servers: 1, basePort: 3001, address: address! });
    expect(server).toEqual({ name, port: 3001, address });
    expect(serverNamed(server!.name)).toEqual(server);
  }
});

test('[PLAN-1] a name tells the port', () => {
  expect(serverNamed('chat-3001')).toEqual({ name: 'chat-3001', port: 3001 });
  for (const name of ['chat-redis', 'xchat-3001', 'chat-3001.b', 'chat-', 'b.chat-3001'])
    expect(serverNamed(name)).toBeUndefined();
});

test('[PLAN-2] the first plan comes from the settings; later ones keep it but for what was set explicitly', () => {
  const first = planFor(settings({ SERVERS: '4' }));
  expect(first).toEqual({ servers: 4, basePort: 3001, answered: 4 });
  expect(planFor(settings({}), { servers: 7, basePort: 4001 })).toEqual({ servers: 7, basePort: 4001 });
  expect(planFor(settings({ SERVERS: '2' }), first)).toEqual({ servers: 2, basePort: 3001, answered: 2 });
  expect(planFor(settings({}, 'BASE_PORT=5001'), first)).toEqual({ servers: 4, basePort: 5001 });
});

test('[PLAN-3] ports that overlap or do not exist are refused', () => {
  const wrong = [
    { SERVERS: '4', BASE_PORT: '8078' },
    { SERVERS: '4', BASE_PORT: '6387' },
    { SERVERS: '4', BASE_PORT: '65533' },
    { HTTP_PORT: '6390' },
    { OPS_PORT: '3002' },
    { OPS_PORT: '8080' },
  ];
  for (const env of wrong) expect(() => planFor(settings(env))).toThrow(FleetError);
  const foreignRedis = { SERVERS: '4', BASE_PORT: '6387', REDIS_URL: 'redis://redis.example:6390' };
  expect(planFor(settings(foreignRedis)).basePort).toBe(6387);
});

test('[PLAN-4] a plan file that is no plan is refused, not guessed at', () => {
  expect(parsePlan('{"servers":3,"basePort":3001}')).toEqual({ servers: 3, basePort: 3001 });
  for (const text of [
    '',
    '{}',
    '{"servers":0,"basePort":3001}',
    '{"servers":2,"basePort":3001,"address":"a b"}',
    'null',
    '{"servers":2,"basePort":3001,"ports":[3001]}',
    '{"servers":1,"basePort":3001,"leaving":["a"]}',
    '{"servers":1,"basePort":3001,"release":"../x"}',
  ]) {
    expect(() => parsePlan(text)).toThrow(FleetError);
  }
});

test('[PLAN-5] apps of others are not taken for ours', () => {
  for (const name of ['chat-3001', '10-0-0-2.chat-3001', 'chat-redis', 'chat-nginx', 'chat-monitor'])
    expect(isFleetApp(name)).toBe(true);
  for (const name of ['chat', 'chat-x', 'mychat-3001', 'chat-3001-old', 'web'])
    expect(isFleetApp(name)).toBe(false);
});

const ports = (plan: Parameters<typeof serversOf>[0]): number[] => serversOf(plan).map(({ port }) => port);

test('[SCALE-1] servers that stay keep their ports: new ones fill holes, the last ones go', () => {
  const plan = { servers: 2, basePort: 3001 };
  const more = resized(plan, 4, [3003]);
  expect(ports(more)).toEqual([3001, 3002, 3004, 3005]);
  expect(leavingOf(more)).toEqual([]);
  const fewer = resized(more, 3, [3003]);
  expect(ports(fewer)).toEqual([3001, 3002, 3004]);
  expect(leavingOf(fewer)).toEqual([{ name: 'chat-3005', port: 3005 }]);
  expect(resized(fewer, 2, [])).toEqual({ ...plan, leaving: [3004] });
  expect(resized({ ...plan, ports: [3001, 3003] }, 3, [])).toEqual({ servers: 3, basePort: 3001 });
  expect(parsePlan(JSON.stringify(fewer))).toEqual(fewer);
});

test('[SCALE-1] what SERVERS says is answered by a later scaling, until it says something else', () => {
  const scaled = { ...resized({ servers: 2, basePort: 3001 }, 3, []), answered: 2 };
  expect(planFor(settings({}, 'SERVERS=2'), scaled)).toEqual(scaled);
  expect(planFor(settings({ SERVERS: '4' }), scaled)).toEqual({ servers: 4, basePort: 3001, answered: 4 });
  const holed = withPorts(scaled, [3002, 3003, 3004], [3001]);
  expect(planFor(settings({ SERVERS: '2' }), holed)).toEqual(holed);
});
