import type { Settings } from '../config/settings';
import { readRegistration } from '../fleet/registration';
import { Registry } from '../fleet/registry';
import type { Commands } from '../redis/shard';

/** A joined host, for the side of nginx: says that it is there, with what it consists of. */
export class Announcer {
  private readonly registry: Registry;
  private said = '';

  constructor(
    private readonly settings: Settings,
    redis: Commands,
  ) {
    this.registry = new Registry(redis, settings);
  }

  /** One beat. What failed is said once, and tried again in the next one. */
  async look(): Promise<void> {
    try {
      const host = readRegistration(this.settings.varDir);
      if (host) await this.registry.register(host);
      this.said = '';
    } catch (error) {
      const { message } = error as Error;
      if (message !== this.said)
        console.error(`The fleet cannot be told that this host is there: ${message}`);
      this.said = message;
    }
  }
}
