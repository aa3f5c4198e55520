import type { ServerToClient } from '../../src/protocol/events';
import type { Connection, Encode, Packet } from '../../src/server/flow/types';

interface MemoryPacket extends Packet {
  event: keyof ServerToClient;
  payload: unknown;
}

/** Keeps events as they are. */
export const memoryEncode: Encode = (event, payload): MemoryPacket => ({
  event,
  payload,
  bytes: JSON.stringify(payload).length,
});

/** A connection that takes everything at once; what it does with it is told by `send`. */
export abstract class MemoryConnection implements Connection {
  abstract readonly id: string;

  get isFull(): boolean {
    return false;
  }

  abstract send: Connection['send'];

  deliver(packet: Packet): void {
    const { event, payload } = packet as MemoryPacket;
    this.send(event as 'messages', payload as never);
  }

  drained(): Promise<void> {
    return Promise.resolve();
  }
}
