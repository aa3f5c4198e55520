import { monitorEventLoopDelay } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import { LOBBY } from '../../protocol/limits';
import { check } from '../checker';
import type { Transport } from '../client';
import { Crowd } from '../crowd';
import { now } from '../journal';
import { inject, type World } from './faults';
import { ChaosFleet } from './fleet';
import { FaultProxy } from './proxy';
import { recovered } from './recovery';
import { inWords, recoveryInWords, resultOf, type Happened, type Result } from './report';
import { scheduleOf, type Fault, type ScheduleOptions, type Slot } from './schedule';

export interface ChaosOptions extends ScheduleOptions {
  clients: number;
  messagesPerSecond: number;
  say: (line: string) => void;
  stop: AbortSignal;
}

/** A third of the clients comes through the fault proxy; half of all by polling alone. */
const PROXIED = 3;
const TRANSPORTS: Transport[] = ['polling', 'websocket', 'polling', 'upgrade'];
const ROOMS = 20;
const ROOMS_EACH = 2;
const WHOLE_WITHIN_MS = 90_000;
const ANSWERED_WITHIN_MS = 60_000;
const PROGRESS_EVERY_MS = 5_000;

/** Brings a fleet up, does the faults of the schedule to it under traffic, and has the checker judge. */
export async function runChaos(options: ChaosOptions): Promise<Result> {
  const fleet = await ChaosFleet.plan(options.servers, options.long);
  let proxy: FaultProxy | undefined;
  let crowd: Crowd | undefined;
  try {
    await fleet.up(told(options.say), options.stop);
    proxy = await FaultProxy.start(fleet.httpPort);
    crowd = crowdOf(options, fleet.httpPort, proxy.port);
    return await new ChaosRun(options, { fleet, proxy }, crowd).play();
  } finally {
    await crowd?.close();
    proxy?.close();
    await fleet.end();
  }
}

class ChaosRun {
  private readonly happened: Happened[] = [];
  private start = now();
  private wholeSince = now();

  constructor(
    private readonly options: ChaosOptions,
    private readonly world: World,
    private readonly crowd: Crowd,
  ) {}

  async play(): Promise<Result> {
    const { stop, seconds, messagesPerSecond } = this.options;
    const delay = monitorEventLoopDelay({ resolution: 10 });
    await this.crowd.connectAll();
    delay.enable();
    this.start = this.wholeSince = now();
    const timer = setInterval(() => this.tell(), PROGRESS_EVERY_MS);
    try {
      const rooms = [LOBBY, ...roomNames];
      const forMs = seconds * 1_000;
      const traffic = this.crowd.sendSteadily({ ratePerSecond: messagesPerSecond, forMs, rooms });
      await Promise.all([unlessStopped(traffic, stop), this.faults()]);
      delay.disable();
      this.say('all faults are over; waiting until every message has its answer');
      const logs = await unlessStopped(this.crowd.settle(ANSWERED_WITHIN_MS), stop);
      const { journals } = this.crowd;
      const report = check({ seed: this.options.seed, journals, logs });
      return resultOf(report, this.happened, journals, delay.percentile(99) / 1e6);
    } finally {
      clearInterval(timer);
    }
  }

  private async faults(): Promise<void> {
    for (const slot of scheduleOf(this.options)) {
      const due = Math.max(this.start + slot.at, this.wholeSince + slot.quietMs);
      if (due - this.start > this.options.seconds * 1_000) return;
      await sleep(Math.max(0, due - now()), undefined, { signal: this.options.stop });
      await this.slot(slot);
    }
  }

  private async slot({ faults }: Slot): Promise<void> {
    const atMs = now() - this.start;
    const { fleet } = this.world;
    this.say(inWords(faults, fleet.servers), '!');
    await Promise.all(faults.map((fault) => this.fault(fault)));
    const { tookMs, missing } = await recovered(
      fleet,
      this.crowd.clients,
      WHOLE_WITHIN_MS,
      this.options.stop,
    );
    this.wholeSince = now();
    const happened = { atMs, faults, tookMs, missing };
    this.happened.push(happened);
    this.say(recoveryInWords(happened), '=');
  }

  /** Ends what it began whatever happens: Ctrl-C must leave nothing frozen. */
  private async fault(fault: Fault): Promise<void> {
    const heal = await inject(this.world, fault);
    try {
      await sleep(fault.forMs, undefined, { signal: this.options.stop });
    } finally {
      await heal();
    }
  }

  private tell(): void {
    const { clients } = this.crowd;
    const inside = clients.filter((client) => client.ready).length;
    const unanswered = clients.reduce((sum, { sending }) => sum + sending.unanswered, 0);
    const sent = clients.reduce((sum, { journal }) => sum + journal.sends.length, 0);
    this.say(`clients in ${inside} of ${clients.length}, sent ${sent}, unanswered ${unanswered}`);
  }

  /** With the time. `!` marks what is done, `=` what came of it. */
  private say(words: string, mark = ' '): void {
    this.options.say(`${((now() - this.start) / 1_000).toFixed(1).padStart(6)} s ${mark} ${words}`);
  }
}

const roomNames = Array.from({ length: ROOMS }, (_, i) => `chaos-${i}`);

function crowdOf({ clients, seed }: ChaosOptions, httpPort: number, proxyPort: number): Crowd {
  const ports = Array.from({ length: PROXIED }, (_, i) => (i === 0 ? proxyPort : httpPort));
  return new Crowd({
    urls: ports.map((port) => `http://127.0.0.1:${port}`),
    clients,
    transports: TRANSPORTS,
    rooms: (client) =>
      Array.from({ length: ROOMS_EACH }, (_, k) => roomNames[(client * ROOMS_EACH + k) % ROOMS]!),
    seed,
  });
}

/** Work that cannot be stopped is left to itself. */
function unlessStopped<T>(work: Promise<T>, stop: AbortSignal): Promise<T> {
  const stopped = new Promise<never>((_, reject) => {
    if (stop.aborted) reject(stop.reason as Error);
    stop.addEventListener('abort', () => reject(stop.reason as Error));
  });
  return Promise.race([work, stopped]);
}

const told =
  (say: (line: string) => void) =>
  async (name: string, work: () => Promise<string>): Promise<void> =>
    say(`fleet  ${name}: ${await work()}`);
