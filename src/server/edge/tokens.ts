import { errors, jwtVerify, type JWTVerifyGetKey, type JWTVerifyOptions } from 'jose';
import { claimsOf } from '../../protocol/claims';
import { ChatError } from '../../protocol/codes';
import type { Report, Verified } from '../flow/types';
import { KeySet } from './key-set';

export interface TokenOptions {
  /** Signs by HS256; undefined: no token by secret is accepted. */
  secret: string | undefined;
  /** Where the public keys are; '': no token by key is accepted. */
  jwksUrl: string;
  /** Checked unless ''. */
  issuer: string;
  audience: string;
  report: Report;
}

export interface Tokens {
  /** Whom a JWT names, with which rights and how long. Throws `auth_invalid`, `auth_expired` or `unavailable`. */
  verify(token: string): Promise<Verified>;
  close(): void;
}

const BY_SECRET = ['HS256'];
const BY_KEY = ['RS', 'PS', 'ES']
  .flatMap((kind) => [`${kind}256`, `${kind}384`, `${kind}512`])
  .concat('EdDSA');

/**
 * Checks JWTs. The list of algorithms is fixed, and each belongs to one source of keys: the secret serves HS256
 * alone and the key set never does, so that a public key cannot be taken for a secret. Keys that a token brings or
 * points to (`jwk`, `jku`, `x5c`, `x5u`) are not looked at.
 */
export function createTokens({ secret, jwksUrl, issuer, audience, report }: TokenOptions): Tokens {
  const secretKey = secret === undefined ? undefined : new TextEncoder().encode(secret);
  const keySet = jwksUrl === '' ? undefined : new KeySet(jwksUrl, report);
  const options: JWTVerifyOptions = {
    algorithms: [...(secretKey ? BY_SECRET : []), ...(keySet ? BY_KEY : [])],
    requiredClaims: ['sub', 'exp'],
    ...(issuer !== '' && { issuer }),
    ...(audience !== '' && { audience }),
  };
  // jose asks only for algorithms of the list, so the source of the key is there.
  const keyOf: JWTVerifyGetKey = (header, token) =>
    BY_SECRET.includes(header.alg) ? secretKey! : keySet!.find(header, token);
  return {
    verify: (token) => verify(token, keyOf, options),
    close: () => keySet?.close(),
  };
}

async function verify(token: string, keyOf: JWTVerifyGetKey, options: JWTVerifyOptions): Promise<Verified> {
  const { payload } = await jwtVerify(token, keyOf, options).catch((error: unknown) => {
    throw refusalOf(error);
  });
  const expiresAt = Math.floor(payload.exp! * 1_000);
  if (!Number.isSafeInteger(expiresAt)) throw new ChatError('auth_invalid', 'exp: seconds since 1970');
  if (expiresAt <= Date.now()) throw new ChatError('auth_expired'); // jose cuts the fraction of a second
  return { ...claimsOf(payload), expiresAt };
}

/** A new error, without what jose attaches to its own: nothing of a token gets into a log that way. */
function refusalOf(error: unknown): ChatError {
  if (error instanceof ChatError) return error;
  if (error instanceof errors.JWTExpired) return new ChatError('auth_expired');
  return new ChatError('auth_invalid', error instanceof errors.JOSEError ? error.message : undefined);
}
