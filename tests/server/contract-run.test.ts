import fc from 'fast-check';
import { enter, newRoom, startServers, type Person } from '../support/person';
import { startRedis } from '../support/redis';
import type { TestServer } from '../support/server';

let servers: TestServer[];

beforeAll(async () => {
  servers = await startServers(await startRedis(), 2);
});

const ACTIONS = [
  'send',
  'send',
  'send',
  'send',
  'join',
  'continue',
  'detach',
  'leave',
  'move',
  'cut',
] as const;
interface Act {
  act: (typeof ACTIONS)[number];
  room: number;
}

/** Somebody who does what comes to his mind, and whose every connection is kept for the end. */
class Restless {
  readonly past: Person[] = [];
  private sent = 0;

  private constructor(
    private person: Person,
    private readonly rooms: string[],
    private server: number,
  ) {}

  static async at(server: number, rooms: string[]): Promise<Restless> {
    return new Restless(await enter(servers[server]!), rooms, server);
  }

  async doAll(acts: Act[]): Promise<void> {
    for (const { act, room } of acts) await this.do(act, this.rooms[room]!);
  }

  /** In all rooms, far enough, and never with a fault. */
  async settle(): Promise<void> {
    for (const room of this.rooms) {
      const { head } = await this.person.join(room);
      await this.person.reaches(room, head!);
    }
    for (const person of [...this.past, this.person])
      for (const room of ['lobby', ...this.rooms]) expect(person.run(room).faults).toEqual([]);
  }

  private async do(act: Act['act'], room: string): Promise<unknown> {
    const { person } = this;
    const { epoch, upTo } = person.run(room);
    if (act === 'send') {
      const answer = await person.ask('sendMessage', { room, text: `t${++this.sent}` });
      return expect(answer.ok || answer.error.code === 'not_a_member').toBe(true);
    }
    if (act === 'join') return person.join(room);
    if (act === 'continue' && epoch) return person.join(room, { epoch, seq: upTo });
    if (act === 'detach' || act === 'leave') return person.ask(act, { room });
    if (act === 'move' || act === 'cut') return this.reconnect(act === 'cut');
    return undefined;
  }

  /** Goes on where it was, on the other server; or with only a part of its rooms. */
  private async reconnect(some: boolean): Promise<void> {
    const { token } = this.person.hello;
    const { auth } = this.person.socket;
    this.person.socket.io.engine.close();
    const named = (some ? this.rooms.slice(1) : ['lobby', ...this.rooms]).flatMap((room) => {
      const { epoch, upTo } = this.person.run(room);
      return epoch ? [[room, { epoch, seq: upTo }] as const] : [];
    });
    this.past.push(this.person);
    this.server = 1 - this.server;
    const known = token ?? (auth as { token: string }).token;
    this.person = await enter(servers[this.server]!, {
      auth: { token: known, rooms: Object.fromEntries(named) },
      transports: this.server ? ['polling', 'websocket'] : ['websocket'],
    });
  }
}

test('[RUN-4] whatever people do in whatever order, no run has a hole, a repeat or what was not asked for', async () => {
  const acts = fc.array(fc.record({ act: fc.constantFrom(...ACTIONS), room: fc.nat({ max: 1 }) }), {
    minLength: 5,
    maxLength: 30,
  });
  await fc.assert(
    fc.asyncProperty(fc.array(acts, { minLength: 2, maxLength: 5 }), async (plans) => {
      const rooms = [newRoom(), newRoom()];
      const people = await Promise.all(plans.map((_, i) => Restless.at(i % 2, rooms)));
      await Promise.all(people.map((each, i) => each.doAll(plans[i]!)));
      await Promise.all(people.map((each) => each.settle()));
    }),
    { numRuns: 15, endOnFailure: true },
  );
});
