import fc from 'fast-check';
import { shown } from '../../src/client/shown';
import { EMPTY, joined, receive, type Timeline } from '../../src/client/timeline';
import * as unsent from '../../src/client/unsent';
import type { WireError } from '../../src/protocol/codes';
import type { SendAnswer } from '../../src/protocol/events';

const self = { id: 'guest:mina', name: 'mina' };
const room = 'lobby';
const final: WireError = { code: 'forbidden', message: '' };
const temporary: WireError = { code: 'rate_limited', message: '', retryAfterMs: 1 };

type Fate = 'committed' | 'queued' | 'lost' | 'answer lost' | 'temporary' | 'final';

/** One sender, his room's log and the outbox before it. The network may lose requests and answers. */
class Model {
  list: unsent.UnsentList = [];
  timeline: Timeline = joined(EMPTY, { epoch: 'a', upTo: 0, reason: 'fresh', complete: true });
  log: string[] = [];
  outbox: string[] = [];
  written: string[] = [];

  entry = (seq: number) => {
    const id = this.log[seq - 1]!;
    return { room, id, kind: 'message' as const, from: self, at: 1, text: id, epoch: 'a', seq, n: seq };
  };
  write(): void {
    const id = `id${this.written.length}`;
    this.written.push(id);
    this.list = unsent.written(this.list, { id, text: id }, 1);
  }
  send(fate: Fate): void {
    const item = unsent.nextToSend(this.list);
    if (!item) return;
    this.list = unsent.tried(this.list, item.id, 1);
    const known = this.log.includes(item.id) || this.outbox.includes(item.id);
    if (fate === 'final' && !known) this.list = unsent.refused(this.list, item.id, final);
    if (fate === 'temporary') this.list = unsent.refused(this.list, item.id, temporary);
    if (fate === 'lost' || fate === 'temporary' || fate === 'final') return;
    const answer = this.take(item.id, fate);
    if (fate !== 'answer lost') this.settle(unsent.taken(this.list, item.id, answer));
  }
  take(id: string, fate: Fate): SendAnswer {
    if (!this.log.includes(id) && !this.outbox.includes(id)) {
      const behind = fate === 'queued' || this.outbox.length > 0;
      (behind ? this.outbox : this.log).push(id);
    }
    if (this.outbox.includes(id)) return { id, room, status: 'queued', at: 1 };
    return { id, room, status: 'committed', epoch: 'a', seq: this.log.indexOf(id) + 1, at: 1 };
  }
  showPending(): void {
    const pending = this.outbox.map((id) => ({
      room,
      id,
      kind: 'message' as const,
      from: self,
      at: 1,
      text: id,
      pending: true as const,
    }));
    this.follow(receive(this.timeline, pending));
  }
  flush(): void {
    this.log.push(...this.outbox.splice(0));
  }
  deliver(count: number): void {
    const { upTo } = this.timeline.run!;
    const more = this.log.slice(upTo, upTo + count).map((_, i) => this.entry(upTo + 1 + i));
    this.follow(receive(this.timeline, more));
  }
  join(reason: 'none' | 'far'): void {
    const upTo = reason === 'none' ? this.timeline.run!.upTo : this.log.length;
    const messages = reason === 'none' || upTo === 0 ? [] : [this.entry(upTo)];
    this.follow(joined(this.timeline, { epoch: 'a', upTo, reason, messages }));
    this.list = unsent.askAgain(this.list);
  }
  follow(timeline: Timeline): void {
    this.timeline = timeline;
    this.settle(this.list);
  }
  settle(list: unsent.UnsentList): void {
    this.list = unsent.settled(list, this.timeline, self.id);
  }
  shown = () => shown(this.timeline, this.list, self);
}

