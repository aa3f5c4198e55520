import { check, type Evidence } from '../../src/load/checker';
import type { PendingMessage } from '../../src/protocol/entries';
import type { JournalEvent, Send } from '../../src/load/journal';
import { copy, expectOnly, History } from './checker-history';

/** Client 0 sends while Redis is away, and is told `queued`; all are shown it; later it is in the log. */
function correct(): Evidence {
  const history = new History(3);
  history.send(1, 'ack', true);
  history.quiesce();
  const send = history.send(0, 'nothing', false);
  const { attempts, room, id } = send;
  Object.assign(attempts[0]!, { answeredAt: attempts[0]!.sentAt + 0.1, answer: queued(room, id!) });
  history.journals.forEach((_, client) => show(history, client, send));
  // When Redis is back the server appends it.
  history.attempt(0, send, 'nothing', true);
  attempts.pop();
  return copy(history.quiesce());
}

const queued = (room: string, id: string) => ({ ok: true, status: 'queued', room, id, at: 1 }) as const;

function show(history: History, client: number, send: Send): void {
  history.journals[client]!.events.push({ type: 'pending', entries: [pending(send, 0)] });
}

function pending({ room, id, ...send }: Send, author: number): PendingMessage {
  const text = 'text' in send ? send.text : '';
  const from = { id: `guest:c${author}`, name: `c${author}` };
  return { room, id: id!, kind: 'message', text, from, at: 1, pending: true };
}

/** What client 2 was shown as pending. */
function shownTo2(evidence: Evidence): PendingMessage {
  const events = evidence.journals[2]!.events;
  return events.flatMap((event) => (event.type === 'pending' ? event.entries : []))[0]!;
}

const sendOf = (evidence: Evidence): Send => evidence.journals[0]!.sends[0]!;

/** The queued message is the last one: nobody has it any more. */
function loseIt(evidence: Evidence): void {
  const log = evidence.logs[0]!;
  log.messages.pop();
  log.head--;
  for (const { events } of evidence.journals) events.pop();
}

test('[LOAD-10] the checker has no objection to a message that is queued, pending and then committed', () => {
  expect(check(correct())).toMatchObject({ queued: 1, committed: 1, violations: 0, examples: [] });
});

test('[LOAD-10] the checker has no objection to one that is shown as pending again after it is committed', () => {
  const evidence = correct();
  evidence.journals[2]!.events.push({ type: 'pending', entries: [shownTo2(evidence)] });
  expect(check(evidence).violations).toBe(0);
});

describe('[CHAOS-5] the checker finds', () => {
  test('a queued message that is not in the log', () => {
    const evidence = correct();
    loseIt(evidence);
    expectOnly(evidence, 'lost');
  });

  test('a message of unknown outcome that was shown as pending and is not in the log', () => {
    const evidence = correct();
    delete sendOf(evidence).attempts[0]!.answer;
    expect(check(evidence).violations).toBe(0);
    loseIt(evidence);
    expectOnly(evidence, 'lost');
  });

  test('a queued message that is in the log twice', () => {
    const evidence = correct();
    const log = evidence.logs[0]!;
    const again = { ...log.messages.at(-1)!, seq: ++log.head };
    log.messages.push(again);
    for (const { events } of evidence.journals)
      events.push({ type: 'messages', entries: [again] } as JournalEvent);
    expect(check(evidence).doubled).toBeGreaterThan(0);
  });

  test('a pending message with a text that nobody sent', () => {
    const evidence = correct();
    shownTo2(evidence).text = 'another';
    expectOnly(evidence, 'phantoms');
  });

  test('a pending message that its author was refused', () => {
    const evidence = correct();
    loseIt(evidence);
    const error = { code: 'too_large', message: 'no' } as const;
    sendOf(evidence).attempts[0]!.answer = { ok: false, error };
    expect(check(evidence).phantoms).toBe(3);
  });

  test('a pending message of a room that the client is not in', () => {
    const evidence = correct();
    evidence.journals[2]!.events.push(
      { type: 'detached', room: 'tea' },
      { type: 'pending', entries: [shownTo2(evidence)] },
    );
    expectOnly(evidence, 'phantoms');
  });
});
