import type { Link, Receiver, Target } from './connection';
import { openPolling } from './polling';
import { openWebSocket } from './websocket';

const OPEN = 48;
const PROBED = Buffer.from('3probe');

/** Begins with polling and changes to a WebSocket, as stock clients do by themselves. */
export function openUpgrade(target: Target, index: number, receiver: Receiver): Link {
  let active: Link | undefined;
  let socket: Link | undefined;
  let held: string[] | undefined;

  const change = (): void => {
    socket!.send('5');
    active = socket;
    polling.close();
    for (const packet of held ?? []) socket!.send(packet);
    held = undefined;
  };
  const overSocket = (bytes: Buffer, start: number, end: number): void => {
    if (active === socket || bytes.indexOf(PROBED, start) !== start)
      return receiver.packet(bytes, start, end);
    held = [];
    polling.pause(change);
  };
  const probe = (sid: string): void => {
    const ended = (reason: string): void => receiver.ended(`upgrade: ${reason}`);
    socket = openWebSocket(target, index, { packet: overSocket, ended }, sid);
    socket.send('2probe');
  };
  const overPolling = (bytes: Buffer, start: number, end: number): void => {
    receiver.packet(bytes, start, end);
    if (bytes[start] === OPEN && socket === undefined)
      probe((JSON.parse(bytes.toString('utf8', start + 1, end)) as { sid: string }).sid);
  };
  const polling = openPolling(target, index, {
    packet: overPolling,
    ended: (reason) => receiver.ended(reason),
  });
  active = polling;
  return {
    send: (packet) => {
      if (held) held.push(packet);
      else active!.send(packet);
    },
    close: () => {
      polling.close();
      socket?.close();
    },
  };
}
