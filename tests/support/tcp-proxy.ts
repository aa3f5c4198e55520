import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { onCleanup } from './cleanup';

/** Stands between servers and Redis: can slow down its answers, or swallow what it says to subscribers. */
export interface TcpProxy {
  url: string;
  /** Connections over which somebody has subscribed so far. */
  subscribers(): number;
  /** From now on these connections stay open, and nothing comes through them. */
  deafen(): void;
  /** Nothing is read from Redis any more over these connections, so that it has to keep what it publishes; ended, they go on. */
  stall(on: boolean): void;
  /** From now on answers to commands take so much longer; what is published does not. */
  slowDown(ms: number): void;
  /** Ends every connection, and takes no new ones. */
  cut(): void;
  /** Ends every connection, and those that come as well, until `resume`. */
  pause(): void;
  resume(): void;
  /** From now on it leads to this port; every connection ends. */
  leadTo(port: number): void;
  /** Connections stay open and new ones are taken, but nothing comes through; ended, all of them end. */
  swallow(on: boolean): void;
}

export async function startProxy(first: number): Promise<TcpProxy> {
  let port = first;
  const open: { subscribed: boolean; deaf: boolean; far: Socket }[] = [];
  const sockets = new Set<Socket>();
  let delayMs = 0;
  let paused = false;
  let swallowing = false;
  const listener = createServer((near) => {
    if (paused) return void near.destroy();
    const far = connect(port, '127.0.0.1');
    const state = { subscribed: false, deaf: false, far };
    open.push(state);
    near.on('data', (chunk) => {
      state.subscribed ||= /SUBSCRIBE\r\n/i.test(chunk.toString('latin1'));
      if (!swallowing) far.write(chunk);
    });
    let delayed = 0;
    let dueAt = 0;
    far.on('data', (chunk) => {
      if (state.deaf || swallowing) return;
      // Never past what is still delayed.
      if ((delayMs === 0 && delayed === 0) || state.subscribed) return void near.write(chunk);
      delayed++;
      const pass = (): void => {
        delayed--;
        near.write(chunk);
      };
      dueAt = Math.max(dueAt, Date.now() + delayMs);
      setTimeout(pass, dueAt - Date.now());
    });
    for (const [one, other] of [
      [near, far],
      [far, near],
    ] as const) {
      sockets.add(one);
      one.on('error', () => undefined);
      one.on('close', () => other.destroy());
    }
  });
  listener.listen(0, '127.0.0.1');
  await once(listener, 'listening');
  const cut = (): void => {
    listener.close();
    for (const socket of sockets) socket.destroy();
  };
  onCleanup(cut);
  return {
    url: `redis://127.0.0.1:${(listener.address() as AddressInfo).port}`,
    subscribers: () => open.filter(({ subscribed }) => subscribed).length,
    deafen: () => {
      for (const state of open) state.deaf ||= state.subscribed;
    },
    stall: (on) => {
      for (const { subscribed, far } of open) if (subscribed) far[on ? 'pause' : 'resume']();
    },
    slowDown: (ms) => (delayMs = ms),
    cut,
    pause: () => {
      paused = true;
      for (const socket of sockets) socket.destroy();
    },
    resume: () => (paused = false),
    leadTo: (other) => {
      port = other;
      for (const socket of sockets) socket.destroy();
    },
    swallow: (on) => {
      swallowing = on;
      if (!on) for (const socket of sockets) socket.destroy();
    },
  };
}
