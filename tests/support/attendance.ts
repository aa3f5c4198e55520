import type { Presence, ServerToClient } from '../../src/protocol/events';
import { eventually } from './eventually';
import { enter, named, type Person } from './person';
import type { TestServer } from './server';

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

/** Somebody in the room who is told of everything there. */
export async function attend(
  server: Pick<TestServer, 'url'>,
  room: string,
  name: string,
): Promise<[Person, Attendance]> {
  const person = await enter(server, named(name));
  const attendance = new Attendance(person, room);
  await person.join(room);
  return [person, attendance];
}

/** Waits until the room has been told this count, and this alone is the newest. */
export const counts = (count: number, ...all: Attendance[]): Promise<void> =>
  eventually(() => expect(all.map((each) => each.count)).toEqual(all.map(() => count)));
