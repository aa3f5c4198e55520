import type { PendingMessage } from '../protocol/entries';
import type { Agreement } from './agreement';
import type { Findings } from './findings';
import { outcomeOf, type FinalLog, type Send } from './journal';
import { Run } from './run';
import { keyOf, type Sent } from './sent';

/** The log has each message once, as it was sent, and every one that was acknowledged. */
export function checkLog(log: FinalLog, sent: Sent, agreement: Agreement, findings: Findings): void {
  const who = 'the final log';
  new Run(who, log.room, sent, findings).start(log.epoch, log.head, log.messages);
  for (const entry of log.messages) {
    const fault = sent.fault(entry);
    if (fault) findings.add('phantoms', `${who} has ${log.room} ${log.epoch}:${entry.seq}: ${fault}`);
    else agreement.saw(who, entry, false);
  }
  const kept = new Set(log.messages.map((entry) => keyOf(entry.from.id, entry.id)));
  for (const { user, send } of sent.sends) {
    if (mustBeIn(log, send) && !kept.has(keyOf(user, send.id ?? '')))
      findings.add('lost', `${send.id} of ${user}, ${outcomeOf(send)}, is not in the log of ${log.room}`);
  }
}

/** Call it when all journals were replayed: what people were shown must not vanish from the log. */
export function compareLog(log: FinalLog, sent: Sent, agreement: Agreement, findings: Findings): void {
  const { room, epoch, first, head } = log;
  const kept = new Set(log.messages.map((entry) => entry.seq));
  for (const [seq, { kind }] of agreement.epoch(room, epoch).at) {
    const inside = seq >= first && seq <= head && kind === 'message';
    // What was acknowledged too is counted as lost already.
    if (inside && !kept.has(seq) && !sent.acknowledgedAt(room, epoch, seq))
      findings.add('conflicting', `${room} ${epoch}:${seq} was shown, the final log does not have it`);
  }
}

/** What was shown as pending is on a disk: in the end it is in the log, whatever its author was told. */
export function checkPending(log: FinalLog, pending: PendingMessage[], sent: Sent, findings: Findings): void {
  const kept = new Set(log.messages.map((entry) => keyOf(entry.from.id, entry.id)));
  for (const { room, from, id } of pending) {
    const key = keyOf(from.id, id);
    if (room !== log.room || kept.has(key)) continue;
    const send = sent.find(key, room);
    // What was acknowledged too is counted as lost already, or was trimmed since.
    if (send && outcomeOf(send) === 'unknown')
      findings.add('lost', `${id} of ${from.id}, shown as pending, is not in the log of ${room}`);
  }
}

function mustBeIn(log: FinalLog, send: Send): boolean {
  const outcome = outcomeOf(send);
  if (send.kind !== 'message' || send.room !== log.room) return false;
  if (outcome !== 'committed' && outcome !== 'queued') return false;
  return !send.attempts.some(
    ({ answer }) =>
      answer?.ok && answer.status === 'committed' && answer.epoch === log.epoch && answer.seq < log.first,
  );
}
