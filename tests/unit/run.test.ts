import fc from 'fast-check';
import type { Entry, EntryBody, Position } from '../../src/protocol/entries';
import type { ServerToClient } from '../../src/protocol/events';
import { join } from '../../src/server/flow/join';
import { Session } from '../../src/server/flow/session';
import { TokenBucket } from '../../src/server/flow/token-bucket';
import type { Connection } from '../../src/server/flow/types';
import { eventually } from '../support/eventually';
import { MemoryConnection } from '../support/memory-connection';
import { memoryRooms } from '../support/memory-rooms';
import { MemoryLog } from '../support/memory-log';

/**
 * Feed, cursors and fan-out together, over a log in memory whose publications get lost and which goes away,
 * is trimmed and begins anew at random: every connection must see an unbroken run, and end at the head.
 */
class Reader extends MemoryConnection {
  position: Position | undefined;
  seen = new Map<string, number[]>();
  private draining = 0;

  constructor(readonly id: string) {
    super();
  }

  send: Connection['send'] = (event, payload) => {
    if (event === 'messages') for (const entry of payload as Entry[]) this.take(entry);
    if (event === 'gap') this.moveTo(payload as Parameters<ServerToClient['gap']>[0]);
  };

  override async drained(): Promise<void> {
    if (++this.draining % 2) await new Promise((done) => setImmediate(done));
  }

  moveTo({ epoch, upTo }: { epoch: string; upTo: number }): void {
    this.position = { epoch, seq: upTo };
  }

  private take({ epoch, seq }: Entry): void {
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
  { weight: 1, arbitrary: fc.constantFrom<Step>('away', 'back', 'trim', 'anew', 'flood') },
);

const unlimited = new TokenBucket(0, 1);

class World {
  readonly log = new MemoryLog();
  readonly problems: unknown[] = [];
  readonly rooms = memoryRooms(this.log, () => undefined);
  private readonly deps = { log: this.log, rooms: this.rooms, mayEnter: () => true, watchers: [] };
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
        return this.join(new Reader(`reader ${this.readers.length}`));
      case 'rejoin':
        return this.rejoin();
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
    await this.send(1); // a log that began anew shows with its first entry
    await eventually(() => {
      this.log.recover();
      for (const { reader } of this.readers) {
        expect(reader.position).toEqual({ epoch: String(this.log.epoch), seq: this.log.head });
      }
    });
    this.rooms.close();
  }

  private async send(count: number): Promise<void> {
    const bodies = Array.from({ length: count }, () => bodyOf(String(++this.ids)));
    await this.log.append('room', bodies).catch(() => undefined);
  }

  private async join(reader: Reader): Promise<void> {
    const session = new Session({ id: reader.id, name: reader.id }, {}, reader, {
      sends: unlimited,
      joins: unlimited,
    });
    this.readers.push({ reader, session });
    await this.joinAs(reader, session, undefined);
  }

  private async rejoin(): Promise<void> {
    const member = this.readers[this.ids % Math.max(1, this.readers.length)];
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

test('[RUN-1] whatever gets lost, goes away or begins anew, every run is unbroken and ends at the head', async () => {
  const property = fc.asyncProperty(fc.array(steps, { minLength: 5, maxLength: 60 }), async (script) => {
    const world = new World();
    await world.do('join');
    for (const step of script) await world.do(step);
    await world.converge();
  });
  await fc.assert(property, { numRuns: 150 });
});
