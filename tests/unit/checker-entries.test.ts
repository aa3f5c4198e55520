import type { Entry, PageMessage, Ref } from '../../src/protocol/entries';
import { check, type Evidence } from '../../src/load/checker';
import type { Kind } from '../../src/load/findings';
import type { Content, JournalEvent, Send } from '../../src/load/journal';
import { copy, expectOnly, History } from './checker-history';

const refOf = (client: number, { id }: Send): Ref => ({ from: `guest:c${client}`, id: id! });
const edit = (target: Ref, text: string): Content => ({ kind: 'edit', target, text });
const react = (target: Ref, emoji: string, on = true): Content => ({ kind: 'reaction', target, emoji, on });

/**
 * Three clients. 0 writes A, 1 writes B, both are edited, A gets reactions, B is deleted. Client 2 is away while
 * seq 4 to 8 come. The edit at 5 has no answer. In the end 0 reads a page, and 1 joins again.
 */
function played(): History {
  const history = new History(3);
  const a = refOf(0, history.send(0, 'ack', true));
  const b = refOf(1, history.send(1, 'ack', true));
  history.say(0, edit(a, 'A edited'), 'ack', true);
  history.quiesce();
  history.disconnect(2);
  history.say(1, react(a, '👍'), 'ack', true);
  history.say(1, edit(b, 'B edited'), 'nothing', true);
  history.quiesce();
  history.say(1, { kind: 'delete', target: b }, 'ack', true);
  history.say(0, react(a, '👍'), 'ack', true);
  history.say(1, react(a, '👍', false), 'ack', true);
  history.connect(2);
  history.quiesce();
  history.read(0);
  history.join(1);
  return history;
}
const correct = (): Evidence => copy(played().quiesce());

function shown(evidence: Evidence, client: number): Entry[] {
  return evidence.journals[client]!.events.flatMap((event) =>
    event.type === 'messages' ? event.entries : [],
  );
}
const at = (evidence: Evidence, client: number, seq: number): Entry =>
  shown(evidence, client).find((entry) => entry.seq === seq)!;

function drop(evidence: Evidence, client: number, seq: number): void {
  for (const event of evidence.journals[client]!.events)
    if (event.type === 'messages') event.entries = event.entries.filter((entry) => entry.seq !== seq);
}

/** A and B as a page shows them. */
const pageOf = (evidence: Evidence, type: 'joined' | 'history', client: number): PageMessage[] => {
  const event = evidence.journals[client]!.events.findLast((each) => each.type === type);
  return (event as Extract<JournalEvent, { type: 'joined' | 'history' }>).answer.messages as PageMessage[];
};
const final = (evidence: Evidence): PageMessage[] => evidence.logs[0]!.messages;
const change = (message: object | undefined, to: object): object => Object.assign(message!, to);

describe('the checker has no objection to', () => {
  test('[LOAD-14] edits, reactions and deletes, seen live and as tombstones', () => {
    const evidence = correct();
    expect(check(evidence)).toMatchObject({ examples: [], violations: 0, sends: 8, committed: 7 });
    expect([at(evidence, 0, 2), at(evidence, 0, 5)]).toMatchObject([{ kind: 'message' }, { kind: 'edit' }]);
    expect(at(evidence, 0, 5)).not.toHaveProperty('deleted');
    expect(at(evidence, 2, 5)).toMatchObject({ kind: 'edit', deleted: true });
    expect(final(evidence)).toMatchObject([
      { text: 'A edited', reactions: { '👍': ['guest:c0'] } },
      { deleted: true },
    ]);
  });

  test('[LOAD-14] an edit of what was deleted meanwhile, if it is refused', () => {
    const history = played();
    history.say(1, edit({ from: 'guest:c1', id: final(history.quiesce())[1]!.id }, 'late'), 'ack', true);
    expect(check(history.quiesce())).toMatchObject({ examples: [], refused: 1 });
  });

  test('[LOAD-14] an edit of unknown outcome that nobody saw, with its effect or without', () => {
    for (const stored of [true, false]) {
      const history = new History(2);
      const a = refOf(0, history.send(0, 'ack', true));
      history.quiesce();
      for (const client of [0, 1]) history.disconnect(client);
      history.say(0, edit(a, 'who knows'), 'nothing', stored);
      expect(check(history.quiesce())).toMatchObject({ examples: [], unknown: 1 });
    }
  });
});

