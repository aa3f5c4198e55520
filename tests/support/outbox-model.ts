import { setImmediate } from 'node:timers/promises';
import fc from 'fast-check';
import type { Held } from '../../src/server/outbox/types';
import { eventually } from './eventually';
import { bodyOf, filesIn, idsOf, openOutbox, outboxFolder, type TestOutbox } from './outbox';

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

/** Random histories of sends, flushes, adoptions and deaths: nothing acknowledged is lost, each sender keeps his order. */
export async function checkHosts(numRuns: number): Promise<void> {
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
  await fc.assert(fc.asyncProperty(fc.array(step, { minLength: 20, maxLength: 60 }), run), { numRuns });
}
