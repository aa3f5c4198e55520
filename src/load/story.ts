import { setTimeout as sleep } from 'node:timers/promises';
import { LOBBY } from '../protocol/limits';
import { check, type Report } from './checker';
import type { CrowdClient } from './client';
import { Crowd } from './crowd';
import { errorsOf, now, outcomeOf, type Journal } from './journal';
import { percentile } from './percentile';
import { reach, waitUntil } from './waiting';

export interface StoryOptions {
  url: string;
  arrivalsPerSecond: number;
  forSeconds: number;
}

/** Times in milliseconds. */
export interface StoryResult {
  arrivals: number;
  failed: number;
  /** The first few reasons of failures, in words. */
  reasons: string[];
  /** From the send to its acknowledgement. */
  ack: { p50: number; p99: number };
  /** Arrivals each server got. */
  servers: Record<string, number>;
  /** The busiest server's arrivals over the mean. */
  skew: number;
  /** How late arrivals were against their plan (p99): large, and the generator was the limit. */
  late: number;
  checked: Report;
}

export type Progress = (arrived: number, present: number, failed: number) => void;

const TEXT = 'helloTest';
const STAY_MS = 5_000;
const CONNECT_WITHIN_MS = 10_000;

/**
 * The load of the story: people arrive, say "helloTest" in the lobby and stay 5 s. Each comes from a network
 * of its own and gets through as stock clients do by themselves: polling, then upgrade. One more client is
 * there all the time, so that somebody has to see every message.
 */
export class Story {
  private readonly crowd: Crowd;
  private readonly late: number[] = [];
  private present = 0;
  private failed = 0;

  constructor(
    private readonly options: StoryOptions,
    private readonly progress: Progress,
  ) {
    this.crowd = new Crowd({ urls: [options.url], clients: 1, transports: ['upgrade'], rooms: () => [] });
  }

  async play(): Promise<StoryResult> {
    const timer = setInterval(() => this.tell(), 1_000);
    try {
      await this.crowd.connectAll();
      await this.arrive();
      const logs = await this.crowd.settle();
      return this.result(check({ seed: this.crowd.seed, journals: this.crowd.journals, logs }));
    } finally {
      clearInterval(timer);
      await this.crowd.close();
    }
  }

  private async arrive(): Promise<void> {
    const { arrivalsPerSecond, forSeconds } = this.options;
    const start = now();
    const visits: Promise<void>[] = [];
    for (let k = 0; k < arrivalsPerSecond * forSeconds; k++) {
      const plannedAt = start + (k * 1_000) / arrivalsPerSecond;
      await reach(plannedAt);
      this.late.push(now() - plannedAt);
      visits.push(this.visit(this.crowd.add()));
    }
    await Promise.all(visits);
  }

  private async visit(client: CrowdClient): Promise<void> {
    this.present++;
    client.connect();
    if (await waitUntil(() => client.ready, CONNECT_WITHIN_MS)) {
      client.send({ room: LOBBY, kind: 'message', text: TEXT, plannedAt: now() });
      await sleep(STAY_MS);
    }
    await client.leave();
    this.present--;
    if (failure(client.journal)) this.failed++;
  }

  private tell(): void {
    this.progress(this.late.length, this.present, this.failed);
  }

  private result(checked: Report): StoryResult {
    const [, ...visitors] = this.crowd.clients;
    const attempts = visitors.flatMap(({ journal }) => journal.sends.flatMap((send) => send.attempts));
    const acks = attempts.flatMap(({ answeredAt, sentAt }) => (answeredAt ? [answeredAt - sentAt] : []));
    const servers: Record<string, number> = {};
    for (const { server } of visitors) if (server) servers[server] = (servers[server] ?? 0) + 1;
    const counts = Object.values(servers);
    return {
      arrivals: visitors.length,
      failed: this.failed,
      reasons: visitors.flatMap(({ journal }) => failure(journal) ?? []).slice(0, 5),
      ack: { p50: percentile(acks, 0.5), p99: percentile(acks, 0.99) },
      servers,
      skew: Math.max(0, ...counts) / (mean(counts) || 1),
      late: percentile(this.late, 0.99),
      checked,
    };
  }
}

function mean(values: number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / (values.length || 1);
}

/** Why this visit did not go as it should, if so. */
function failure(journal: Journal): string | undefined {
  const [send] = journal.sends;
  if (!send) return errorsOf(journal)[0] ?? `${journal.client}: never got in`;
  const outcome = outcomeOf(send);
  const acknowledged = outcome === 'committed' || outcome === 'queued';
  return errorsOf(journal)[0] ?? (acknowledged ? undefined : `${journal.client}: ${outcome}`);
}
