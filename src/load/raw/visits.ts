import { setTimeout as sleep } from 'node:timers/promises';
import { RawClient } from './client';
import { countedBetween, countsOf, type Counts } from './counting';
import type { RawCrowdOptions } from './crowd';
import type { LoadHooks, LoadResult } from './run';
import { Tally, type Span } from './tally';

/** People who come one after the other, say one thing and go again: the load of the story (scripts/load/story.yml). */
export interface Visits {
  perSecond: number;
  /** How long each stays after what he has said. */
  stayMs: number;
}

export interface VisitsOptions extends RawCrowdOptions {
  visits: Visits;
  warmUpMs: number;
  forMs: number;
  textLength: number;
  /** Is set to the time that counts. */
  span: Span;
}

const IN_WITHIN_MS = 10_000;

/**
 * Plays visits to one room. Nobody knows who is to be shown what, as they come and go; a visit that does not get in
 * has `ended`, as one that is cut off.
 */
export async function playVisits(options: VisitsOptions, hooks: LoadHooks): Promise<LoadResult> {
  const { visits, warmUpMs, forMs, span, tally, now } = options;
  const start = now();
  span.from = start + warmUpMs * 1_000;
  span.to = span.from + forMs * 1_000;
  const late = new Tally(1, span);
  const count = Math.floor((visits.perSecond * (warmUpMs + forMs)) / 1_000);
  const all: Promise<RawClient>[] = [];
  let before: Counts | undefined;
  for (let k = 0; k < count; k++) {
    const plannedAt = start + (k * 1e6) / visits.perSecond;
    while (now() < plannedAt) await sleep(1);
    if (!before && now() >= span.from) {
      before = countsOf(tally, now());
      hooks.begins?.();
    }
    late.deliveryTook(plannedAt, now());
    all.push(visit(options, k, count));
    if (k % visits.perSecond === 0)
      hooks.progress(`${k} of ${count} have come, delivered ${tally.delivered}`);
  }
  if (!before) throw new Error('too few visits: none came when it counted');
  while (now() < span.to) await sleep(1);
  const { cpu, ...counted } = countedBetween(before, countsOf(tally, now()));
  hooks.over?.();
  const clients = await Promise.all(all);
  const { sent, acknowledged, gaps, backwards, seqBreaks, ended, problems } = tally;
  return {
    ...{ sent, acknowledged, delivered: tally.delivered, missing: 0 },
    refused: clients.reduce((sum, { refused }) => sum + refused, 0),
    unanswered: clients.reduce((sum, { unanswered }) => sum + unanswered, 0),
    ...{ gaps, backwards, seqBreaks, ended, problems },
    ...{ delivery: tally.delivery(), ack: tally.ack() },
    ...counted,
    generator: { cpu, late: late.delivery().p99 },
  };
}

async function visit(options: VisitsOptions, index: number, members: number): Promise<RawClient> {
  const { targets, transports, run, tally, visits, textLength, now } = options;
  const place = { room: `${run}-0`, members, member: index };
  const auth = { name: `${run}-${index}` };
  const target = targets[index % targets.length]!;
  const transport = transports[index % transports.length]!;
  return new Promise((resolve) => {
    let left = false;
    const leave = (): void => {
      left = true;
      clearTimeout(tooLate);
      client.close();
      resolve(client);
    };
    const tooLate = setTimeout(() => {
      tally.ended++;
      tally.problem(`visit ${index} did not get in`);
      leave();
    }, IN_WITHIN_MS);
    const ready = (): void => {
      if (left) return;
      clearTimeout(tooLate);
      client.send(now(), textLength);
      setTimeout(leave, visits.stayMs);
    };
    const client: RawClient = new RawClient({ ...options, index, target, transport, auth, place }, ready);
  });
}
