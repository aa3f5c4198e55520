import { randomBytes } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import fc from 'fast-check';
import { Server } from 'socket.io';
import { io as connect, type Socket as Client } from 'socket.io-client';
import { refuseEarly, type EarlyRefusal } from '../../src/server/edge/early-refusal';
import type { Limit } from '../../src/server/edge/load';
import type { ChatIo } from '../../src/server/edge/sockets';
import { webSocketOf, type Conn, type Receiver } from '../../src/server/edge/undeclared';
import { newCounters, type Counters } from '../../src/server/flow/counters';
import { Slices } from '../../src/server/flow/slices';
import { onCleanup } from '../support/cleanup';
import { eventually } from '../support/eventually';
import { masked } from '../support/raw';

/** A server that refuses when it is told to, and its end of a connection. */
interface Ends {
  limit: Limit & { isOn: boolean };
  counters: Counters;
  refusals: EarlyRefusal;
  client: Client;
  conn: Conn;
  /** Messages that came as far as Engine.IO. */
  seen: string[];
  /** Numbers of the acknowledgements of what was refused, in the order of the answers. */
  told: number[];
}

async function enter(transports: string[]): Promise<Ends> {
  const http = createServer();
  // No ping comes between within a test.
  const io = new Server(http, { pingInterval: 300_000 }) as ChatIo;
  const limit = {
    isOn: false,
    refuses: () => limit.isOn,
    get isRefusing() {
      return limit.isOn;
    },
    retryAfterMs: () => 1_500,
  };
  const counters = newCounters();
  const refusals = refuseEarly(io, limit, counters, new Slices());
  const conns: Conn[] = [];
  io.on('connection', ({ conn }) => conns.push(conn));
  await new Promise<void>((listening) => http.listen(0, '127.0.0.1', listening));
  onCleanup(() => io.close());
  const url = `http://127.0.0.1:${(http.address() as AddressInfo).port}`;
  const client = connect(url, { forceNew: true, transports });
  onCleanup(() => client.close());
  await eventually(() => expect(conns[0]?.transport.name).toBe(transports.at(-1)));
  const conn = conns[0]!;
  const [seen, told]: [string[], number[]] = [[], []];
  conn.on(
    'packet',
    ({ type, data }: { type: string; data?: string }) => type === 'message' && seen.push(data!),
  );
  conn.on('packetCreate', ({ data }: { data?: string }) => {
    for (const [, ack] of (data ?? '').matchAll(/3(\d+)\[\{"ok":false/g)) told.push(Number(ack));
  });
  return { limit, counters, refusals, client, conn, seen, told };
}

const REFUSED = /sendMessage|react/;
const frameOf = (text: string, opcode?: number): Buffer => masked(Buffer.from(text), randomBytes(4), opcode);

const FRAGMENTED = '2["typing","in two"]';
const [TEXT, REST, PING, FIN] = [1, 0, 9, 0x80];

/** Frames that may stand before one of a message. */
const BEFORE = {
  nothing: () => [],
  ping: () => [frameOf('are you there?', PING)],
  fragments: () => {
    const [first, second] = [frameOf('42["typing",', TEXT), frameOf('"in two"]', REST)] as const;
    first[0]! -= FIN;
    return [first, second];
  },
};

const SIZES = fc.oneof(fc.nat(200), fc.constantFrom(65_500, 70_000));

test.each([[['websocket']], [['polling', 'websocket']]])(
  '[OVER-10] what is refused to a WebSocket does not come as far as Engine.IO (%s)',
  async (transports) => {
    const { limit, client, conn, seen } = await enter(transports);
    limit.isOn = true;
    const before = seen.length;
    const answers = ['one', 'two', '한국어'.repeat(1_000)].map(
      (text) => new Promise((answer) => client.emit('sendMessage', { text }, answer)),
    );
    for (const answer of await Promise.all(answers))
      expect(answer).toEqual({
        ok: false,
        error: { code: 'overloaded', message: expect.any(String) as string, retryAfterMs: 1_500 },
      });
    expect(conn.transport.name).toBe('websocket');
    expect(seen.slice(before)).toEqual([]);
    limit.isOn = false;
    client.emit('sendMessage', { text: 'again' });
    await eventually(() => expect(seen.slice(before)).toEqual(['2["sendMessage",{"text":"again"}]']));
  },
);

test('[OVER-10] a client that polls is refused, too', async () => {
  const { limit, client, counters } = await enter(['polling']);
  limit.isOn = true;
  const answers = [1, 2].map((text) => new Promise((answer) => client.emit('sendMessage', { text }, answer)));
  expect(await Promise.all(answers)).toMatchObject([1, 2].map(() => ({ error: { code: 'overloaded' } })));
  expect(counters.refused.overloaded).toBe(2);
});

test('[OVER-10] in whatever pieces it comes, all of a refused kind is refused once, and all else comes in order', async () => {
  const { limit, counters, refusals, conn, seen, told } = await enter(['websocket']);
  const receiver: Receiver = webSocketOf(conn.transport)!._receiver!;
  const message = fc.record({
    event: fc.constantFrom('sendMessage', 'react', 'join', 'typing'),
    size: SIZES,
    // What may stand before it: nothing, a ping of the protocol, a message in two frames.
    before: fc.constantFrom('nothing' as const, 'ping' as const, 'fragments' as const),
  });
  const runs = fc.record({
    messages: fc.array(message, { minLength: 1, maxLength: 12 }),
    // Where the bytes are cut, as shares of their length.
    cuts: fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 8 }),
  });
  fc.assert(
    fc.property(runs, ({ messages, cuts }) => {
      limit.isOn = true;
      seen.length = told.length = 0;
      const before = counters.refused.overloaded;
      const texts = messages.map(
        ({ event, size }, i) => `2${i + 1}["${event}","${'한'.repeat(size / 3)}${'x'.repeat(size % 3)}"]`,
      );
      const frames = messages.flatMap(({ before }, i) => [...BEFORE[before](), frameOf(`4${texts[i]}`)]);
      const bytes = Buffer.concat(frames);
      const at = [
        0,
        ...cuts.map((share) => Math.floor(share * bytes.length)).sort((a, b) => a - b),
        bytes.length,
      ];
      for (let i = 1; i < at.length; i++) receiver.write(bytes.subarray(at[i - 1], at[i]));
      refusals.flush();
      const numbered = messages.map(({ event }, i) => ({ event, ack: i + 1, text: texts[i]! }));
      const refused = numbered.filter(({ event }) => REFUSED.test(event)).map(({ ack }) => ack);
      const passed = numbered.filter(({ event }) => !REFUSED.test(event)).map(({ text }) => text);
      expect(told).toEqual(refused);
      expect(counters.refused.overloaded - before).toBe(refused.length);
      const others = seen.filter((text) => !REFUSED.test(text.slice(0, 20)));
      expect(others.filter((text) => text !== FRAGMENTED)).toEqual(passed);
      expect(others).toHaveLength(
        passed.length + messages.filter(({ before }) => before === 'fragments').length,
      );
    }),
    { numRuns: 200 },
  );
});

