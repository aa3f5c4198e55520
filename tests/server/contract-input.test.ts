import { once } from 'node:events';
import { request, type IncomingMessage } from 'node:http';
import { textOf } from '../../src/protocol/entries';
import type { Socket } from 'socket.io-client';
import type { Answer } from '../../src/protocol/events';
import { ask, enter, gather, named, newRoom, startServers, type Person } from '../support/person';
import { enterRaw, openPolling, openRaw } from '../support/raw';
import { startRedis } from '../support/redis';
import { next, type TestServer } from '../support/server';

let server: TestServer;
/** Sends what nobody should. */
let mallory: Person;
/** Two who only want to chat on the same server; nothing may happen to them. */
let ann: Person;
let ben: Person;
const quiet = newRoom();
const disturbances: string[] = [];
let chats = 0;

beforeAll(async () => {
  [server] = (await startServers(await startRedis(), 1)) as [TestServer];
  [ann, ben] = [await enter(server, named('Ann')), await enter(server, named('Ben'))];
  await gather(quiet, ann, ben);
  for (const person of [ann, ben]) {
    await person.accepted('detach', { room: 'lobby' });
    person.socket.on('disconnect', (reason) => disturbances.push(`disconnected: ${reason}`));
  }
});

beforeEach(async () => {
  if (!mallory?.socket.connected) mallory = await enter(server, named('Mallory'));
});

/** After each test, whatever it did, others keep chatting. An unhandled rejection fails the test by itself. */
afterEach(async () => {
  const heard = next(ben.socket, 'messages');
  await ann.say(quiet, `chat ${++chats}`);
  expect(textOf((await heard)[0]!)).toBe(`chat ${chats}`);
  expect(disturbances).toEqual([]);
  expect(ben.run(quiet).faults).toEqual([]);
});

const deep = (levels: number): string => '['.repeat(levels) + ']'.repeat(levels);
const proto = (json: string): unknown => JSON.parse(json);

/** What is wrong for any event: none of these is a payload. */
const nonsense: [string, unknown][] = [
  ['null', null],
  ['a number', 5],
  ['NaN, which is null on the wire', NaN],
  ['a boolean', true],
  ['an array', []],
  ['an array with a payload', [{ room: 'lobby' }]],
  ['an empty object', {}],
  ['binary', Buffer.from('lobby')],
  ['an object of only prototype keys', proto('{"__proto__":{"room":"lobby","text":"x"}}')],
  ['an object named like a placeholder', { _placeholder: true, num: 0 }],
];
const events = ['sendMessage', 'join', 'history', 'detach', 'leave'];
const good: Record<string, object> = {
  sendMessage: { room: 'lobby', text: 'x' },
  join: { room: 'lobby' },
  history: { room: 'lobby' },
  detach: { room: 'lobby' },
  leave: { room: 'lobby' },
};

describe.each(events)('%s', (event) => {
  test.each(nonsense)('[INPUT-1] with %s is invalid', async (_, payload) => {
    expect(await mallory.refusal(event, payload)).toBe('invalid');
  });

  test.each([
    ['an unknown key', { more: 1 }],
    ['an unknown key that is undefined at first and null on the wire', { more: null }],
    ['__proto__', proto('{"__proto__": {}}')],
    ['__proto__ of null', proto('{"__proto__": null}')],
    ['constructor', { constructor: { prototype: {} } }],
    ['toString', { toString: 'x' }],
    ['hasOwnProperty', { hasOwnProperty: 1 }],
    ['an empty key', { '': 1 }],
  ])('[INPUT-2] with %s beside good keys is invalid', async (_, extra) => {
    const payload = JSON.parse(
      JSON.stringify(good[event]).slice(0, -1) + `,${JSON.stringify(extra).slice(1)}`,
    ) as object;
    expect(await mallory.refusal(event, payload)).toBe('invalid');
  });

  test.each([null, 5, [], {}, true, Buffer.from('lobby'), [['lobby']]])(
    '[INPUT-1] with %j for room is invalid',
    async (room) => {
      expect(await mallory.refusal(event, { ...good[event], room })).toBe('invalid');
    },
  );

  test('[INPUT-3] without a payload, or with more than one, is invalid', async () => {
    expect(await mallory.refusal(event)).toBe('invalid');
    expect(await mallory.refusal(event, good[event], good[event])).toBe('invalid');
    expect(await mallory.refusal(event, good[event], null)).toBe('invalid');
    expect(await mallory.refusal(event, null, good[event])).toBe('invalid');
  });

  test.each([3_000, 10_000])('[INPUT-4] nested %d levels deep is invalid', async (levels) => {
    for (const payload of [deep(levels), `{"room":${deep(levels)}}`, objects(levels)]) {
      expect(await frameRefusal(mallory, event, payload)).toBe('invalid');
    }
  });

  test('[INPUT-5] without an acknowledgement, bad payloads hurt nobody', async () => {
    const plain = mallory.socket as unknown as Socket;
    for (const [, payload] of nonsense) plain.emit(event, payload);
    plain.emit(event);
    plain.emit(event, good[event], 'not a function');
    plain.emit(event, good[event], { call: 'me' });
    await mallory.join('lobby');
    expect(mallory.socket.connected).toBe(true);
  });
});

