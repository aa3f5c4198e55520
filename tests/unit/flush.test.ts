import type { MessageBody } from '../../src/protocol/entries';
import { ChatError } from '../../src/protocol/codes';
import { Flusher } from '../../src/server/flow/flush';
import { eventually } from '../support/eventually';
import { MemoryOutbox } from '../support/memory-outbox';

const heldOf = (room: string, order: number) => {
  const body: MessageBody = {
    ...{ id: `m${order}`, kind: 'message', from: { id: 'ann', name: 'ann' } },
    ...{ at: 1, text: 'x' },
  };
  return { room, body, order };
};

test('[OUTBOX-14] a room whose log refuses holds up no other room, however much it holds', async () => {
  const outbox = new MemoryOutbox();
  outbox.held = Array.from({ length: 10_001 }, (_, i) => heldOf('broken', i));
  outbox.held.push(heldOf('lobby', 20_000));
  const asked: string[] = [];
  const flusher = new Flusher({
    log: { writable: () => true, onWritable: (listener) => listener() },
    outbox: {
      due: (limit, rests) => outbox.due(limit, rests),
      done: (held) => outbox.done(held),
      setAside: () => undefined,
      adopt: () => outbox.adopt(),
      onHeld: (listener) => outbox.onHeld(listener),
    },
    commit: async (room, bodies) => {
      asked.push(room);
      if (room === 'broken') throw new ChatError('unavailable');
      return bodies.map((_, i) => ({ status: 'new' as const, epoch: 'e', seq: i + 1, n: 1, at: 1 }));
    },
    report: () => undefined,
  });
  try {
    await eventually(() => expect(asked).toEqual(['broken', 'lobby']));
    expect(outbox.size).toBe(10_001);
  } finally {
    flusher.stop();
  }
});
