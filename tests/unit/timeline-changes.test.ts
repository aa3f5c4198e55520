import { find } from '../../src/client/committed';
import { EMPTY, MAX_HELD, gap, joined, older, receive, type Timeline } from '../../src/client/timeline';
import type { Entry, PageMessage, Ref } from '../../src/protocol/entries';
import type { HistoryAnswer } from '../../src/protocol/events';

const room = 'lobby';
const from = { id: 'guest:mina', name: 'mina' };
const place = (seq: number) => ({ room, epoch: 'a', seq, n: seq, id: `m${seq}`, from, at: seq });
const message = (seq: number) => ({ ...place(seq), kind: 'message' as const, text: `m${seq}` });
const ref = (seq: number): Ref => ({ from: from.id, id: `m${seq}` });
const edit = (seq: number, of: number, text: string): Entry => {
  return { ...place(seq), kind: 'edit', target: ref(of), text };
};
const remove = (seq: number, of: number): Entry => ({ ...place(seq), kind: 'delete', target: ref(of) });
const fresh = (...messages: PageMessage[]): Timeline =>
  joined(EMPTY, { epoch: 'a', upTo: messages.at(-1)?.seq ?? 0, reason: 'fresh', messages, complete: true });
const page = (head: number, ...messages: PageMessage[]): HistoryAnswer => {
  return { room, epoch: 'a', first: 1, head, messages, complete: true };
};
const texts = ({ committed }: Timeline) => committed.map(({ text }) => text ?? 'deleted');

describe('timeline of changes', () => {
  it('[CLIENT-14] changes the target, and leaves all other messages the same objects', () => {
    const held = fresh(message(1), message(2));
    const next = receive(held, [edit(3, 1, 'new'), message(4), remove(5, 2)]);
    expect(texts(next)).toEqual(['new', 'deleted', 'm4']);
    const last = receive(next, [edit(6, 4, 'x')]);
    expect(last.committed[0]).toBe(next.committed[0]);
    expect(last.run?.upTo).toBe(6);
    expect(texts(held)).toEqual(['m1', 'm2']);
  });

  it('[CLIENT-14] takes places without text into the run', () => {
    const gone = { ...place(2), kind: 'message', deleted: true } as Entry;
    const goneEdit = { ...place(3), kind: 'edit', target: ref(2), deleted: true } as Entry;
    const next = receive(fresh(message(1)), [gone, goneEdit, remove(4, 2), edit(5, 2, 'late')]);
    expect(texts(next)).toEqual(['m1', 'deleted']);
    expect(next.broken).toBe(false);
  });

  it('[CLIENT-14] drops a text that it remembered once the run says it is deleted', () => {
    const messages = [message(2)];
    const degraded = joined(fresh(message(1)), { epoch: null, upTo: null, reason: 'degraded', messages });
    expect(texts(degraded)).toEqual(['m1', 'm2']);
    const gone = { ...place(2), kind: 'message', deleted: true } as Entry;
    expect(texts(receive(degraded, [gone]))).toEqual(['m1', 'deleted']);
  });

  it('[CLIENT-14] changes a page that was read before the change, and not one that was read after', () => {
    const before = receive(gap('a', 3), [edit(4, 1, 'old'), edit(5, 1, 'new')]);
    expect(texts(older(before, 4, page(3, message(1), message(2))))).toEqual(['new', 'm2']);
    const now = { ...message(1), text: 'newest', edited: 6 };
    expect(texts(older(before, 4, page(6, now, message(2))))).toEqual(['newest', 'm2']);
  });

  it('[CLIENT-14] finds the target among ten thousand without looking at each', () => {
    const many = Array.from({ length: MAX_HELD }, (_, i) => message(i + 1));
    let reads = 0;
    const watched = many.map((each) =>
      Object.defineProperty({ ...each }, 'id', { get: () => (reads++, each.id), enumerable: true }),
    );
    const held = receive(fresh(...watched), [edit(MAX_HELD + 1, 1, 'first')]);
    reads = 0;
    const next = receive(held, [edit(MAX_HELD + 2, 5, 'fifth'), message(MAX_HELD + 3)]);
    expect(next.committed).toHaveLength(MAX_HELD);
    expect(find(next.committed, ref(5))?.text).toBe('fifth');
    expect(find(next.committed, ref(1))).toBeUndefined();
    expect(reads).toBeLessThan(100);
  });
});