describe('the checker finds, and names by its kind alone,', () => {
  const mutations: [string, Kind, (evidence: Evidence) => unknown, number?][] = [
    ['an edit without effect', 'stale', (e) => change(final(e)[0], { text: 'A', edited: undefined })],
    ['an edit with another text', 'stale', (e) => change(final(e)[0], { text: 'else' })],
    ['an edit with another time', 'stale', (e) => change(final(e)[0], { edited: 0 })],
    ['a reaction without effect', 'stale', (e) => delete final(e)[0]!.reactions],
    ['a reaction taken back, but shown', 'stale', (e) => final(e)[0]!.reactions!['👍']!.push('guest:c1')],
    ['a reaction of nobody', 'stale', (e) => change(final(e)[0]!.reactions, { '😂': ['guest:c2'] })],
    ['a deleted text in the end', 'stale', (e) => change(final(e)[1], { text: 'B edited', edited: 1 })],
    ['a delete without effect', 'stale', (e) => undelete(final(e)[1]!)],
    ['a joined page that is too old', 'stale', (e) => undelete(pageOf(e, 'joined', 1)[1]!)],
    [
      'a history page that is too old',
      'stale',
      (e) => (pageOf(e, 'history', 0)[0]!.reactions = { '👍': ['guest:c1'] }),
    ],
    ['a tombstone without a delete', 'stale', (e) => bury(at(e, 2, 1))],
    ['an edit as a tombstone without a delete', 'stale', (e) => bury(at(e, 2, 3))],
    ['a wrong not_found', 'stale', (e) => refuse(sendsOf(e, 1, 'reaction')[0]!, 'not_found'), 1],
    ['an edit that was sent with another text', 'phantoms', (e) => change(at(e, 0, 3), { text: 'else' })],
    [
      'an edit of another message',
      'phantoms',
      (e) => change(at(e, 0, 3), { target: { from: 'guest:c1', id: 'm1' } }),
    ],
    ['another emoji', 'phantoms', (e) => change(at(e, 0, 4), { emoji: '😂' })],
    ['a reaction the other way round', 'phantoms', (e) => change(at(e, 0, 4), { on: false })],
    ['a message that comes as an edit', 'phantoms', (e) => change(at(e, 0, 2), { kind: 'edit' })],
    ['an edit that was refused', 'phantoms', (e) => refuse(sendsOf(e, 1, 'edit')[0]!, 'forbidden'), 3],
    ['an acknowledged edit that one never saw', 'lost', (e) => drop(e, 1, 3)],
    ['a delete that one never saw', 'lost', (e) => drop(e, 2, 6)],
    ['an unacknowledged edit that one never saw', 'holes', (e) => drop(e, 2, 5)],
    ['an edit seen at another time', 'conflicting', (e) => change(at(e, 2, 3), { at: 0 })],
    ['another count of messages', 'conflicting', (e) => change(at(e, 2, 4), { n: 3 })],
    ['an entry that comes twice', 'doubled', (e) => again(e, 0)],
  ];
  test.each(mutations)('[LOAD-15] %s: %s', (...[, kind, mutate, count]) => {
    const evidence = correct();
    mutate(evidence);
    expectOnly(evidence, kind, count);
  });

  const sendsOf = ({ journals }: Evidence, client: number, kind: string): Send[] =>
    journals[client]!.sends.filter((send) => send.kind === kind);

  function undelete(message: PageMessage): void {
    delete message.deleted;
    Object.assign(message, { text: 'B edited', edited: 9 });
  }

  function bury(entry: Entry): void {
    if ('text' in entry) delete (entry as Partial<typeof entry>).text;
    Object.assign(entry, { deleted: true });
  }

  function refuse(send: Send, code: 'forbidden' | 'not_found'): void {
    const { connection } = send.attempts[0]!;
    const answer = { ok: false, error: { code, message: 'no' } } as const;
    if (code === 'forbidden') send.attempts = [];
    send.attempts.push({ connection, sentAt: 999, answer });
  }

  function again(evidence: Evidence, client: number): void {
    evidence.journals[client]!.events.push({ type: 'messages', entries: [at(evidence, client, 4)] });
  }

  test('[LOAD-15] a deleted text that is shown again to who saw the delete', () => {
    const history = played();
    const { name, log } = { name: 'e1', log: history.log };
    const since = { epoch: name, seq: 1 };
    const at = { room: 'tea', epoch: name, first: 1, head: 8, upTo: 1, messages: [], complete: true };
    const { events } = history.journals[0]!;
    events.push({ type: 'joined', answer: { ...at, reason: 'none' }, since });
    events.push({ type: 'messages', entries: log.slice(1) });
    const evidence = copy(history.quiesce());
    expect(check(evidence).violations).toBe(0);
    const last = evidence.journals[0]!.events.at(-1) as Extract<JournalEvent, { type: 'messages' }>;
    const text = evidence.journals[1]!.sends.find(({ kind }) => kind === 'message') as { text?: string };
    last.entries[0] = { ...shown(evidence, 1)[1]!, text: text.text } as Entry;
    expectOnly(evidence, 'stale');
  });

  test('[LOAD-15] an edit and a reaction that the log took after the delete', () => {
    const history = played();
    const target = { from: 'guest:c1', id: final(history.quiesce())[1]!.id };
    const takes = jest.spyOn(history as unknown as { takes: () => boolean }, 'takes').mockReturnValue(true);
    const late = [edit(target, 'late'), react(target, '👍')];
    for (const content of late) history.say(1, content, 'ack', true);
    takes.mockRestore();
    const evidence = copy(history.quiesce());
    evidence.logs[0]!.messages = final(correct());
    expectOnly(evidence, 'phantoms', 2);
  });

  test('[LOAD-15] an acknowledged reaction that nobody was there to see, and that has no effect', () => {
    const history = new History(2);
    const a = refOf(0, history.send(0, 'ack', true));
    history.quiesce();
    for (const client of [0, 1]) history.disconnect(client);
    history.say(1, react(a, '👍'), 'ack', true);
    const evidence = copy(history.quiesce());
    expect(check(evidence).violations).toBe(0);
    delete final(evidence)[0]!.reactions;
    expectOnly(evidence, 'stale');
  });

  test('[LOAD-15] a position at which nobody can have put anything', () => {
    const history = new History(1);
    history.send(0, 'ack', true);
    history.quiesce();
    history.disconnect(0);
    const evidence = copy(history.quiesce());
    evidence.logs[0]!.head = 2;
    expectOnly(evidence, 'holes');
  });

  test('[LOAD-15] a queued reaction that never came into the log', () => {
    const evidence = correct();
    const target = { from: 'guest:c0', id: final(evidence)[0]!.id };
    const answer = { ok: true, id: 'q', room: 'tea', status: 'queued', at: 1 } as const;
    const attempts = [{ connection: 1, sentAt: 900, answeredAt: 901, answer }];
    const send = { kind: 'reaction', target, emoji: '👍', on: true, room: 'tea', id: 'q' } as const;
    evidence.journals[2]!.sends.push({ ...send, plannedAt: 900, attempts });
    expectOnly(evidence, 'lost');
  });

  test('[LOAD-15] an edit that stands before what was acknowledged before it was sent', () => {
    const history = new History(2);
    const a = refOf(0, history.send(0, 'ack', true));
    const early = history.say(0, edit(a, 'early'), 'nothing', false);
    history.send(0, 'ack', true);
    history.attempt(0, early, 'ack', true);
    early.attempts.splice(1);
    expectOnly(copy(history.quiesce()), 'outOfOrder');
  });
});
