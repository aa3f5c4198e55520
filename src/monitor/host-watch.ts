import { readSecrets } from '../config/secrets';
import type { Settings } from '../config/settings';
import { hostName } from '../fleet/address';
import { hostText, parseHost, readHosts, serversOfHosts, writeHosts, type JoinedHost } from '../fleet/hosts';
import { probe } from '../fleet/probe';
import { Registry } from '../fleet/registry';
import { sharedOf } from '../fleet/shared';
import type { Commands } from '../redis/shard';
import { Leases } from './leases';

const ANSWER_WITHIN_MS = 2_000;
/** Beyond the heartbeats, within which a connection without a word is over. */
const MARGIN_MS = 10_000;

/**
 * The side of nginx, for machines that join: tells them what they need, and keeps the list of those that nginx is to lead to.
 * A Redis that is away, or has forgotten them, takes nobody off that list.
 */
export class HostWatch {
  private readonly registry: Registry;
  private readonly leases: Leases;

  constructor(
    private readonly settings: Settings,
    redis: Commands,
  ) {
    this.registry = new Registry(redis, settings);
    this.leases = new Leases(settings.pingIntervalMs + settings.pingTimeoutMs + MARGIN_MS);
  }

  /** Brings the list up to date. Rejects when Redis is away: the list is then as it was. */
  async look(): Promise<void> {
    const { varDir } = this.settings;
    const entries = await this.entries();
    const known = new Map(readHosts(varDir).map((host) => [hostName(host.address), host]));
    const hosts = new Map(known);
    for (const [name, text] of entries) {
      const host = parseHost(text);
      if (host && hostName(host.address) === name && !this.leases.isOver(name, Date.now()))
        hosts.set(name, host);
    }
    await Promise.all(
      [...hosts].map(async ([name, host]) => {
        if (!(await this.isGone(name, host))) return;
        hosts.delete(name);
        await this.registry.remove(host.address); // or it would look new to the next monitor
      }),
    );
    this.report(known, hosts);
    writeHosts(varDir, [...hosts.values()]);
  }

  /** Tells the hosts to which of their servers nginx leads by now. */
  async tell(): Promise<void> {
    await this.registry.keepTaken(readHosts(this.settings.varDir));
  }

  private async entries(): Promise<Map<string, string>> {
    try {
      await this.registry.publish(sharedOf(this.settings, readSecrets(this.settings.varDir)));
      const entries = await this.registry.entries();
      this.leases.heard(entries, Date.now());
      return entries;
    } catch (error) {
      this.leases.missed(Date.now());
      throw error;
    }
  }

  /** Asks servers only of a host that no longer says that it is there. */
  private async isGone(name: string, host: JoinedHost): Promise<boolean> {
    if (!this.leases.isOver(name, Date.now())) {
      this.leases.forgetSilence(name);
      return false;
    }
    const { servers, leaving } = serversOfHosts([host]);
    const asked = [...servers, ...leaving].map((server) => probe(server, ANSWER_WITHIN_MS));
    return this.leases.isGone(name, await Promise.all(asked), Date.now());
  }

  private report(before: Map<string, JoinedHost>, now: Map<string, JoinedHost>): void {
    for (const [name, host] of now) {
      const old = before.get(name);
      if (!old) console.error(`Host ${name} has joined.`);
      else if (hostText(old) !== hostText(host)) console.error(`Host ${name} has other servers now.`);
    }
    for (const name of before.keys()) if (!now.has(name)) console.error(`Host ${name} is gone.`);
  }
}
