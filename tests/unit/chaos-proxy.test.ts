import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { FaultProxy } from '../../src/load/chaos/proxy';
import { onCleanup } from '../support/cleanup';
import { eventually } from '../support/eventually';

/** Answers every chunk with itself, and knows what it got and from where. */
interface Echo {
  port: number;
  heard: string[];
  from: (string | undefined)[];
  /** Ends the connections that there are. */
  hangUp: () => void;
}

async function startEcho(): Promise<Echo> {
  const heard: string[] = [];
  const from: (string | undefined)[] = [];
  const sockets: Socket[] = [];
  const listener = createServer((socket) => {
    sockets.push(socket);
    from.push(socket.remoteAddress);
    socket.on('error', () => undefined);
    socket.on('data', (chunk) => {
      heard.push(chunk.toString());
      socket.write(chunk);
    });
  });
  listener.listen(0, '127.0.0.1');
  await once(listener, 'listening');
  onCleanup(() => {
    listener.close();
    for (const socket of sockets) socket.destroy();
  });
  const hangUp = (): void => sockets.forEach((socket) => socket.destroy());
  return { port: (listener.address() as AddressInfo).port, heard, from, hangUp };
}

/** A client with all that it was answered. */
async function client(port: number): Promise<{ socket: Socket; answers: string[] }> {
  const socket = connect({ port, host: '127.0.0.1', localAddress: '127.9.8.1' });
  const answers: string[] = [];
  socket.on('error', () => undefined);
  socket.on('data', (chunk) => answers.push(chunk.toString()));
  onCleanup(() => socket.destroy());
  await once(socket, 'connect');
  return { socket, answers };
}

async function start() {
  const echo = await startEcho();
  const proxy = await FaultProxy.start(echo.port);
  onCleanup(() => proxy.close());
  const one = await client(proxy.port);
  one.socket.write('a');
  await eventually(() => expect(one.answers).toEqual(['a']));
  return { echo, proxy, one };
}

/** A new connection works: so what was sent before on others had its time. */
async function isThrough(port: number): Promise<void> {
  const probe = await client(port);
  probe.socket.write('probe');
  await eventually(() => expect(probe.answers).toEqual(['probe']));
}

test('[CHAOS-4] passes on from the address that the client came from', async () => {
  const { echo } = await start();
  expect(echo.from).toEqual(['127.9.8.1']);
});

test('[CHAOS-4] cuts connections, lets none through, and heals', async () => {
  const { proxy, one } = await start();
  proxy.set('cut');
  await once(one.socket, 'close');
  const two = await client(proxy.port);
  await once(two.socket, 'close');
  proxy.set('pass');
  await isThrough(proxy.port);
});

test.each(['both', 'up'] as const)('[CHAOS-4] %s: swallows what clients say, for good', async (mode) => {
  const { echo, proxy, one } = await start();
  proxy.set(mode);
  one.socket.write('b');
  await isThrough(echo.port);
  proxy.set('pass');
  one.socket.write('c');
  await isThrough(proxy.port);
  expect(echo.heard).not.toContain('b');
  expect(echo.heard).not.toContain('c');
  expect(one.socket.destroyed).toBe(false);
});

test('[CHAOS-4] down: swallows what servers say, for good, and they hear everything', async () => {
  const { echo, proxy, one } = await start();
  proxy.set('down');
  one.socket.write('b');
  await eventually(() => expect(echo.heard).toContain('b'));
  await isThrough(echo.port);
  proxy.set('pass');
  one.socket.write('c');
  await eventually(() => expect(echo.heard).toContain('c'));
  await isThrough(proxy.port);
  expect(one.answers).toEqual(['a']);
});

test('[CHAOS-4] a connection that was silent meanwhile goes on', async () => {
  const { proxy, one } = await start();
  proxy.set('both');
  proxy.set('pass');
  one.socket.write('b');
  await eventually(() => expect(one.answers.join('')).toBe('ab'));
});

test('[CHAOS-4] an end that was swallowed is found out by the next word', async () => {
  const { echo, proxy, one } = await start();
  proxy.set('both');
  echo.hangUp();
  await isThrough(echo.port);
  proxy.set('pass');
  expect(one.socket.destroyed).toBe(false);
  one.socket.write('b');
  await once(one.socket, 'close');
});
