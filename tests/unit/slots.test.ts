import { shownSettings } from '../../src/cli/config-text';
import { loadSettings } from '../../src/config/load-settings';
import { redisAddresses } from '../../src/config/redis-addresses';
import { tagIn } from '../../src/redis/shard';
import { parseNodes, slotOf } from '../../src/redis/slots';
import { roomChannel, roomKeys } from '../../src/server/roomlog/keys';
import { startRedis } from '../support/redis';
import { redisClient } from '../support/redis-client';

test('[CLUSTER-1] all keys of a room, and its channel, lie in one slot, and rooms in many', () => {
  const rooms = [
    'lobby',
    'team-1',
    '광장',
    'a:b',
    'dm:x:y',
    ...Array.from({ length: 200 }, (_, i) => `room ${i}`),
  ];
  const slots = rooms.map((room) => {
    const all = [
      ...roomKeys('chat:', room),
      roomChannel('chat:', room),
      `chat:{${room}}:present:chat-3001:x`,
    ];
    expect(new Set(all.map(slotOf)).size).toBe(1);
    return slotOf(all[0]!);
  });
  expect(new Set(slots).size).toBeGreaterThan(190);
});

test('[CLUSTER-1] slots are counted as Redis counts them', async () => {
  const redis = await startRedis('--cluster-enabled', 'yes');
  const client = await redisClient(redis);
  const keys = ['', 'a', '123456789', 'chat:{광장}:log', '{}x', 'x{}{y}', '{{a}}', 'a}b{c', '{a}{b}', 'é{ü}'];
  for (const key of keys) expect([key, slotOf(key)]).toEqual([key, await client.clusterKeySlot(key)]);
});

test('[CLUSTER-1] each shard finds a tag in its slots, be they as few as one', () => {
  for (const slots of [
    [[0, 5_460]],
    [[16_383, 16_383]],
    [
      [7, 7],
      [9, 9],
    ],
  ] as [number, number][][]) {
    const slot = slotOf(`chat:probe{${tagIn(slots)}}`);
    expect(slots.some(([first, last]) => first <= slot && slot <= last)).toBe(true);
  }
});

test('[CLUSTER-2] a master is known with its slots and replicas, whatever moves or has failed', () => {
  const text = [
    'm1 127.0.0.1:7001@17001,host master - 0 0 3 connected 0-99 105 [93-<-m2] [120->-m2]',
    'r1 10.0.0.2:7002@17002 slave m1 0 1 3 connected',
    'm2 :7003@17003 myself,master - 0 0 8 connected 200-16383',
    'm3 10.0.0.4:7004@17004 master,fail - 0 0 9 disconnected',
    'r2 ::1:7005@17005 slave,fail m2 0 0 8 connected',
    '',
  ].join('\n');
  expect(parseNodes(text)).toEqual({
    epoch: 8,
    masters: [
      { address: '127.0.0.1:7001', slots: [[0, 99], [105, 105]], nodes: ['m1', 'r1'] },
      { address: ':7003', slots: [[200, 16_383]], nodes: ['m2', 'r2'] },
    ],
  }); // prettier-ignore
});

test('[CLUSTER-3] several addresses in REDIS_URL name a cluster, one a single Redis', () => {
  expect(redisAddresses('redis://u:a,b@h1:1,h2:2')).toEqual(['redis://u:a,b@h1:1', 'redis://u:a,b@h2:2']);
  expect(redisAddresses('rediss://h1:1,[::1]:2')).toEqual(['rediss://h1:1', 'rediss://[::1]:2']);
  expect(redisAddresses('redis://:a,b@h1:1/2')).toEqual(['redis://:a,b@h1:1/2']);
  const load = (url: string) => loadSettings({ REDIS_URL: url }).settings.redisUrl;
  expect(load('redis://:pw@h1:1,h2:2')).toBe('redis://:pw@h1:1,h2:2');
  const shown = shownSettings(loadSettings({ REDIS_URL: 'redis://u:a,b@h1:1,h2:2' }));
  expect(shown.find(({ name }) => name === 'REDIS_URL')).toHaveProperty('value', 'redis://u:***@h1:1,h2:2');
  for (const wrong of ['redis://h1:1,', 'redis://h1:1,h2:x', 'redis://h1:1,h2:2/1', 'redis://h1:1, h2:2'])
    expect(() => load(wrong)).toThrow('REDIS_URL');
});
