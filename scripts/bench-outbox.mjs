// What group commit is worth on this disk: `npm run build:server && node scripts/bench-outbox.mjs [folder]`.
import { mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { DiskOutbox } from '../dist/server/outbox/disk.js';

const SECONDS = 3;
const folder = mkdtempSync(join(process.argv[2] ?? '.', 'bench-outbox-'));
const report = (problem, error) => console.error(problem, error);

/** Messages a second with so many senders, each of whom waits for his acknowledgement before he sends the next one. */
async function measure(senders) {
  const outbox = await DiskOutbox.open({ folder, server: `with-${senders}`, isAway: () => false, report });
  const end = performance.now() + SECONDS * 1000;
  let count = 0;
  const send = async (n) => {
    const from = { id: `user ${n}`, name: `user ${n}` };
    while (performance.now() < end) {
      const body = { id: `${++count}`, kind: 'message', from, at: Date.now(), text: 'x'.repeat(100) };
      await outbox.add(`room ${n % 10}`, body);
    }
  };
  await Promise.all(Array.from({ length: senders }, (_, n) => send(n)));
  console.log(`${senders} sender(s): ${Math.round(count / SECONDS)} messages/s`);
  outbox.done(outbox.due(count));
  await outbox.close();
}

try {
  for (const senders of [1, 10, 100, 500]) await measure(senders);
} finally {
  rmSync(folder, { recursive: true, force: true });
}
