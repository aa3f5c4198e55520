import { setTimeout as sleep } from 'node:timers/promises';
import { loadSettings } from '../../src/config/load-settings';
import {
  enter,
  gather,
  named,
  newRoom,
  refusedConnection,
  startServers,
  type Person,
} from '../support/person';
import { enterRaw, openPolling } from '../support/raw';
import { startRedis, type TestRedis } from '../support/redis';
import { connect, next, type TestServer } from '../support/server';

const KIB_64 = 64 * 1024;
let redis: TestRedis;
let server: TestServer;
let ann: Person;
let ben: Person;
const room = newRoom();

beforeAll(async () => {
  redis = await startRedis();
  [server] = (await startServers(redis, 1)) as [TestServer];
  [ann, ben] = [await enter(server, named('Ann')), await enter(server, named('Ben'))];
  await gather(room, ann, ben);
});

async function othersChatOn(): Promise<void> {
  const { seq } = await ann.say(room, 'still here');
  await ben.reaches(room, seq);
  expect([ann.socket.connected, ben.socket.connected]).toEqual([true, true]);
}

describe('packets over 64 KiB', () => {
  const padded = (size: number): object => {
    const empty = JSON.stringify(['join', { room: 'lobby', pad: '' }]).length;
    return { room: 'lobby', pad: 'x'.repeat(size - empty) };
  };

  test.each(['websocket', 'polling'])(
    '[LIMIT-1] a packet over 64 KiB closes its own connection only (%s)',
    async (transport) => {
      const big = await enter(server, { transports: [transport] });
      const over = new Promise((done) => big.socket.once('disconnect', done));
      big.socket.emit('join', padded(KIB_64 + 1) as { room: string });
      await over;
      await othersChatOn();
    },
  );

  test.each(['websocket', 'polling'])(
    '[LIMIT-1] a packet of up to 64 KiB is read and answered (%s)',
    async (transport) => {
      const big = await enter(server, { transports: [transport] });
      expect(await big.refusal('join', padded(KIB_64 - 100))).toBe('invalid');
      expect(big.socket.connected).toBe(true);
    },
  );

  test('[LIMIT-1] the longest text of four-byte characters fits, and so does it as \\u escapes', async () => {
    const big = await enter(server, { transports: ['polling'] });
    await big.accepted('sendMessage', '😀'.repeat(4_000));
    const raw = await enterRaw(server.url);
    raw.send(`421["sendMessage","${'\\ud83d\\ude00'.repeat(4_000)}"]`);
    await raw.got('431[{"ok":true');
    await raw.end();
  });

  test('[LIMIT-1] a frame of 5 MB, a giant announced length and a huge POST close only themselves', async () => {
    const raw = await enterRaw(server.url);
    raw.send(Buffer.alloc(5_000_000, 'x'));
    await raw.closed;
    const lying = await enterRaw(server.url);
    lying.bytes(Buffer.from([0x81, 0xff, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0]));
    await lying.closed;
    const session = await openPolling(server.url);
    const status = await session.post('4'.repeat(5_000_000)).then(
      (response) => response.status,
      () => 413, // it hung up before the end of the body
    );
    expect(status).toBe(413);
    await othersChatOn();
  });
});

describe('100 rooms', () => {
  test('[LIMIT-2] a connection joins 100 rooms, lobby among them; the next is too_large', async () => {
    const cleo = await enter(server, named('Cleo'));
    const rooms = Array.from({ length: 99 }, (_, i) => `${room}-${i}`);
    await gather(rooms[0]!, ann);
    for (const each of rooms) await cleo.join(each);
    expect(await cleo.refusal('join', { room: `${room}-more` })).toBe('too_large');
    expect(await cleo.refusal('sendMessage', { room: `${room}-more`, text: 'x' })).toBe('not_a_member');
    await cleo.join(rooms[98]!);
    await cleo.accepted('detach', { room: rooms[98]! });
    await cleo.join(`${room}-more`);
    expect(await cleo.refusal('join', { room: rooms[98]! })).toBe('too_large');
    const { seq } = await cleo.say(rooms[0]!, 'all of them work');
    await ann.reaches(rooms[0]!, seq);
  });

  test('[LIMIT-2] a resume names 100 rooms; one more refuses the connection', async () => {
    const rooms = ['lobby', ...Array.from({ length: 99 }, (_, i) => `${room}-resumed-${i}`)];
    const positions = Object.fromEntries(rooms.map((each) => [each, { epoch: 'e', seq: 0 }]));
    const cleo = await enter(server, { auth: { rooms: positions } });
    expect(cleo.hello.rooms).toHaveLength(100);
    const more = { ...positions, [`${room}-more`]: { epoch: 'e', seq: 0 } };
    const { code } = await refusedConnection(server.url, { auth: { rooms: more } });
    expect(['invalid', 'too_large']).toContain(code);
  });

  test('[LIMIT-2] 100 joins at once do not slip past the limit', async () => {
    const cleo = await enter(server, named('Cleo'));
    const rooms = Array.from({ length: 120 }, (_, i) => `${room}-at-once-${i}`);
    const codes = await Promise.all(rooms.map((each) => cleo.refusal('join', { room: each })));
    expect(codes.filter((code) => code === undefined)).toHaveLength(99);
    expect(codes.filter((code) => code === 'too_large')).toHaveLength(21);
  });
});

