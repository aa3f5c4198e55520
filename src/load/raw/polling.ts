import type { Socket } from 'node:net';
import { bodyStart, hostHeader, openSocket, type Link, type Receiver, type Target } from './connection';

const SEPARATOR = 0x1e;
const LENGTH = /^content-length: *(\d+)/im;
const CLOSES = /^connection: *close/im;

/** An HTTP answer, once it is whole. */
type OnAnswer = (status: number, bytes: Buffer, start: number, end: number) => void;

export interface PollingLink extends Link {
  /** Asks no more; `paused` is called when nothing is under way. */
  pause(paused: () => void): void;
}

/**
 * Opens a polling session to Engine.IO 4 as client number `index`: one connection asks again and again, another one
 * sends.
 */
export function openPolling(target: Target, index: number, receiver: Receiver): PollingLink {
  let sid: string | undefined;
  let posting = false;
  let waiting: string[] = [];
  let over = false;
  let polling = true;
  let paused: (() => void) | undefined;

  const end = (reason: string): void => {
    if (over) return;
    over = true;
    get.close();
    post.close();
    receiver.ended(reason);
  };
  const settle = (): void => {
    if (polling || posting || waiting.length > 0) return;
    const done = paused;
    paused = undefined;
    done?.();
  };
  const poll = (): void => get.ask('GET', path(sid));
  const flush = (): void => {
    if (posting || waiting.length === 0) return settle();
    posting = true;
    post.ask('POST', path(sid), waiting.join('\x1e'));
    waiting = [];
  };
  const answered: OnAnswer = (status, bytes, start, stop) => {
    if (status !== 200) return end(`a poll was answered with ${status}`);
    sid ??= (JSON.parse(bytes.toString('utf8', start + 1, stop)) as { sid: string }).sid;
    for (let at = start; at < stop;) {
      const separator = bytes.indexOf(SEPARATOR, at);
      const until = separator === -1 || separator > stop ? stop : separator;
      receiver.packet(bytes, at, until);
      at = until + 1;
    }
    polling = paused === undefined;
    if (polling) poll();
    else settle();
  };
  const posted: OnAnswer = (status) => {
    posting = false;
    if (status !== 200) return end(`a POST was answered with ${status}`);
    flush();
  };
  const get = openHttp(target, index, answered, end);
  const post = openHttp(target, index, posted, end);
  poll();
  return {
    send: (packet) => {
      waiting.push(packet);
      flush();
    },
    close: () => {
      over = true;
      get.close();
      post.close();
    },
    pause: (done) => {
      paused = done;
      settle();
    },
  };
}

function path(sid: string | undefined): string {
  const session = sid === undefined ? '' : `&sid=${encodeURIComponent(sid)}`;
  return `/socket.io/?EIO=4&transport=polling${session}`;
}

/** Asks one thing at a time over a kept connection; over a new one when the server ends it with its answer or after. */
function openHttp(target: Target, index: number, onAnswer: OnAnswer, ended: (reason: string) => void) {
  const host = hostHeader(target);
  let socket: Socket | undefined;
  let asking = false;
  let closed = false;
  const read = (bytes: Buffer): number => {
    const start = bodyStart(bytes);
    if (start === -1) return 0;
    const head = bytes.toString('latin1', 0, start);
    const end = start + Number(LENGTH.exec(head)?.[1] ?? 0);
    if (end > bytes.length) return 0;
    asking = false;
    if (CLOSES.test(head)) {
      socket?.end();
      socket = undefined;
    }
    onAnswer(Number(head.slice(9, 12)), bytes, start, end);
    return end;
  };
  const open = (): Socket => {
    const opened = openSocket(target, index, read, (reason) => {
      if (socket !== opened) return;
      socket = undefined;
      if (asking && !closed) ended(reason);
    });
    return opened;
  };
  return {
    ask: (method: 'GET' | 'POST', where: string, body = ''): void => {
      if (closed) return;
      asking = true;
      socket ??= open();
      socket.write(`${method} ${where} HTTP/1.1\r\n${host}\r\n${lengthOf(method, body)}\r\n${body}`);
    },
    close: (): void => {
      closed = true;
      socket?.destroy();
    },
  };
}

function lengthOf(method: 'GET' | 'POST', body: string): string {
  if (method === 'GET') return '';
  return `Content-Type: text/plain;charset=UTF-8\r\nContent-Length: ${Buffer.byteLength(body)}\r\n`;
}
