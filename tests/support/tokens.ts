import { exportJWK, generateKeyPair, SignJWT, type JWK, type JWTPayload, type KeyLike } from 'jose';
import { createServer, type Server } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { onCleanup } from './cleanup';
import { tokenSecret } from './server';

export const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
export const inSeconds = (seconds: number): number => Date.now() / 1_000 + seconds;

/** A token by secret that holds a minute, for `ann`, but for what is said otherwise. */
export function tokenFor(claims: JWTPayload = {}, secret = tokenSecret, alg = 'HS256'): Promise<string> {
  const payload = { sub: 'ann', exp: Math.ceil(inSeconds(60)), ...claims };
  return new SignJWT(payload).setProtectedHeader({ alg }).sign(bytes(secret));
}

/** A token of any header, payload and signature. */
export function rawToken(header: object, payload: object, signature = 'AAAA'): string {
  const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');
  return `${part(header)}.${part(payload)}.${signature}`;
}

export interface SigningKey {
  alg: string;
  kid: string;
  publicKey: KeyLike;
  jwk: JWK;
  sign(claims?: JWTPayload, header?: object): Promise<string>;
}

export async function signingKey(alg: string, kid: string): Promise<SigningKey> {
  const { publicKey, privateKey } = await generateKeyPair(alg);
  const sign = (claims: JWTPayload = {}, header: object = {}): Promise<string> =>
    new SignJWT({ sub: 'ann', exp: Math.ceil(inSeconds(60)), ...claims })
      .setProtectedHeader({ alg, kid, ...header })
      .sign(privateKey);
  return { alg, kid, publicKey, jwk: { ...(await exportJWK(publicKey)), kid }, sign };
}

export interface KeyServer {
  url: string;
  /** What it publishes; replace it to rotate. */
  keys: SigningKey[];
  /** How often it was asked. */
  asked: number;
  /** The status it answers with. */
  status: number;
}

/** Publishes keys (JWKS) on loopback, as a login service does. */
export async function startKeyServer(keys: SigningKey[], status = 200): Promise<KeyServer> {
  const self: KeyServer = { url: '', keys, asked: 0, status };
  const http: Server = createServer((_, response) => {
    self.asked++;
    response.writeHead(self.status, { 'content-type': 'application/json' });
    response.end(JSON.stringify({ keys: self.keys.map(({ jwk }) => jwk) }));
  });
  http.listen(0, '127.0.0.1');
  await once(http, 'listening');
  onCleanup(() => {
    http.closeAllConnections();
    http.close();
  });
  self.url = `http://127.0.0.1:${(http.address() as AddressInfo).port}/jwks`;
  return self;
}
