import type { Answered } from './silence';

/** A host whose entry does not change for so long has stopped to say that it is there. */
export const LEASE_MS = 15_000;

/**
 * Judges which joined hosts are gone. Only what is seen here counts, by the clock of this machine: an entry that changes,
 * and servers that answer.
 */
export class Leases {
  private readonly seen = new Map<string, { text: string; at: number }>();
  private readonly silentSince = new Map<string, number>();

  /** @param forgetMs a host that answers nothing for so long has no session left that could go on */
  constructor(private readonly forgetMs: number) {}

  /** Takes what Redis says of all hosts. */
  heard(entries: Map<string, string>, now: number): void {
    for (const name of this.seen.keys()) if (!entries.has(name)) this.seen.delete(name);
    for (const [name, text] of entries)
      if (this.seen.get(name)?.text !== text) this.seen.set(name, { text, at: now });
  }

  /** Redis said nothing, so nobody can have told it anything: all leases begin anew. */
  missed(now: number): void {
    for (const entry of this.seen.values()) entry.at = now;
  }

  /** Whether the host has stopped to say that it is there, or has taken back that it is. */
  isOver(name: string, now: number): boolean {
    const entry = this.seen.get(name);
    return entry === undefined || now - entry.at >= LEASE_MS;
  }

  /**
   * Whether a host whose lease is over is really gone: nothing listens at any of its servers; or, since a machine that is off
   * or cut off says nothing at all, none has answered for long.
   */
  isGone(name: string, answers: Answered[], now: number): boolean {
    const since = this.silentSince.get(name) ?? now;
    this.silentSince.set(name, since);
    if (answers.every((answered) => answered === 'refused')) return true;
    if (answers.every((answered) => answered !== 'yes')) return now - since >= this.forgetMs;
    this.silentSince.delete(name);
    return false;
  }

  /** A host that is there again, or no longer known. */
  forgetSilence(name: string): void {
    this.silentSince.delete(name);
  }
}
