import { appendFile, readdir, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Others } from '../../src/server/outbox/others';
import { eventually } from '../support/eventually';
import { checkHosts } from '../support/outbox-model';
import { bodyOf, bytesIn, filesIn, idsOf, openOutbox, outboxFolder } from '../support/outbox';

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
    await eventually(async () => {
      // With 0 one could take it from the other at once.
      await Promise.all([b.outbox.adopt(50), c.outbox.adopt(50)]);
      expect(b.outbox.size + c.outbox.size).toBeGreaterThan(0);
    });
    const both = [...idsOf(b.outbox.due(9)), ...idsOf(c.outbox.due(9))];
    expect(both).toEqual(['2', '3']);
    const owner = b.outbox.size > 0 ? b : c;
    owner.outbox.done(owner.outbox.due(1));
    await eventually(async () => expect(await bytesIn(folder)).toContain('"done":[2]'));
    owner.outbox.done(owner.outbox.due(1));
    await eventually(async () => expect(await filesIn(folder)).toEqual([]));
  });

  test('[OUTBOX-9] a file that is renamed while it is looked for is found under its new name', async () => {
    const folder = await outboxFolder();
    const { outbox } = await openOutbox(folder, 'a');
    await outbox.add('lobby', bodyOf('1'));
    const others = new Others(folder, { report: () => undefined, isNews: () => true });
    const names = await filesIn(folder);
    await rename(join(folder, names[0]!), join(folder, 'b.1234.1.outbox'));
    const held = await others.read(names, () => filesIn(folder));
    expect(idsOf(held)).toEqual(['1']);
    expect(others.highest).toBe(held[0]!.order);
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

  test('[OUTBOX-8] a server that appends what it holds keeps its file, however old that is', async () => {
    const folder = await outboxFolder();
    const [a, b] = [await openOutbox(folder, 'a'), await openOutbox(folder, 'b')];
    await Promise.all(['1', '2', '3'].map((id) => a.outbox.add('lobby', bodyOf(id))));
    await b.outbox.look();
    await sleep(300);
    a.outbox.done(a.outbox.due(1));
    await eventually(() => expect(b.outbox.pending('lobby')).toHaveLength(2));
    await b.outbox.adopt(300);
    expect([idsOf(b.outbox.due(9)), idsOf(a.outbox.due(9))]).toEqual([[], ['2', '3']]);
    await eventually(async () => {
      await b.outbox.adopt(300);
      expect(idsOf(b.outbox.due(9))).toEqual(['2', '3']);
    });
  });

  test('[OUTBOX-6] a server that stops takes no more files', async () => {
    const folder = await outboxFolder();
    const [a, b] = [await openOutbox(folder, 'a'), await openOutbox(folder, 'b')];
    await a.outbox.add('lobby', bodyOf('1'));
    const adopting = b.outbox.adopt(0);
    await b.outbox.close();
    await adopting;
    await b.outbox.adopt(0);
    expect(await filesIn(folder)).toEqual([expect.stringMatching(/^a\./)]);
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

test('[OUTBOX-9] whoever adopts whatever when, and dies: nothing acknowledged is lost, each sender keeps his order', async () => {
  await checkHosts(6);
}, 60_000);
