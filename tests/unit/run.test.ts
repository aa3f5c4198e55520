import fc from 'fast-check';
import type { Entry, EntryBody, Position } from '../../src/protocol/entries';
import type { ServerToClient } from '../../src/protocol/events';
import { end, join } from '../../src/server/flow/join';
import { Session } from '../../src/server/flow/session';
import { Slices } from '../../src/server/flow/slices';
import type { Connection } from '../../src/server/flow/types';
import { eventually } from '../support/eventually';
import { MemoryConnection } from '../support/memory-connection';
import { memoryRooms } from '../support/memory-rooms';
import { MemoryLog } from '../support/memory-log';
import { noLimits } from '../support/sessions';

/**
 * Feed, cursors and fan-out together, over a log in memory whose publications get lost and which goes away,
 * is trimmed and begins anew at random: every connection must see an unbroken run, and end at the head.
 */
class Reader extends MemoryConnection {
  position: Position | undefined;
  /** Whether it has stopped to read: no entry must come then. */
  stalled = false;
  private draining = 0;
  private readonly waiting: (() => void)[] = [];

  constructor(readonly id: string) {
    super();
  }

  send: Connection['send'] = (event, payload) => {
    if (event === 'messages') for (const entry of payload as Entry[]) this.take(entry);
    if (event === 'gap') this.moveTo(payload as Parameters<ServerToClient['gap']>[0]);
  };

  override get isFull(): boolean {
    return this.stalled;
  }

  override async drained(): Promise<void> {
    while (this.stalled) await new Promise<void>((done) => this.waiting.push(done));
    if (++this.draining % 2) await new Promise((done) => setImmediate(done));
  }

  stall(stalled: boolean): void {
    this.stalled = stalled;
    if (!stalled) for (const done of this.waiting.splice(0)) done();
  }

  moveTo({ epoch, upTo }: { epoch: string; upTo: number }): void {
    this.position = { epoch, seq: upTo };
  }

  private take({ epoch, seq }: Entry): void {
    if (this.stalled) throw new Error(`${this.id}: ${epoch}/${seq} came although it does not read`);
    const expected = this.position?.epoch === epoch ? this.position.seq + 1 : 1;
    if (seq !== expected) throw new Error(`${this.id}: ${epoch}/${seq} came instead of ${expected}`);
    this.position = { epoch, seq };
  }
}

type Step =
  | 'send'
  | 'burst'
  | 'flood'
  | 'join'
  | 'rejoin'
  | 'leave'
  | 'stall'
  | 'read'
  | 'away'
  | 'back'
  | 'lose'
  | 'hear'
  | 'trim'
  | 'anew'
  | 'wait';
const steps: fc.Arbitrary<Step> = fc.oneof(
  { weight: 8, arbitrary: fc.constant<Step>('send') },
  { weight: 4, arbitrary: fc.constantFrom<Step>('burst', 'join', 'rejoin', 'wait', 'lose', 'hear') },
  { weight: 3, arbitrary: fc.constantFrom<Step>('leave', 'stall', 'read') },
  { weight: 1, arbitrary: fc.constantFrom<Step>('away', 'back', 'trim', 'anew', 'flood') },
);

class World {
  readonly log = new MemoryLog();
  readonly problems: unknown[] = [];
  /** One step a turn of the loop: whatever can happen in the middle of a flush does. */
  readonly rooms = memoryRooms(this.log, () => undefined, new Slices(0));
  private readonly deps = { log: this.log, rooms: this.rooms, mayEnter: () => true, watchers: [] };
  private readonly gone: Reader[] = [];
  readonly readers: { reader: Reader; session: Session }[] = [];
  private ids = 0;

  async do(step: Step): Promise<void> {
    switch (step) {
      case 'send':
        return this.send(1);
      case 'burst':
        return this.send(7);
      case 'flood': // more than a feed keeps in memory
        return this.send(1_200);
      case 'join':
        return this.join(new Reader(`reader ${this.readers.length + this.gone.length}`));
      case 'rejoin':
        return this.rejoin();
      case 'leave':
        return this.leave();
      case 'stall':
        return this.any()?.reader.stall(true);
      case 'read':
        return this.any()?.reader.stall(false);
      case 'away':
        this.log.away = true;
        return;
      case 'back':
        return this.log.recover();
      case 'lose':
        this.log.loses = () => true;
        return;
      case 'hear':
        this.log.loses = () => false;
        return;
      case 'trim':
        return this.log.trim(3);
      case 'anew':
        return this.log.beginAnew();
      case 'wait':
        return new Promise((done) => setImmediate(done));
    }
  }

  async converge(): Promise<void> {
    this.log.recover();
    this.log.loses = () => false;
    const left = this.gone.map(({ position }) => position);
    for (const { reader } of this.readers) reader.stall(false);
    await this.send(1); // a log that began anew shows with its first entry
    await eventually(() => {
      this.log.recover();
      for (const { reader } of this.readers) {
        expect(reader.position).toEqual({ epoch: String(this.log.epoch), seq: this.log.head });
      }
    });
    expect(this.gone.map(({ position }) => position)).toEqual(left);
    this.rooms.close();
  }

  private any() {
    return this.readers[this.ids % Math.max(1, this.readers.length)];
  }

  private leave(): void {
    const member = this.any();
    if (!member) return;
    end(this.deps, member.session, 'room');
    this.readers.splice(this.readers.indexOf(member), 1);
    this.gone.push(member.reader);
  }

  private async send(count: number): Promise<void> {
    const bodies = Array.from({ length: count }, () => bodyOf(String(++this.ids)));
    await this.log.append('room', bodies).catch(() => undefined);
  }

  private async join(reader: Reader): Promise<void> {
    const session = new Session({ id: reader.id, name: reader.id }, {}, reader, noLimits());
    this.readers.push({ reader, session });
    await this.joinAs(reader, session, undefined);
  }

  private async rejoin(): Promise<void> {
    const member = this.any();
    if (member) await this.joinAs(member.reader, member.session, member.reader.position);
  }

  private async joinAs(reader: Reader, session: Session, since: Position | undefined): Promise<void> {
    session.receiveJoin('room');
    const before = reader.position;
    const { answer, begin } = await join(this.deps, session, 'room', since);
    expect(reader.position).toEqual(before); // nothing came between the join and its answer
    if (answer.reason !== 'degraded') reader.moveTo({ epoch: answer.epoch!, upTo: answer.upTo! });
    session.answerJoin('room');
    begin();
  }
}

function bodyOf(id: string): EntryBody {
  return { id, kind: 'message', from: { id: 'u', name: 'u' }, at: 0, text: id };
}

test('[RUN-1] [FAN-2] whatever gets lost, goes away, stops to read or begins anew, every run is unbroken and ends at the head', async () => {
  const property = fc.asyncProperty(fc.array(steps, { minLength: 5, maxLength: 60 }), async (script) => {
    const world = new World();
    for (let i = 0; i < 5; i++) await world.do('join');
    for (const step of script) await world.do(step);
    await world.converge();
  });
  await fc.assert(property, { numRuns: 150 });
});
