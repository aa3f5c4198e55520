import { Agreement } from './agreement';
import { Findings, type Kind } from './findings';
import { checkLog, checkPending, compareLog } from './final-log';
import { outcomeOf, type FinalLog, type Journal, type JournalEvent, type Outcome } from './journal';
import { Replay } from './replay';
import { checkSenderOrder } from './sender-order';
import { Sent } from './sent';
import { StateCheck } from './state-check';

/** What a run of a crowd proved. A run counts only if `violations` is 0. */
export type Report = Record<Kind | Outcome, number> & {
  seed: number;
  clients: number;
  sends: number;
  /** Entries shown, summed over the clients. */
  shown: number;
  violations: number;
  /** The first few violations of each kind, in words. */
  examples: string[];
};

/** What is checked: the journals of all who sent anything, and how the rooms' logs read in the end. */
export interface Evidence {
  seed: number;
  journals: Journal[];
  logs: FinalLog[];
}

/**
 * Compares what was sent, acknowledged and shown. Pure. The caller has quiesced before: whoever is still
 * connected at the end of his journal has to be complete up to the head of the final log.
 *
 * - lost: acknowledged or shown as pending, but missing in the final log, or at a client whose run covers its seq
 * - doubled: the same position or the same (from.id, id) twice in what one client holds
 * - outOfOrder: seq does not rise, or the entries of one sender are not in his order
 * - holes: a seq is missing that nobody was acknowledged
 * - phantoms: shown, but never sent so, refused for good, of a room not joined, or of a deleted message
 * - conflicting: two see different entries at one position, or an acknowledgement names another one
 * - stale: a message is shown otherwise than the entries up to there made it, or its text after its delete
 */
export function check({ seed, journals, logs }: Evidence): Report {
  const findings = new Findings();
  const sent = new Sent(journals);
  const agreement = new Agreement(findings);
  for (const log of logs) checkLog(log, sent, agreement, findings);
  const replays = journals.map((journal) => new Replay(journal, sent, agreement, findings));
  for (const replay of replays) replay.all(logs);
  const pending = replays.flatMap((replay) => replay.pending);
  for (const log of logs) checkPending(log, pending, sent, findings);
  for (const log of logs) compareLog(log, sent, agreement, findings);
  agreement.compareAnswers(sent);
  new StateCheck(sent, agreement, logs, findings).all(replays.flatMap((replay) => replay.pages));
  checkSenderOrder(journals, agreement.epochs(), findings);
  return report(seed, journals, sent, findings);
}

function report(seed: number, journals: Journal[], { sends }: Sent, findings: Findings): Report {
  const outcomes = sends.map(({ send }) => outcomeOf(send));
  const count = (outcome: Outcome): number => outcomes.filter((o) => o === outcome).length;
  const shown = journals.flatMap((journal) => journal.events).reduce((sum, e) => sum + shownBy(e), 0);
  return {
    seed,
    clients: journals.length,
    sends: sends.length,
    committed: count('committed'),
    queued: count('queued'),
    refused: count('refused'),
    unknown: count('unknown'),
    shown,
    lost: findings.count('lost'),
    doubled: findings.count('doubled'),
    outOfOrder: findings.count('outOfOrder'),
    holes: findings.count('holes'),
    phantoms: findings.count('phantoms'),
    conflicting: findings.count('conflicting'),
    stale: findings.count('stale'),
    violations: findings.total,
    examples: findings.examples(),
  };
}

function shownBy(event: JournalEvent): number {
  if (event.type === 'messages') return event.entries.length;
  return event.type === 'joined' || event.type === 'history' ? event.answer.messages.length : 0;
}
