import type { Answer, SendAnswer } from '../../src/protocol/events';
import type { Send } from '../../src/load/journal';
import { Sending } from '../../src/load/sending';
import { eventually } from '../support/eventually';

/** A connection that tells what is sent on it, and answers when the test says so. */
function line() {
  const sent: string[] = [];
  const hears = new Map<string, (answer?: Answer<SendAnswer>) => void>();
  let ready = true;
  const sending = new Sending(
    {
      connection: () => 1,
      ready: () => ready,
      emit: ({ id }, heard) => {
        sent.push(id!);
        hears.set(id!, heard);
      },
    },
    () => undefined,
  );
  const take = (id: string): void => hears.get(id)!({ ok: true, id, room: 'tea', status: 'queued', at: 1 });
  const refuse = (id: string): void =>
    hears.get(id)!({ ok: false, error: { code: 'unavailable', message: 'later', retryAfterMs: 1 } });
  const add = (...ids: string[]): void => ids.forEach((id) => sending.add(sendOf(id)));
  const cut = (...ids: string[]): void => {
    ready = false;
    for (const id of ids) hears.get(id)!();
  };
  const back = (): void => {
    ready = true;
    sending.flush();
  };
  return { sending, sent, add, take, refuse, cut, back };
}

const sendOf = (id: string, kind: 'message' | 'delete' = 'message'): Send =>
  ({ kind, text: id, target: { from: 'a', id: 'x' }, room: 'tea', id, plannedAt: 0, attempts: [] }) as Send;

describe('a client of a crowd', () => {
  test('[LOAD-17] sends without waiting for answers as long as all goes well', () => {
    const { sent, add } = line();
    add('1', '2', '3');
    expect(sent).toEqual(['1', '2', '3']);
  });

  test('[LOAD-17] sends again in order after a temporary refusal, and nothing new before', async () => {
    const { sending, sent, add, take, refuse } = line();
    add('1', '2');
    refuse('1');
    refuse('2');
    add('3');
    await eventually(() => expect(sent).toEqual(['1', '2', '1']));
    take('1');
    expect(sent).toEqual(['1', '2', '1', '2']);
    take('2');
    expect(sent).toEqual(['1', '2', '1', '2', '3']);
    take('3');
    expect(sending.unanswered).toBe(0);
  });

  test('[LOAD-17] waits for what is under way before it sends anything again', async () => {
    const { sent, add, take, cut, back } = line();
    add('1', '2');
    cut('1', '2');
    add('3');
    back();
    await eventually(() => expect(sent).toEqual(['1', '2', '1']));
    take('1');
    take('2');
    expect(sent).toEqual(['1', '2', '1', '2', '3']);
  });

  test('[LOAD-17] holds up no message for a change that has to wait for Redis', () => {
    const { sending, sent, add, refuse } = line();
    sending.add(sendOf('change', 'delete'));
    refuse('change');
    add('1');
    expect(sent).toEqual(['change', '1']);
  });
});
