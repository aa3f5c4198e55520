import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Code } from '../../protocol/codes';

export interface AdmissionOptions {
  /** Origins that may connect, beside the one the request was sent to. */
  allowedOrigins: string[];
  /** Why no new session is taken at the moment, if so. */
  closedFor: () => Closed | undefined;
}

export interface Closed {
  code: Code;
  /** When the client is to ask again: a second by default. */
  retryAfterMs?: number;
}

interface Refusal {
  status: number;
  reason: string;
  body: { code: Code; message: string };
  retryAfterMs?: number;
}

const RETRY_AFTER_MS = 1_000;

/**
 * An Engine.IO middleware for every request of both transports: a page of a foreign origin gets 403; a new
 * session gets 503 with Retry-After while the server takes none, and nginx asks the next one.
 */
export function admission(options: AdmissionOptions) {
  return (request: IncomingMessage, response: ServerResponse, next: () => void): void => {
    const refusal = judge(request, options);
    if (!refusal) return next();
    if (request.headers.upgrade === undefined) refuse(response, refusal);
    else refuseUpgrade(request, refusal);
  };
}

function judge(
  request: IncomingMessage,
  { allowedOrigins, closedFor }: AdmissionOptions,
): Refusal | undefined {
  const { origin, host } = request.headers;
  if (origin !== undefined && !allowedOrigins.includes(origin) && hostOf(origin) !== host) {
    return { status: 403, reason: 'Forbidden', body: { code: 'forbidden', message: 'foreign origin' } };
  }
  const closed = hasSid(request) ? undefined : closedFor();
  if (!closed) return undefined;
  const { code, retryAfterMs = RETRY_AFTER_MS } = closed;
  const body = { code, message: 'no new sessions here' };
  return { status: 503, reason: 'Service Unavailable', body, retryAfterMs };
}

function hostOf(origin: string): string | undefined {
  return URL.canParse(origin) ? new URL(origin).host : undefined;
}

function hasSid(request: IncomingMessage): boolean {
  return new URLSearchParams(request.url?.split('?')[1]).has('sid');
}

function headersOf({ retryAfterMs }: Refusal, text: string): Record<string, string | number> {
  return {
    'Content-Type': 'application/json',
    'Content-Length': Buffer.byteLength(text),
    ...(retryAfterMs !== undefined && { 'Retry-After': Math.ceil(retryAfterMs / 1_000) }),
  };
}

function refuse(response: ServerResponse, refusal: Refusal): void {
  const text = JSON.stringify(refusal.body);
  response.writeHead(refusal.status, headersOf(refusal, text)).end(text);
}

/** Engine.IO's response object cannot answer an upgrade, so the answer is written by hand. */
function refuseUpgrade({ socket }: IncomingMessage, refusal: Refusal): void {
  // Node has taken its own listener off by now: without one, a client's reset would end the process.
  socket.on('error', () => undefined);
  const text = JSON.stringify(refusal.body);
  const headers = Object.entries({ ...headersOf(refusal, text), Connection: 'close' });
  const head = headers.map(([name, value]) => `${name}: ${value}\r\n`).join('');
  socket.end(`HTTP/1.1 ${refusal.status} ${refusal.reason}\r\n${head}\r\n${text}`);
}
