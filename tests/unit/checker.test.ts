import type { Entry } from '../../src/protocol/entries';
import { check, type Evidence } from '../../src/load/checker';
import type { Kind } from '../../src/load/findings';
import type { FinalLog, JournalEvent } from '../../src/load/journal';
import { copy, expectOnly, History } from './checker-history';

/** Three clients; 0 and 1 send six acknowledged messages and, at seq 4, one of unknown outcome. */
function correct(): Evidence {
  const history = new History(3);
  for (let k = 0; k < 3; k++) history.send(k % 2, 'ack', true);
  history.send(1, 'nothing', true);
  history.quiesce();
  for (let k = 0; k < 3; k++) history.send(k % 2, 'ack', true);
  return copy(history.quiesce());
}

const FIRST = 0;
const LAST = -1;
/** The packets that reached a client: two each, seq 1 to 4 and 5 to 7. */
function packets(evidence: Evidence, client: number): Entry[][] {
  return evidence.journals[client]!.events.flatMap((event) =>
    event.type === 'messages' ? [event.entries] : [],
  );
}
const logOf = (evidence: Evidence): FinalLog => evidence.logs[0]!;
const swap = <T>(entries: T[], a: number, b: number): void => {
  [entries[a], entries[b]] = [entries[b]!, entries[a]!];
};
const forged = (entry: Entry): Entry => ({ ...entry, id: 'forged', text: 'never sent' }) as Entry;

describe('the checker has no objection to', () => {
  test('[LOAD-10] a correct history, and counts it', () => {
    expect(check(correct())).toMatchObject({
      ...{ seed: 7, clients: 3, sends: 7, committed: 6, unknown: 1, shown: 21 },
      ...{ violations: 0, examples: [] },
    });
  });

  test('[LOAD-10] a client that left before the end', () => {
    const evidence = correct();
    const { events } = evidence.journals[2]!;
    events.splice(events.length - 1, 1, { type: 'disconnected', reason: 'io client disconnect' });
    expect(check(evidence).violations).toBe(0);
  });

  test('[LOAD-10] a cursor that a join moved back over what was already shown', () => {
    const evidence = correct();
    const { events } = evidence.journals[2]!;
    const again = logOf(evidence).messages.slice(5) as Entry[];
    const answer = { room: 'tea', epoch: 'e1', first: 1, head: 7, upTo: 5, messages: [], complete: true };
    events.push({ type: 'joined', answer: { ...answer, reason: 'none' }, since: { epoch: 'e1', seq: 5 } });
    events.push({ type: 'messages', entries: again });
    expect(check(evidence).violations).toBe(0);
  });

  test('[LOAD-10] a plain string whose answer, with its id, got lost', () => {
    const evidence = correct();
    delete evidence.journals[1]!.sends.find((send) => !send.attempts[0]!.answer)!.id;
    expect(check(evidence).violations).toBe(0);
  });

  test('[LOAD-10] acknowledged entries that were trimmed from the log', () => {
    const evidence = correct();
    logOf(evidence).messages.splice(0, 2);
    logOf(evidence).first = 3;
    expect(check(evidence).violations).toBe(0);
  });
});

