import type { ChatError } from '../../src/protocol/codes';
import type { EntryBody } from '../../src/protocol/entries';
import { Appender } from '../../src/server/flow/append';
import { committer } from '../../src/server/flow/commit';
import { Flusher } from '../../src/server/flow/flush';
import { onCleanup } from '../support/cleanup';
import { eventually } from '../support/eventually';
import { MemoryFolder, MemoryOutbox } from '../support/memory-outbox';
import { bodies } from '../support/open-log';

const ROOM = 'room';
const sleep = (ms: number): Promise<void> => new Promise((done) => setTimeout(done, ms));

/** A log of one room whose calls take as long as they are told to. */
class SlowLog {
  readonly texts: string[] = [];
  /** How long the next calls take; the last one holds for all later ones. */
  delaysMs = [0];
  /** How many entries it takes a second, all rooms together. */
  perSecond = Infinity;
  private busyUntil = 0;

  writable = (): boolean => true;
  writesSome = (): boolean => true;
  onWritable = (): void => undefined;

  async take(all: EntryBody[]) {
    const delay = this.delaysMs.length > 1 ? this.delaysMs.shift()! : this.delaysMs[0]!;
    this.busyUntil = Math.max(this.busyUntil, performance.now()) + (all.length * 1_000) / this.perSecond;
    await sleep(delay + this.busyUntil - performance.now());
    return all.map((body) => this.add(body));
  }

  private add(body: EntryBody) {
    const known = this.texts.indexOf(body.id);
    if (known === -1) this.texts.push(body.id);
    const status = known === -1 ? ('new' as const) : ('repeat' as const);
    return { status, epoch: 'e', seq: known === -1 ? this.texts.length : known + 1, at: body.at };
  }
}

function setUp(outbox = new MemoryOutbox()) {
  const log = new SlowLog();
  const append = (_: string, all: EntryBody[]) => log.take(all);
  const commit = committer({ append }, { take: () => undefined }, () => undefined);
  const appender = new Appender({ log, outbox, commit, retryAfterMs: () => 1_500 });
  const flusher = new Flusher({ log, outbox, commit, report: () => undefined });
  onCleanup(() => flusher.stop());
  return { log, appender, outbox };
}

test('[SEND-14] what a room has in the outbox all of a sudden lets nobody overtake himself', async () => {
  const folder = new MemoryFolder();
  const dead = new MemoryOutbox(folder);
  const outbox = new MemoryOutbox(folder);
  const { log, appender } = setUp(outbox);
  const [first, second, third] = bodies(3, 'mine');
  const [other] = bodies(1, 'other').map((body) => ({ ...body, from: { id: 'guest:Eve', name: 'Eve' } }));
  log.delaysMs = [200, 100, 0];
  const sent = [appender.append(ROOM, first!)];
  await sleep(50);
  sent.push(appender.append(ROOM, second!)); // waits for the call that is under way
  await dead.add(ROOM, other!);
  await outbox.adopt();
  sent.push(appender.append(ROOM, third!));
  await Promise.all(sent);
  await eventually(() => expect(log.texts).toHaveLength(4));
  expect(log.texts.filter((id) => id.startsWith('mine'))).toEqual(['mine 1', 'mine 2', 'mine 3']);
});

describe('on a clock of their own', () => {
  beforeEach(() => jest.useFakeTimers());
  afterEach(() => jest.useRealTimers());

  /** Sends these one after the other, with a pause in between; resolves with how long each waited for its answer. */
  async function waits(delaysMs: number[], count: number, pauseMs: number): Promise<number[]> {
    const { log, appender } = setUp();
    log.delaysMs = delaysMs;
    const waited: Promise<number>[] = [];
    for (const body of bodies(count)) {
      const start = performance.now();
      waited.push(appender.append(ROOM, body).then(() => performance.now() - start));
      await jest.advanceTimersByTimeAsync(pauseMs);
    }
    await jest.advanceTimersByTimeAsync(10_000);
    return Promise.all(waited);
  }

  test.each([
    ['after waiting for a slow call for others', [499, 950], 2, 20],
    ['after waiting for one that was just in time', [990, 5_000], 2, 1],
    ['for the last of many batches', [400], 500, 0],
  ])('[SEND-15] an answer comes in time %s', async (_, delaysMs, count, pauseMs) => {
    expect(Math.max(...(await waits(delaysMs, count, pauseMs)))).toBeLessThanOrEqual(1_310);
  });

  /** Sends so many at a time to a room, for so long, and counts what became of them. */
  async function flood(perStep: number, rooms: string[], { delayMs = 0, perSecond = Infinity }) {
    const { log, appender, outbox } = setUp();
    log.delaysMs = [delayMs];
    log.perSecond = perSecond;
    const outcomes: Record<string, number> = {};
    const count = (outcome: string): void => void (outcomes[outcome] = (outcomes[outcome] ?? 0) + 1);
    for (let step = 0; step < 100; step++) {
      for (const body of bodies(perStep, `step ${step}`))
        void appender.append(rooms[step % rooms.length]!, body).then(
          ({ status }) => count(status),
          ({ code }: ChatError) => count(code),
        );
      await jest.advanceTimersByTimeAsync(20);
    }
    await jest.advanceTimersByTimeAsync(4_000);
    log.delaysMs = [0];
    await jest.advanceTimersByTimeAsync(10_000);
    return { outcomes, outbox };
  }

  test.each([
    ['one room', ['a']],
    ['many rooms', Array.from({ length: 50 }, (_, i) => `room ${i}`)],
  ])(
    '[OVER-4] what comes faster than the log can take it is refused, and none of it goes to the disk: %s',
    async (_, rooms) => {
      const { outcomes, outbox } = await flood(50, rooms, { perSecond: 800 });
      expect(outcomes.overloaded).toBeGreaterThan(500);
      expect(outcomes.new).toBe(5_000 - outcomes.overloaded!);
      expect(outbox.size).toBe(0);
    },
  );

  test('[OVER-4] a log that is slow, but takes what comes, refuses nothing', async () => {
    const { outcomes } = await flood(1, ['a', 'b', 'c'], { delayMs: 600 });
    expect(outcomes).toEqual({ new: 100 });
  });

  test('[OVER-4] what a silent log does not take goes to the disk, however much it is', async () => {
    const { outcomes } = await flood(10, ['a'], { delayMs: 3_000 });
    expect(outcomes).toEqual({ queued: 1_000 });
  });
});