type Step = (model: Model) => void;
const fate = fc.constantFrom<Fate>('committed', 'queued', 'lost', 'answer lost', 'temporary', 'final');
const step: fc.Arbitrary<Step> = fc.oneof(
  fc.constant<Step>((model) => model.write()),
  fate.map(
    (f): Step =>
      (model) =>
        model.send(f),
  ),
  fc.nat(3).map(
    (n): Step =>
      (model) =>
        model.deliver(n),
  ),
  fc.constantFrom<Step>(
    (m) => m.flush(),
    (m) => m.showPending(),
    (m) => m.join('none'),
    (m) => m.join('far'),
  ),
);

function checkShownOnce(model: Model): void {
  const seen = model.shown().map(({ id }) => id);
  expect(new Set(seen).size).toBe(seen.length);
  const below = model.log.slice(0, model.timeline.run!.floor - 1);
  expect(model.written.filter((id) => !seen.includes(id) && !below.includes(id))).toEqual([]);
  const states = model.shown().map(({ state }) => state);
  expect(states.lastIndexOf('committed')).toBe(states.filter((state) => state === 'committed').length - 1);
}

describe('unsent messages', () => {
  it('[CLIENT-7] are shown exactly once from the writing on, after what is committed', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 50 }), (steps) => {
        const model = new Model();
        for (const next of steps) {
          next(model);
          checkShownOnce(model);
        }
      }),
      { numRuns: 500 },
    );
  });

  it('[CLIENT-8] come into the log once and in the order of writing, but for those that were finally refused', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 50 }), (steps) => {
        const model = new Model();
        for (const next of steps) next(model);
        model.join('none');
        while (unsent.nextToSend(model.list)) model.send('committed');
        model.flush();
        model.deliver(Infinity);
        const failed = model.list.map(({ id }) => id);
        expect(model.list.every(({ state }) => state === 'failed')).toBe(true);
        expect(model.log).toEqual(model.written.filter((id) => !failed.includes(id)));
      }),
      { numRuns: 500 },
    );
  });

  it('[CLIENT-9] fail when no server answered for ten minutes after the first try; those never tried wait on', () => {
    let list = unsent.written(unsent.written([], { id: 'a', text: 'a' }, 0), { id: 'b', text: 'b' }, 0);
    list = unsent.tried(unsent.tried(list, 'a', 1_000), 'a', 500_000);
    expect(unsent.expired(list, 1_000 + unsent.GIVE_UP_AFTER_MS - 1)).toBe(list);
    const late = unsent.expired(list, 1_000 + unsent.GIVE_UP_AFTER_MS);
    expect(late.map(({ state }) => state)).toEqual(['failed', 'waiting']);
    expect(unsent.retried(late, 'a')[0]).toEqual({ id: 'a', text: 'a', at: 0, state: 'waiting' });
    expect(unsent.discarded(late, 'a').map(({ id }) => id)).toEqual(['b']);
  });

  it('[CLIENT-9] have no deadline once a server took them', () => {
    let list = unsent.tried(unsent.written([], { id: 'a', text: 'a' }, 0), 'a', 0);
    list = unsent.askAgain(unsent.taken(list, 'a', { id: 'a', room, status: 'queued', at: 1 }));
    expect(unsent.expired(list, 10 * unsent.GIVE_UP_AFTER_MS)).toBe(list);
    expect(shown(EMPTY, list, self)[0]?.state).toBe('queued');
  });

  it('[CLIENT-2] stay queued until they are seen in the log, and fail when their id is taken', () => {
    const one = unsent.written([], { id: 'a', text: 'a' }, 0);
    const queued = unsent.taken(one, 'a', { id: 'a', room, status: 'queued', at: 1 });
    const answer = { id: 'a', room, status: 'committed', epoch: 'a', seq: 7, at: 1 } as const;
    const answered = unsent.taken(unsent.askAgain(queued), 'a', answer);
    expect(shown(EMPTY, answered, self)[0]?.state).toBe('queued');
    const conflict = unsent.refused(unsent.askAgain(queued), 'a', { code: 'id_conflict', message: '' });
    expect(shown(EMPTY, conflict, self)[0]).toMatchObject({
      state: 'failed',
      error: { code: 'id_conflict' },
    });
  });
});
