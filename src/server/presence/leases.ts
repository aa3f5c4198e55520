import type { PresenceStore, Summary } from './types';
import { every } from '../../rounds';

const RENEW_MS = 2_000;
/** Leases that could not be renewed for longer may be over although their servers live. */
const CUT_OFF_MS = 4_000;
/** After that the others get this long to come back under new leases. */
const SETTLE_MS = 10_000;

export interface LeaseListener {
  /** Nothing is stored of this server any more. */
  anew(): void;
  /** These servers are dead. */
  died(servers: ReadonlySet<string>): void;
  /** Who has not come back by now will not. */
  settled(): void;
}

/** Keeps up this server's lease, and knows which other servers have one. */
export class Leases {
  private live: ReadonlySet<string> = new Set();
  private renewing: Promise<void> | undefined;
  private renewedAt: number | undefined;
  private settlesAt: number | undefined;
  private readonly endRounds: () => void;

  constructor(
    private readonly store: PresenceStore,
    private readonly listener: LeaseListener,
  ) {
    this.endRounds = every(RENEW_MS, () => this.tick());
    this.tick();
  }

  /** Whether the store was away for so long that living servers may still be missing in it. */
  get settling(): boolean {
    return this.settlesAt !== undefined;
  }

  /** Rejects with `unavailable`. */
  renew(): Promise<void> {
    this.renewing ??= this.renewNow().finally(() => (this.renewing = undefined));
    return this.renewing;
  }

  /** Of these, the others that live; leases are asked for if one is unknown. Rejects with `unavailable`. */
  async livingOthers(summaries: Summary[]): Promise<Summary[]> {
    const others = summaries.filter(({ server }) => server !== this.store.id);
    // A server has its lease before it stores anything: whoever has none now is dead.
    if (others.some(({ server }) => !this.live.has(server))) await this.renew();
    return others.filter(({ server }) => this.live.has(server));
  }

  stop(): void {
    this.endRounds();
  }

  private tick(): void {
    if (this.settlesAt !== undefined && performance.now() >= this.settlesAt) {
      this.settlesAt = undefined;
      this.listener.settled();
    }
    this.renew().catch(() => undefined); // the next one may succeed
  }

  private async renewNow(): Promise<void> {
    const { live, anew } = await this.store.renew();
    const now = performance.now();
    const isFirst = this.renewedAt === undefined;
    if (!isFirst && (anew || now - this.renewedAt! > CUT_OFF_MS)) this.settlesAt = now + SETTLE_MS;
    this.renewedAt = now;
    const died = new Set([...this.live].filter((server) => !live.has(server)));
    this.live = live;
    if (anew) this.listener.anew();
    if (died.size > 0) this.listener.died(died);
  }
}