const objects = (levels: number): string => '{"a":'.repeat(levels) + '1' + '}'.repeat(levels);

let frames = 900_000;
/** Writes an event as text, since a client's own encoder recurses; answers with the code of the refusal. */
async function frameRefusal(person: Person, event: string, payload: string): Promise<string | undefined> {
  const { engine } = person.socket.io;
  const id = ++frames;
  const answered = new Promise<string>((resolve) => {
    const listen = (data: unknown): void => {
      if (typeof data !== 'string' || !data.startsWith(`3${id}[`)) return;
      engine.off('data', listen);
      resolve(data.slice(`3${id}`.length));
    };
    engine.on('data', listen);
  });
  engine.write(`2${id}["${event}",${payload}]`);
  const [answer] = JSON.parse(await answered) as [Answer<object>];
  return answer.ok ? undefined : answer.error.code;
}

describe('fields of sendMessage', () => {
  test.each<[string, object]>([
    ['no text', { room: 'lobby' }],
    ['no room', { text: 'x' }],
    ['a text that is a number', { room: 'lobby', text: 5 }],
    ['a text that is null', { room: 'lobby', text: null }],
    ['a text that is a list', { room: 'lobby', text: ['x'] }],
    ['a text that is binary', { room: 'lobby', text: Buffer.from('x') }],
    ['a reply to null', { room: 'lobby', text: 'x', replyTo: null }],
    ['a reply to a string', { room: 'lobby', text: 'x', replyTo: 'y' }],
    ['a reply without id', { room: 'lobby', text: 'x', replyTo: { from: 'a' } }],
    ['a reply with seq', { room: 'lobby', text: 'x', replyTo: { from: 'a', id: 'b', seq: 1 } }],
    ['a reply with an unknown key', { room: 'lobby', text: 'x', replyTo: { from: 'a', id: 'b', c: 1 } }],
    ['a reply to an id that is none', { room: 'lobby', text: 'x', replyTo: { from: 'a', id: 'é' } }],
    ['a reply to a number', { room: 'lobby', text: 'x', replyTo: { from: 1, id: 'b' } }],
  ])('[INPUT-1] %s is invalid', async (_, payload) => {
    expect(await mallory.refusal('sendMessage', payload)).toBe('invalid');
  });

  test.each<[string, unknown]>([
    ['null', null],
    ['a string', 'now'],
    ['a number', 3],
    ['no epoch', { seq: 1 }],
    ['no seq', { epoch: 'e' }],
    ['a negative seq', { epoch: 'e', seq: -1 }],
    ['half a seq', { epoch: 'e', seq: 1.5 }],
    ['a seq beyond all numbers', { epoch: 'e', seq: 2 ** 60 }],
    ['a seq of null', { epoch: 'e', seq: NaN }],
    ['an epoch that is a number', { epoch: 1, seq: 1 }],
    ['an empty epoch', { epoch: '', seq: 1 }],
    ['an unknown key', { epoch: 'e', seq: 1, n: 1 }],
  ])('[INPUT-1] a join with a since of %s is invalid', async (_, since) => {
    expect(await mallory.refusal('join', { room: 'lobby', since })).toBe('invalid');
  });
});

describe('events that nobody knows', () => {
  test.each([
    ...['nothing', '', 'SendMessage', 'sendmessage', 'hello', 'messages', 'gap', 'message', ' join', '한글'],
    ...['__proto__', 'constructor', 'toString', 'hasOwnProperty', 'valueOf', 'x'.repeat(10_000)],
  ])('[INPUT-6] %s is unknown_event', async (event) => {
    expect(await ask(mallory.socket, event, { room: 'lobby' })).toMatchObject({
      error: { code: 'unknown_event' },
    });
    (mallory.socket as unknown as Socket).emit(event, 'without an acknowledgement');
  });

  test.each([0, 1, -1, 1.5])(
    '[INPUT-6] an event with the number %d for a name is unknown_event',
    async (event) => {
      const { engine } = mallory.socket.io;
      const answer = new Promise<string>((resolve) =>
        engine.on('data', (data: unknown) => {
          if (typeof data === 'string' && data.startsWith('3777[')) resolve(data);
        }),
      );
      engine.write(`2777[${event},"x"]`);
      expect(await answer).toContain('"unknown_event"');
    },
  );
});

