import type { EntryBody } from '../../src/protocol/entries';
import type { Hello } from '../../src/protocol/events';
import { helloRooms } from '../../src/server/flow/hello';
import { Session } from '../../src/server/flow/session';
import type { Connection } from '../../src/server/flow/types';
import type { LogSlice } from '../../src/server/roomlog/types';
import { MemoryConnection } from '../support/memory-connection';
import { memoryRooms } from '../support/memory-rooms';
import { onCleanup } from '../support/cleanup';
import { eventually } from '../support/eventually';
import { MemoryLog } from '../support/memory-log';
import type { Line } from '../support/person';
import { runOf } from '../support/run';
import { noLimits } from '../support/sessions';

const LOBBY = 'lobby';
const SLOW = 'slow';

/** One room is not ready before the test says so: until then a `hello` that names it waits. */
class SlowLog extends MemoryLog {
  ready!: () => void;
  private readonly isReady = new Promise<void>((done) => (this.ready = done));

  override async subscribe(room: string, listener: (published: LogSlice) => void): Promise<() => void> {
    if (room === SLOW) {
      await this.isReady;
      return () => undefined;
    }
    return super.subscribe(room, listener);
  }

  async add(count: number): Promise<void> {
    const from = { id: 'guest:Ann', name: 'Ann' };
    const bodies = Array.from({ length: count }, (_, i): EntryBody => {
      const text = `${this.epoch}/${this.head + i + 1}`;
      return { id: text, kind: 'message', from, at: 0, text };
    });
    await this.append(LOBBY, bodies);
  }
}

/** A connection that writes down what it gets. */
class Reader extends MemoryConnection {
  readonly id = 'reader';
  readonly journal: Line[] = [];

  send: Connection['send'] = (event, payload) => {
    this.journal.push({
      what: event,
      [event === 'messages' ? 'entries' : event]: payload,
    } as unknown as Line);
  };
}

test.each([
  ['shorter than the old one', 50, 2],
  ['longer than the old one', 50, 60],
  ['longer than a server remembers', 50, 1_200],
  ['where there was none', 0, 3],
])(
  '[HARD-8] a log that begins anew while hello is prepared leaves no silent hole: %s',
  async (_, old, anew) => {
    const log = new SlowLog();
    await log.add(old);
    const problems: unknown[] = [];
    const rooms = memoryRooms(log, (...problem) => problems.push(problem));
    onCleanup(() => rooms.close());
    const reader = new Reader();
    const user = { id: 'guest:Ben', name: 'Ben' };
    const session = new Session(user, {}, reader, noLimits());

    const greeting = helloRooms(
      { log, rooms, mayEnter: () => true, watchers: [] },
      session,
      new Map([[SLOW, { epoch: '1', seq: 0 }]]),
    );
    await eventually(() => expect(rooms.get(LOBBY).feed).toMatchObject({ epoch: '1', head: old }));
    log.beginAnew();
    for (let i = 0; i < anew; i += 400) await log.add(Math.min(400, anew - i));
    await eventually(() => expect(rooms.get(LOBBY).feed).toMatchObject({ epoch: '2', head: anew }));
    log.ready();
    const { answer, begin } = await greeting;
    expect(answer.find(({ room }) => room === LOBBY)).toMatchObject({ epoch: '1', upTo: old });
    reader.send('hello' as 'messages', { rooms: answer } as Partial<Hello> as never);
    begin();
    for (let i = 0; i < 60; i++) await log.add(1);

    await eventually(() =>
      expect(runOf(reader.journal, LOBBY, {})).toMatchObject({ epoch: '2', upTo: log.head }),
    );
    expect(runOf(reader.journal, LOBBY, {}).faults).toEqual([]);
    expect(problems).toEqual([]);
  },
);
