import type { PageMessage, Position } from '../protocol/entries';
import type { Answer, HistoryAnswer } from '../protocol/events';
import { MAX_PAGE } from '../protocol/limits';
import type { History } from '../protocol/schemas';
import type { FinalLog } from './journal';

/** Asks a server for a page of history; rejects if there is no answer. */
export type AskHistory = (payload: History) => Promise<Answer<HistoryAnswer>>;

/**
 * Reads a room's messages up to its head, after `begin` if that is of the present epoch, otherwise from the oldest
 * entry kept. Starts again if the epoch changes meanwhile. Throws if the server refuses.
 */
export async function readLog(ask: AskHistory, room: string, begin?: Position): Promise<FinalLog> {
  const { epoch, first } = must(await ask({ room, limit: 1 }));
  const start = begin?.epoch === epoch ? Math.max(begin.seq, first - 1) : first - 1;
  const messages: PageMessage[] = [];
  for (let after = start; ; after = messages.at(-1)!.seq) {
    const answer = await ask({ room, epoch, after, limit: MAX_PAGE });
    if (!answer.ok && answer.error.code === 'epoch_changed') return readLog(ask, room, begin);
    const page = must(answer);
    messages.push(...page.messages);
    if (page.complete || page.messages.length === 0)
      return { room, epoch, first: start + 1, head: page.head, messages };
  }
}

function must(answer: Answer<HistoryAnswer>): HistoryAnswer {
  if (!answer.ok) throw new Error(`history: ${answer.error.code} ${answer.error.message}`);
  return answer;
}
