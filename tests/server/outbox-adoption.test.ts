import { appendFile, readdir, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import fc from 'fast-check';
import type { Held } from '../../src/server/outbox/types';
import { eventually } from '../support/eventually';
import {
  bodyOf,
  bytesIn,
  filesIn,
  idsOf,
  openOutbox,
  outboxFolder,
  type TestOutbox,
} from '../support/outbox';

describe('adoption', () => {
  test("[OUTBOX-7] a dead server's messages become due with who adopts them, in their order, once", async () => {
    const folder = await outboxFolder();
    const dead = await openOutbox(folder, 'a');
    for (const id of ['1', '2', '3']) await dead.outbox.add('lobby', bodyOf(id));
    dead.outbox.done(dead.outbox.due(1));
    await eventually(async () => expect(await bytesIn(folder)).toContain('done'));
    await dead.outbox.close();
    const [b, c] = [await openOutbox(folder, 'b'), await openOutbox(folder, 'a')];
    expect([b.outbox.due(9), c.outbox.due(9)]).toEqual([[], []]);
    await b.outbox.adopt(60_000);
    expect(b.outbox.size).toBe(0);
    await Promise.all([b.outbox.adopt(0), c.outbox.adopt(0)]);
    const both = [...idsOf(b.outbox.due(9)), ...idsOf(c.outbox.due(9))];
    expect(both).toEqual(['2', '3']);
    const owner = b.outbox.size > 0 ? b : c;
    owner.outbox.done(owner.outbox.due(1));
    await eventually(async () => expect(await bytesIn(folder)).toContain('"done":[2]'));
    owner.outbox.done(owner.outbox.due(1));
    await eventually(async () => expect(await filesIn(folder)).toEqual([]));
  });

  test('[OUTBOX-7] files in which nothing is held are removed', async () => {
    const folder = await outboxFolder();
    await appendFile(join(folder, 'old.1234.1.outbox'), '');
    const { outbox } = await openOutbox(folder);
    await outbox.adopt(0);
    await eventually(async () => expect(await filesIn(folder)).toEqual([]));
  });

  test('[OUTBOX-8] a live server whose file is taken holds on to nothing, forgets nothing and goes on', async () => {
    const folder = await outboxFolder();
    const [a, b] = [await openOutbox(folder, 'a'), await openOutbox(folder, 'b')];
    await a.outbox.add('lobby', bodyOf('1'));
    await b.outbox.adopt(0);
    expect(idsOf(b.outbox.due(9))).toEqual(['1']);
    await a.outbox.add('lobby', bodyOf('2'));
    for (let look = 0; look < 4; look++) {
      expect(a.outbox.has('lobby', { from: 'ann', id: '1' })).toBe(true);
      expect(a.outbox.pending('lobby').map(({ id }) => id)).toEqual(['1', '2']);
      expect(a.outbox.due(9)).toEqual([]);
      await a.outbox.look();
    }
    b.outbox.done(b.outbox.due(9));
    await eventually(() => expect(idsOf(a.outbox.due(9))).toEqual(['2']));
    expect(a.told).toEqual(['1', '2']);
  });

  test('[OUTBOX-8] what is written to a file that was renamed meanwhile is written again before it is acknowledged', async () => {
    const folder = await outboxFolder();
    const { outbox } = await openOutbox(folder);
    await outbox.add('lobby', bodyOf('1'));
    const [name] = await filesIn(folder);
    await rename(join(folder, name!), join(folder, 'b.taken.1.outbox'));
    await outbox.add('lobby', bodyOf('2'));
    const names = await readdir(folder);
    expect(names).toHaveLength(2);
    expect(idsOf(outbox.due(9))).toEqual([]);
    await outbox.adopt(0);
    expect(idsOf(outbox.due(9))).toEqual(['1', '2']);
  });
});

/** One step of a run; `pause` is how many turns of the event loop pass before it. */
const step = fc.record({
  what: fc.constantFrom('send', 'send', 'send', 'flush', 'adopt', 'look', 'kill'),
  server: fc.nat(2),
  sender: fc.nat(2),
  pause: fc.nat(12),
});
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

/** Servers of one folder, a log, and senders who await each acknowledgement before they go on elsewhere. */
class Host {
  readonly log: string[] = [];
  readonly acknowledged: string[] = [];
  private servers: TestOutbox[] = [];
  private readonly dead = new Set<TestOutbox>();
  private readonly senders = new Map<number, Promise<void>>();
  private count = 0;

  constructor(private readonly folder: string) {}

  async open(): Promise<void> {
    for (const name of ['a', 'b', 'c']) this.servers.push(await openOutbox(this.folder, name));
  }

  async run({ what, server, sender, pause }: Step): Promise<void> {
    for (let i = 0; i < pause; i++) await setImmediate();
    const at = this.servers[server]!;
    if (what === 'send') this.send(sender, server);
    if (what === 'look') void at.outbox.look();
    if (what === 'adopt') void at.outbox.adopt(0);
    if (what === 'flush') void this.flush(at);
    if (what === 'kill') await this.kill(server);
  }

  async end(): Promise<void> {
    await Promise.all(this.senders.values());
    const survivor = this.servers[0]!;
    await eventually(async () => {
      await survivor.outbox.adopt(0);
      await this.flush(survivor);
      expect([survivor.outbox.size, await filesIn(this.folder)]).toEqual([0, []]);
    });
    for (const { outbox } of [...this.servers, ...this.dead]) await outbox.close();
  }

  private send(sender: number, server: number): void {
    const id = `${sender}-${++this.count}`;
    const before = this.senders.get(sender) ?? Promise.resolve();
    this.senders.set(
      sender,
      before.then(async () => {
        const at = this.servers[server]!;
        await at.outbox.look();
        await at.outbox.add('lobby', bodyOf(id, `sender ${sender}`));
        if (!this.dead.has(at)) this.acknowledged.push(id);
      }),
    );
  }

  private async flush(at: TestOutbox): Promise<void> {
    const due: Held[] = at.outbox.due(3);
    await setImmediate();
    if (this.dead.has(at)) return;
    for (const id of idsOf(due)) if (!this.log.includes(id)) this.log.push(id);
    at.outbox.done(due);
  }

  /** It is asked nothing any more, and says nothing; what it was about to write is written, as a frozen one would. */
  private async kill(server: number): Promise<void> {
    this.dead.add(this.servers[server]!);
    this.servers[server] = await openOutbox(this.folder, 'abc'[server]);
  }
}

test('[OUTBOX-9] whoever adopts whatever when, and dies: nothing acknowledged is lost, each sender keeps his order', async () => {
  const run = async (steps: Step[]): Promise<void> => {
    const host = new Host(await outboxFolder());
    await host.open();
    for (const each of steps) await host.run(each);
    await host.end();
    expect(host.log).toEqual(expect.arrayContaining(host.acknowledged));
    expect(new Set(host.log).size).toBe(host.log.length);
    for (const sender of [0, 1, 2]) {
      const isHis = (id: string): boolean => id.startsWith(`${sender}-`);
      const acknowledged = host.acknowledged.filter(isHis);
      expect(host.log.filter((id) => acknowledged.includes(id))).toEqual(acknowledged);
    }
  };
  await fc.assert(fc.asyncProperty(fc.array(step, { minLength: 20, maxLength: 60 }), run), {
    numRuns: 25,
    interruptAfterTimeLimit: 20_000,
  });
}, 120_000);
