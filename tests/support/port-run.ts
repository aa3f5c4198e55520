import { createServer } from 'node:net';

// Below the ports that the system gives to outgoing connections: one of those would block a server's restart.
const [LOWEST, HIGHEST] = [20_000, 32_000];

/** The first of several ports in a row that were free a moment ago. */
export async function freePortRun(count: number): Promise<number> {
  for (let tries = 0; tries < 100; tries++) {
    const first = LOWEST + Math.floor(Math.random() * (HIGHEST - LOWEST - count));
    const run = Array.from({ length: count }, (_, index) => first + index);
    if ((await Promise.all(run.map(isFree))).every(Boolean)) return first;
  }
  throw new Error(`found no ${count} free ports in a row`);
}

export function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const listener = createServer();
    listener.once('error', () => resolve(false));
    listener.listen({ port, host: '127.0.0.1', exclusive: true }, () => listener.close(() => resolve(true)));
  });
}
