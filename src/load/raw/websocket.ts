import { bodyStart, hostHeader, openSocket, type Link, type Receiver, type Target } from './connection';
import { clientFrame, CLOSE, TEXT, walkFrames } from './frames';

/** Opens a WebSocket to Engine.IO 4 as client number `index`; with `sid` it takes over that session. */
export function openWebSocket(target: Target, index: number, receiver: Receiver, sid?: string): Link {
  let upgraded = false;
  /** What is to be sent when the server has said yes. */
  const early: string[] = [];
  const onFrame =
    (bytes: Buffer) =>
    (opcode: number, start: number, end: number): void => {
      if (opcode === TEXT) receiver.packet(bytes, start, end);
      else if (opcode === CLOSE) socket.end();
    };
  const readHead = (bytes: Buffer): number => {
    const start = bodyStart(bytes);
    if (start === -1) return 0;
    const status = bytes.toString('latin1', 9, 12);
    if (status !== '101') {
      socket.destroy(new Error(`the WebSocket was answered with ${status}`));
      return bytes.length;
    }
    upgraded = true;
    for (const packet of early.splice(0)) socket.write(clientFrame(packet));
    return start;
  };
  const read = (bytes: Buffer): number => {
    const start = upgraded ? 0 : readHead(bytes);
    if (!upgraded) return start;
    const frames = start === 0 ? bytes : bytes.subarray(start);
    return start + walkFrames(frames, onFrame(frames));
  };
  const socket = openSocket(target, index, read, (reason) => receiver.ended(reason));
  socket.write(request(target, sid));
  return {
    send: (packet) => {
      if (upgraded) socket.write(clientFrame(packet));
      else early.push(packet);
    },
    close: () => void socket.destroy(),
    reads: (goesOn) => void (goesOn ? socket.resume() : socket.pause()),
  };
}

function request(target: Target, sid: string | undefined): string {
  const query = `EIO=4&transport=websocket${sid === undefined ? '' : `&sid=${encodeURIComponent(sid)}`}`;
  return [
    `GET /socket.io/?${query} HTTP/1.1`,
    hostHeader(target),
    'Connection: Upgrade',
    'Upgrade: websocket',
    'Sec-WebSocket-Version: 13',
    'Sec-WebSocket-Key: Y2hhdGZsZWV0IGJlbmNoLg==',
    '\r\n',
  ].join('\r\n');
}
