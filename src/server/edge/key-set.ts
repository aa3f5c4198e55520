import { createLocalJWKSet, errors, type JSONWebKeySet, type JWTVerifyGetKey } from 'jose';
import { ChatError } from '../../protocol/codes';
import type { Report } from '../flow/types';

/** A key that was taken out of the set is refused after this time at the latest. */
const REFRESH_MS = 600_000;
/** Tokens with keys that nobody knows make us ask this often at most. */
const ASK_AGAIN_MS = 5_000;
const RETRY_MS = 1_000;
const TIMEOUT_MS = 2_000;

/**
 * The public keys (JWKS) behind JWT_JWKS_URL, fetched ahead and then again and again. While they cannot be fetched
 * the last ones hold, so that an outage of the key server keeps nobody out whose key is known; jose's own remote
 * set would refuse everybody ten minutes later.
 */
export class KeySet {
  private keys: JWTVerifyGetKey | undefined;
  private fetchedAt = -Infinity;
  private failedAt = -Infinity;
  private fetching: Promise<void> | undefined;
  private readonly timer = setInterval(() => this.refreshAhead(), REFRESH_MS);

  constructor(
    private readonly url: string,
    private readonly report: Report,
  ) {
    this.timer.unref();
    this.refreshAhead();
  }

  /** The key of a token's header, as jose asks for it. Throws a JOSEError, or `unavailable`. */
  find: JWTVerifyGetKey = async (header, token) => {
    if (!this.keys) await this.refresh();
    try {
      return await this.keys!(header, token);
    } catch (error) {
      if (!(error instanceof errors.JWKSNoMatchingKey)) throw error;
    }
    await this.refresh(); // the key may be new
    return this.keys!(header, token);
  };

  close(): void {
    clearInterval(this.timer);
  }

  private refreshAhead(): void {
    this.refresh().catch(() => undefined); // reported, and tried again when a token needs it
  }

  private refresh(): Promise<void> {
    const now = performance.now();
    if (now - this.fetchedAt < ASK_AGAIN_MS) return Promise.resolve();
    if (now - this.failedAt < RETRY_MS) return Promise.reject(unavailable());
    return (this.fetching ??= this.fetch().finally(() => (this.fetching = undefined)));
  }

  private async fetch(): Promise<void> {
    try {
      const response = await fetch(this.url, { redirect: 'error', signal: AbortSignal.timeout(TIMEOUT_MS) });
      if (!response.ok) throw new Error(`the key server answers ${response.status}`);
      this.keys = createLocalJWKSet((await response.json()) as JSONWebKeySet);
      this.fetchedAt = performance.now();
      this.failedAt = -Infinity;
    } catch (error) {
      // An outage is one line, not one a try.
      if (this.failedAt === -Infinity) this.report('the keys of JWT_JWKS_URL could not be fetched', error);
      this.failedAt = performance.now();
      throw unavailable();
    }
  }
}

function unavailable(): ChatError {
  return new ChatError('unavailable', 'the keys for tokens cannot be fetched at the moment');
}