describe('the checker finds, and names by its kind alone,', () => {
  const mutations: [string, Kind, (evidence: Evidence) => void, number?][] = [
    ['an acknowledged entry a member never saw', 'lost', (e) => packets(e, 2)[0]!.splice(1, 1)],
    ['an acknowledged entry before the head never seen', 'lost', (e) => packets(e, 2).at(LAST)!.pop()],
    ['an acknowledged entry that the log does not have', 'lost', (e) => logOf(e).messages.splice(1, 1)],
    ['an unacknowledged seq that a member never saw', 'holes', (e) => packets(e, 2)[0]!.splice(3, 1)],
    ['an entry shown twice', 'doubled', (e) => packets(e, 2)[0]!.splice(2, 0, packets(e, 2)[0]![1]!)],
    ['an entry shown again later', 'doubled', (e) => packets(e, 2)[1]!.push(packets(e, 2)[0]![1]!)],
    ['two neighbours the wrong way round', 'outOfOrder', (e) => swap(packets(e, 2)[0]!, 1, 2)],
    ['an entry that nobody sent', 'phantoms', (e) => (packets(e, 2)[0]![1] = forged(packets(e, 2)[0]![1]!))],
    [
      'a text that was not sent so',
      'phantoms',
      (e) => Object.assign(packets(e, 2)[0]![1]!, { text: 'else' }),
    ],
    ['two who see different entries', 'conflicting', (e) => exchange(packets(e, 2)[0]!), 2],
    ['an entry shown, not acknowledged, and gone', 'conflicting', (e) => logOf(e).messages.splice(3, 1)],
  ];
  test.each(mutations)('[LOAD-11] %s: %s', (...[, kind, mutate, count]) => {
    const evidence = correct();
    mutate(evidence);
    expectOnly(evidence, kind, count);
  });

  /** The entries at two positions change places, the numbers stay. */
  function exchange(entries: Entry[]): void {
    swap(entries, 1, 2);
    [entries[1]!.seq, entries[2]!.seq] = [entries[2]!.seq, entries[1]!.seq];
  }

  test('[LOAD-11] the same entry twice in the log', () => {
    const evidence = correct();
    const again = { ...logOf(evidence).messages[0]!, seq: 8 };
    logOf(evidence).messages.push(again);
    logOf(evidence).head = 8;
    for (let client = 0; client < 3; client++) packets(evidence, client)[1]!.push(again as Entry);
    expectOnly(evidence, 'doubled', 4);
  });

  test('[LOAD-11] an entry whose sender was refused', () => {
    const evidence = correct();
    const send = evidence.journals[1]!.sends.find((send) => !send.attempts[0]!.answer)!;
    send.attempts[0]!.answer = { ok: false, error: { code: 'forbidden', message: 'no' } };
    expectOnly(evidence, 'phantoms', 4);
  });

  test('[LOAD-11] an acknowledgement that names another position', () => {
    const evidence = correct();
    const { answer } = evidence.journals[0]!.sends[FIRST]!.attempts[0]!;
    if (answer?.ok && answer.status === 'committed') answer.seq = 99;
    expectOnly(evidence, 'conflicting');
  });

  test('[LOAD-11] entries of a room that was not joined', () => {
    const evidence = correct();
    const { events } = evidence.journals[2]!;
    events.splice(events.length - 1, 0, { type: 'detached', room: 'tea' });
    expectOnly(evidence, 'phantoms', 3);
  });

  test('[LOAD-11] a queued entry that never came into the log', () => {
    const evidence = correct();
    const answer = { ok: true, id: 'q', room: 'tea', status: 'queued', at: 1 } as const;
    const attempts = [{ connection: 1, sentAt: 900, answeredAt: 901, answer }];
    evidence.journals[0]!.sends.push({
      room: 'tea',
      kind: 'message',
      text: 'q',
      id: 'q',
      plannedAt: 900,
      attempts,
    });
    expectOnly(evidence, 'lost');
  });

  test('[LOAD-11] a resume that skips what came meanwhile', () => {
    const history = new History(2);
    history.quiesce();
    history.disconnect(1);
    history.send(0, 'ack', true);
    history.connect(1);
    const evidence = copy(history.quiesce());
    expect(check(evidence).violations).toBe(0);
    evidence.journals[1]!.events.pop();
    expectOnly(evidence, 'lost');
  });

  test('[LOAD-11] a new epoch that one client never heard of', () => {
    const history = new History(2);
    history.send(0, 'ack', true);
    history.quiesce();
    history.forget();
    const evidence = copy(history.quiesce());
    expect(check(evidence).violations).toBe(0);
    evidence.journals[1]!.events.pop();
    expectOnly(evidence, 'holes');
  });

  test('[LOAD-11] an old epoch that comes back', () => {
    const history = new History(2);
    history.send(0, 'ack', true);
    const old = history.log[0]!;
    history.quiesce();
    history.forget();
    const evidence = copy(history.quiesce());
    evidence.journals[1]!.events.push({ type: 'messages', entries: [old] } satisfies JournalEvent);
    expectOnly(evidence, 'outOfOrder');
  });
});

describe("a sender's order", () => {
  /** One client sends twice on one connection; the log has them the other way round. */
  function turned(first: 'ack' | 'nothing'): { history: History; again: () => void } {
    const history = new History(2);
    const early = history.send(0, 'nothing', false);
    history.send(0, 'ack', true);
    if (first === 'ack') early.attempts = [];
    history.attempt(0, early, 'ack', true);
    return { history, again: () => early.attempts.splice(1) };
  }

  test('[LOAD-10] may turn for a message that was tried again', () => {
    expect(check(turned('nothing').history.quiesce()).violations).toBe(0);
  });

  test('[LOAD-11] must hold for what was acknowledged, on whatever connection, queued or not, in a new epoch too', () => {
    for (const status of ['committed', 'queued'] as const) {
      const { history } = turned('nothing');
      const [early, late] = history.journals[0]!.sends;
      early!.attempts = [{ ...early!.attempts[1]!, sentAt: 1, answeredAt: 2 }];
      if (status === 'queued')
        early!.attempts[0]!.answer = { ok: true, id: early!.id!, room: 'tea', status, at: 1 };
      late!.attempts[0]!.connection = 2;
      history.forget();
      history.join(0);
      history.join(1);
      for (const send of [early!, late!]) {
        const { answer } = send.attempts[0]!;
        if (answer?.ok && answer.status === 'committed') answer.epoch = 'e1';
      }
      expectOnly(history.quiesce(), 'outOfOrder');
    }
  });

  test('[LOAD-11] must not turn for messages sent once, one after the other', () => {
    const { history, again } = turned('nothing');
    again();
    expectOnly(history.quiesce(), 'outOfOrder');
  });
});

test('[LOAD-11] a client that is connected, but did not get back into its room', () => {
  const evidence = correct();
  const { events } = evidence.journals[2]!;
  const hello = events.find((event) => event.type === 'hello')!;
  const asked = { tea: { epoch: 'e0', seq: 7 } };
  const rooms = hello.hello.rooms.map((room) => ({ ...room, reason: 'epoch' as const }));
  events.push({ type: 'disconnected', reason: 'transport close' });
  events.push({ type: 'hello', hello: { ...hello.hello, rooms }, asked });
  expectOnly(evidence, 'lost');
});
