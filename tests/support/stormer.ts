import type { Socket } from 'socket.io-client';
import { io } from 'socket.io-client';
import { isPlaced, type Position } from '../../src/protocol/entries';
import type { ClientToServer, ServerToClient } from '../../src/protocol/events';
import { onCleanup } from './cleanup';
import type { TestRedis } from './redis';
import { redisClient } from './redis-client';

/** A stock client with its own reconnecting, that stays in one room and goes on where it was. */
export class Stormer {
  isIn = false;
  hasHole = false;
  private position: Position | undefined;
  private readonly socket: Socket<ServerToClient, ClientToServer>;

  constructor(
    url: string,
    private readonly room: string,
    name: string,
  ) {
    const auth = (give: (auth: object) => void): void =>
      give({ name, ...(this.position && { rooms: { [room]: this.position } }) });
    this.socket = io(url, { forceNew: true, transports: ['websocket'], auth });
    onCleanup(() => void this.socket.disconnect());
    this.socket.on('hello', ({ rooms }) => {
      const row = rooms.find((each) => each.room === room);
      if (row?.reason === 'none') this.isIn = true;
      else this.join();
    });
    this.socket.on('disconnect', () => (this.isIn = false));
    this.socket.on('messages', (entries) => {
      for (const entry of entries.filter(isPlaced)) if (entry.room === room) this.take(entry);
    });
  }

  get upTo(): number {
    return this.isIn ? (this.position?.seq ?? 0) : -1;
  }

  /** Its connection is torn, as by a cable. */
  cut(): void {
    (this.socket.io.engine.transport as unknown as { ws: { terminate(): void } }).ws.terminate();
  }

  private join(): void {
    this.socket.emit('join', { room: this.room }, (answer) => {
      if (!answer.ok || answer.epoch === null || answer.upTo === null) return this.join();
      this.position = { epoch: answer.epoch, seq: answer.upTo };
      this.isIn = true;
    });
  }

  private take({ epoch, seq }: Position): void {
    if (this.position && seq !== this.position.seq + 1) this.hasHole = true;
    this.position = { epoch, seq };
  }
}

/** Counts what Redis is asked that names the room, from now on. */
export async function commandsFor(redis: TestRedis, room: string): Promise<{ count: number }> {
  const counted = { count: 0 };
  const monitor = await redisClient(redis);
  await monitor.monitor((line) => {
    if (`${line}`.includes(`{${room}}`) && !`${line}`.includes('lua]')) counted.count++;
  });
  return counted;
}
