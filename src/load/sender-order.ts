import type { Epoch } from './agreement';
import type { Findings } from './findings';
import { userOf, type Journal, type Send } from './journal';
import { keyOf } from './sent';

/** From `at` on, everything its sender sends belongs after it: on this connection, or on any. */
interface Settled {
  at: number;
  seq: number;
  connection: number | 'any';
}

/**
 * The entries of one sender in one room appear in the order in which he sent them one after the other: the
 * earlier one had no attempt left to come, on the same connection, or it was acknowledged. Only what was
 * tried again meanwhile, or on another connection without an answer, may come later.
 */
export function checkSenderOrder(journals: Journal[], epochs: Epoch[], findings: Findings): void {
  for (const journal of journals) {
    const user = userOf(journal);
    if (user === undefined) continue;
    for (const epoch of epochs) {
      const sends = journal.sends.filter((send) => send.room === epoch.room);
      checkEpoch(user, sends, epoch, findings);
    }
  }
}

function checkEpoch(user: string, all: Send[], { room, epoch, seqOf }: Epoch, findings: Findings): void {
  const seqIn = (send: Send): number | undefined => seqOf.get(keyOf(user, send.id ?? ''));
  const sends = all.filter((send) => send.attempts.length > 0 && seqIn(send) !== undefined);
  const settled = sends.flatMap((send) => settle(send, seqIn(send)!)).sort((a, b) => a.at - b.at);
  const newest = new Map<number | 'any', number>();
  let next = 0;
  for (const send of sends.sort((a, b) => a.attempts[0]!.sentAt - b.attempts[0]!.sentAt)) {
    const { sentAt, connection } = send.attempts[0]!;
    for (; next < settled.length && settled[next]!.at < sentAt; next++) {
      const { connection, seq } = settled[next]!;
      newest.set(connection, Math.max(newest.get(connection) ?? 0, seq));
    }
    const before = Math.max(newest.get(connection) ?? 0, newest.get('any') ?? 0);
    const seq = seqIn(send)!;
    if (seq < before)
      findings.add(
        'outOfOrder',
        `${send.id} of ${user} at ${room} ${epoch}:${seq}, sent after what is at ${before}`,
      );
  }
}

function settle({ attempts }: Send, seq: number): Settled[] {
  const settled: Settled[] = [];
  const acknowledged = attempts.find((attempt) => attempt.answer?.ok);
  if (acknowledged) settled.push({ at: acknowledged.answeredAt ?? Infinity, seq, connection: 'any' });
  const { connection, sentAt } = attempts.at(-1)!;
  if (attempts.every((attempt) => attempt.connection === connection))
    settled.push({ at: sentAt, seq, connection });
  return settled;
}