test('[OVER-10] a message that comes in two pieces hides none behind it', async () => {
  const { limit, refusals, conn, seen, told } = await enter(['websocket']);
  const receiver = webSocketOf(conn.transport)!._receiver!;
  limit.isOn = true;
  const before = seen.length;
  const bytes = Buffer.concat([1, 2, 3].map((ack) => frameOf(`42${ack}["sendMessage",{}]`)));
  for (const piece of [bytes.subarray(0, 20), bytes.subarray(20)]) receiver.write(piece);
  refusals.flush();
  expect(told).toEqual([1, 2, 3]);
  expect(seen.slice(before)).toEqual(['21["sendMessage",{}]']);
});

test('[OVER-10] nothing is counted, or told, of what a connection sends that the server has closed', async () => {
  const { limit, refusals, conn, counters, told } = await enter(['websocket']);
  const receiver = webSocketOf(conn.transport)!._receiver!;
  limit.isOn = true;
  conn.close();
  receiver.write(frameOf('421["sendMessage",{}]'));
  refusals.flush();
  expect([counters.refused.overloaded, told]).toEqual([0, []]);
});

test.each(['421["react",{}]', '42/,1["react",{}]', '421[ "react",{}]'])(
  '[OVER-3] however it is written, it is refused: %s',
  async (text) => {
    const { limit, refusals, conn, told } = await enter(['websocket']);
    limit.isOn = true;
    webSocketOf(conn.transport)!._receiver!.write(frameOf(text));
    refusals.flush();
    expect(told).toEqual([1]);
  },
);

test('[OVER-10] what looks like a refused message in the middle of another is none', async () => {
  const { limit, refusals, conn, seen, told } = await enter(['websocket']);
  const receiver = webSocketOf(conn.transport)!._receiver!;
  limit.isOn = true;
  // With these masks the bytes of the one are, under the mask of the other, text.
  const [outer, inner] = [Buffer.from([0x80, 0x80, 0, 0]), Buffer.from([0, 0, 0x80, 0x80])];
  const hidden = masked(Buffer.from('421["sendMessage",{}]'), inner);
  const start = '42["join","x';
  const text = `${start}${hidden.map((byte, i) => byte ^ outer[i % 4]!).toString()}"]`;
  const bytes = masked(Buffer.from(text), outer);
  const at = bytes.indexOf(hidden);
  receiver.write(bytes.subarray(0, at));
  receiver.write(bytes.subarray(at));
  refusals.flush();
  expect([seen.at(-1), told]).toEqual([text.slice(1), []]);
});
