import type { Secrets } from './secrets';
import type { Settings } from './settings';

/**
 * What signs tokens by HS256: the operator's secret, or the fleet's own while he has set neither that nor keys
 * (JWT_JWKS_URL). Undefined: tokens by secret are not accepted.
 */
export function tokenSecretOf(settings: Settings, { tokenSecret }: Secrets): string | undefined {
  if (settings.jwtSecret !== '') return settings.jwtSecret;
  return settings.jwtJwksUrl === '' ? tokenSecret : undefined;
}