describe('frames', () => {
  const broken: [string, string][] = [
    ...['4', '40', '40{', '40[]', '40/nope,', '41/nope,', '42', '42[', '42{}', '42[]', '42[null]'],
    ...['42[true]', '42[[]]', '42[{}]', '42"x"', '42["connect"]', '42["disconnect"]', '42["disconnecting"]'],
    ...['42["newListener"]', '42["error"]', '42["connect_error",{}]', '42/other,["sendMessage","x"]'],
    ...['42["sendMessage","x"]trailing', '42999999999999999999999["join",{"room":"lobby"}]', '42-1["x"]'],
    ...['43', '43[]', '437[]', '43999["x"]', '437{}', '44', '44{}', '45', '450-["sendMessage"]', '451-[]'],
    ...['451-["sendMessage",{"_placeholder":true,"num":0}]', '451-["x"]', '459999999-["sendMessage"]'],
    ...['45-1-["x"]', '451["x"]', '451-["sendMessage",{"_placeholder":true,"num":"constructor"}]'],
    ...['46', '461-7[]', '47', '48', '49', '5', '6', '0', '0{}', '2', '2probe', '3', '3probe', '7', '9', '1'],
    ...['', ' ', '\0', 'b', 'bAAAA', 'x', 'undefined', '{"type":2}', '4\x1e4', `42${deep(5_000)}`],
    ...[`40${objects(5_000)}`, `40/${'n'.repeat(10_000)},`, '42["hello",{}]', '42["messages",[]]'],
  ].map((frame) => [JSON.stringify(frame.slice(0, 70)), frame]);

  test.each(broken)('[INPUT-7] the WebSocket frame %s hurts at most its sender', async (_, frame) => {
    const raw = await enterRaw(server.url);
    raw.send(frame);
    raw.send('42["sendMessage","after the frame"]');
    raw.send(Buffer.from([1, 2, 3]), 2);
    raw.send(frame, 2);
    await raw.end();
  });

  test.each(broken)('[INPUT-7] the polled packet %s hurts at most its sender', async (_, frame) => {
    const session = await openPolling(server.url);
    const { status } = await session.post(frame);
    expect([200, 400]).toContain(status);
  });

  test.each<[string, Buffer]>([
    ['reserved bits', Buffer.from([0xf1, 0x80, 0, 0, 0, 0])],
    ['an unknown opcode', Buffer.from([0x8b, 0x80, 0, 0, 0, 0])],
    ['no mask', Buffer.from([0x81, 0x01, 0x32])],
    ['invalid UTF-8', Buffer.from([0x81, 0x82, 0, 0, 0, 0, 0xc3, 0x28])],
    ['a continuation of nothing', Buffer.from([0x80, 0x80, 0, 0, 0, 0])],
    ['an impossible length', Buffer.from([0x81, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff])],
    ['a ping that is too long', Buffer.from([0x89, 0xfe, 0x01, 0x00, 0, 0, 0, 0])],
    ['a close with a bad code', Buffer.from([0x88, 0x82, 0, 0, 0, 0, 0, 1])],
    ['plain text', Buffer.from('GET / HTTP/1.1\r\n\r\n')],
  ])('[INPUT-7] a WebSocket frame with %s hurts at most its sender', async (_, bytes) => {
    const raw = await enterRaw(server.url);
    raw.bytes(bytes);
    await raw.end();
  });

  test.each([
    'EIO=3&transport=polling',
    'transport=polling',
    'EIO=4',
    'EIO=4&transport=pigeon',
    'EIO=4&transport=__proto__',
    'EIO=4&transport=polling&sid=nobody',
    'EIO=4&transport=polling&sid=__proto__',
    'EIO=4&transport=polling&sid=a&sid=b',
    'EIO=4&EIO=3&transport=polling&transport=websocket',
    `EIO=4&transport=polling&sid=${'x'.repeat(5_000)}`,
    'EIO=4&transport=polling&sid=%00%ff',
  ])('[INPUT-8] a handshake with ?%s is answered 400', async (query) => {
    for (const method of ['GET', 'POST', 'PUT']) {
      const { status } = await fetch(`${server.url}/socket.io/?${query}`, { method });
      expect(status).toBe(400);
    }
  });

  test.each(['EIO=4&transport=pigeon', 'EIO=4&transport=websocket&sid=nobody'])(
    '[INPUT-8] a WebSocket handshake with ?%s is answered 400',
    async (query) => {
      const asked = request(`${server.url}/socket.io/?${query}`, {
        headers: {
          Connection: 'Upgrade',
          Upgrade: 'websocket',
          'Sec-WebSocket-Version': '13',
          'Sec-WebSocket-Key': 'dGhlIHNhbXBsZSBub25jZQ==',
        },
      });
      asked.end();
      const [response] = (await once(asked, 'response')) as [IncomingMessage];
      expect(response.statusCode).toBe(400);
      response.resume();
    },
  );

  test('[INPUT-8] an unknown sid is answered with the code that makes clients begin anew', async () => {
    const response = await fetch(`${server.url}/socket.io/?EIO=4&transport=polling&sid=nobody`);
    expect(await response.json()).toStrictEqual({ code: 1, message: 'Session ID unknown' });
  });

  test('[INPUT-9] a client that connects and says nothing, or hangs up in the middle, hurts nobody', async () => {
    const raws = await Promise.all(Array.from({ length: 20 }, () => openRaw(server.url)));
    for (const [index, raw] of raws.entries()) {
      if (index % 2) raw.send('40');
      if (index % 3) raw.send('42["join",{"room":"lobby"}]');
      await raw.end();
    }
  });
});
