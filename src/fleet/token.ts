import { SignJWT } from 'jose';
import { readSecrets } from '../config/secrets';
import { tokenSecretOf } from '../config/token-secret';
import type { Settings } from '../config/settings';
import { claimsOf } from '../protocol/claims';
import { FleetError } from './errors';

/** Whom a token is to name. The claims of the same names, `user` as `sub`. */
export interface TokenRequest {
  user: string;
  name?: string;
  /** Patterns such as `team-*`; missing: all rooms. */
  rooms?: string[];
  role?: 'moderator';
  /** How long it holds, in ms. */
  forMs: number;
}

export interface IssuedToken {
  token: string;
  user: { id: string; name: string };
  /** ms since 1970 */
  expiresAt: number;
}

/** Whether this fleet has a secret to sign with. */
export function signsTokens(settings: Settings): boolean {
  return tokenSecretOf(settings, readSecrets(settings.varDir)) !== undefined;
}

/**
 * Signs a token that the servers of this fleet accept; needs none of them to run. Throws FleetError: `usage` for a
 * user, name or rooms that no server would accept, `precondition` when this fleet signs no tokens itself.
 */
export async function issueToken(settings: Settings, request: TokenRequest): Promise<IssuedToken> {
  const { user: sub, name, rooms, role, forMs } = request;
  const claims = { ...(name !== undefined && { name }), ...(rooms && { rooms }), ...(role && { role }) };
  const { user } = checked({ sub, ...claims });
  const secret = tokenSecretOf(settings, readSecrets(settings.varDir));
  if (secret === undefined) throw signsNothing();
  const exp = Math.ceil((Date.now() + forMs) / 1_000);
  const jwt = new SignJWT(claims).setProtectedHeader({ alg: 'HS256' }).setSubject(sub).setExpirationTime(exp);
  if (settings.jwtIssuer !== '') jwt.setIssuer(settings.jwtIssuer);
  if (settings.jwtAudience !== '') jwt.setAudience(settings.jwtAudience);
  const token = await jwt.setIssuedAt().sign(new TextEncoder().encode(secret));
  return { token, user, expiresAt: exp * 1_000 };
}

function checked(payload: Record<string, unknown>) {
  try {
    return claimsOf(payload);
  } catch (error) {
    const { message } = error as Error;
    throw new FleetError(
      'usage',
      message.replace(/^sub:/, 'user:'),
      'No token was made.',
      'npx fleet token --help',
    );
  }
}

function signsNothing(): FleetError {
  return new FleetError(
    'precondition',
    'This fleet signs no tokens: it takes those whose keys are at JWT_JWKS_URL, and JWT_SECRET is not set.',
    'No token was made.',
    'get a token from the signer of these keys, or set JWT_SECRET too',
  );
}
