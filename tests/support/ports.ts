import { createServer, type AddressInfo } from 'node:net';

/** A port of 127.0.0.1 that was free a moment ago: for programs that cannot listen on port 0. */
export async function freePort(): Promise<number> {
  const [port] = await freePorts(1);
  return port!;
}

/** Several free ports, all different. */
export async function freePorts(count: number): Promise<number[]> {
  const listeners = Array.from({ length: count }, () => createServer());
  await Promise.all(listeners.map((l) => new Promise<void>((done) => l.listen(0, '127.0.0.1', done))));
  const ports = listeners.map((l) => (l.address() as AddressInfo).port);
  await Promise.all(listeners.map((l) => new Promise<void>((done) => l.close(() => done()))));
  return ports;
}