describe('20 sends a second, 100 at once', () => {
  let limited: TestServer;

  beforeAll(async () => {
    const { sendsPerSecond, sendsBurst } = loadSettings({}).settings;
    [limited] = (await startServers(redis, 1, { sendsPerSecond, sendsBurst })) as [TestServer];
  });

  const sendMany = (person: Person, count: number) =>
    Promise.all(
      Array.from({ length: count }, (_, i) =>
        person.ask('sendMessage', { room: 'lobby', text: `t${i}`, id: `i${i}` }),
      ),
    );

  test('[LIMIT-3] a burst of 100 is accepted, what is over it is rate_limited with an honest retryAfterMs', async () => {
    const sender = await enter(limited, named('Hasty'));
    const start = Date.now();
    const answers = await sendMany(sender, 160);
    const refilled = Math.ceil(((Date.now() - start) / 1_000) * 20);
    const refused = answers.flatMap((answer) => (answer.ok ? [] : [answer.error]));
    expect(160 - refused.length).toBeGreaterThanOrEqual(100);
    expect(160 - refused.length).toBeLessThanOrEqual(100 + refilled);
    for (const error of refused) {
      expect(error.code).toBe('rate_limited');
      expect(error.retryAfterMs).toBeGreaterThan(0);
      expect(error.retryAfterMs).toBeLessThanOrEqual(5_000);
    }
    const again = answers.findIndex((answer) => !answer.ok);
    await sleep(refused[0]!.retryAfterMs); // the promise under test: after this time it is accepted
    await sender.say('lobby', `t${again}`, `i${again}`);
  });

  test('[LIMIT-3] who waits as told gets everything through, at 20 a second', async () => {
    const sender = await enter(limited, named('Patient'));
    await sendMany(sender, 100);
    let attempts = 0;
    for (let i = 0; i < 10; i++) {
      for (;;) {
        attempts++;
        const answer = await sender.ask('sendMessage', { room: 'lobby', text: `p${i}`, id: `p${i}` });
        if (answer.ok) break;
        expect(answer.error.code).toBe('rate_limited');
        await sleep(answer.error.retryAfterMs);
      }
    }
    expect(attempts).toBeLessThanOrEqual(30);
  });

  test('[LIMIT-4] the limit is for each connection: others are not slowed down, nor is what is no send', async () => {
    const hasty = await enter(limited, named('Hasty'));
    const same = await enter(limited, named('Hasty'));
    const other = await enter(limited, named('Other'));
    const answers = await sendMany(hasty, 150);
    expect(answers.some((answer) => !answer.ok)).toBe(true);
    await same.say('lobby', 'from my other window');
    await other.say('lobby', 'from somebody else');
    await hasty.join('lobby');
    await hasty.accepted('history', { room: 'lobby', limit: 1 });
  });

  test('[LIMIT-4] without acknowledgements the limit holds too', async () => {
    const witness = await enter(limited);
    const socket = connect(limited.url, named('Silent'));
    await next(socket, 'hello');
    const start = Date.now();
    for (let i = 0; i < 300; i++) socket.emit('sendMessage', `flood ${i}`);
    await witness.hears('lobby', 'flood 99');
    const marker = await enter(limited);
    await marker.say('lobby', 'end of the flood');
    await witness.hears('lobby', 'end of the flood');
    const heard = witness.texts('lobby').filter((text) => text.startsWith('flood')).length;
    expect(heard).toBeLessThanOrEqual(100 + Math.ceil(((Date.now() - start) / 1_000) * 20));
  });
});
