import type { Presence, ServerToClient } from '../../src/protocol/events';
import type { Person } from './person';

type Typing = Parameters<ServerToClient['typing']>[0];

/** What a connection is told of who is in a room and who is typing there, from now on. */
export class Attendance {
  readonly packets: Presence[] = [];
  readonly typing: Typing[] = [];
  /** When each packet came, in milliseconds. */
  readonly at: number[] = [];

  constructor({ socket }: Pick<Person, 'socket'>, room: string) {
    socket.on('presence', (presence) => {
      if (presence.room !== room) return;
      this.packets.push(presence);
      this.at.push(performance.now());
    });
    socket.on('typing', (typing) => {
      if (typing.room === room) this.typing.push(typing);
    });
  }

  get count(): number | undefined {
    return this.packets.at(-1)?.count;
  }

  /** Names of all who came, and of all who left, in the order of being told. */
  get joined(): string[] {
    return this.packets.flatMap(({ joined = [] }) => joined.map(({ name }) => name));
  }

  get left(): string[] {
    return this.packets.flatMap(({ left = [] }) => left.map(({ name }) => name));
  }
}
