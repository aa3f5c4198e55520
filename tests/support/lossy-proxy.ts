import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { onCleanup } from './cleanup';

/** Stands between clients and a server, as a bad network does. */
export interface LossyProxy {
  url: string;
  /** Connections so far. */
  count(): number;
  /** What goes lost from now on, with the connections staying open. */
  lose(what: 'nothing' | 'answers' | 'everything'): void;
  /** Says these bytes to all clients as if the server had. */
  inject(bytes: Buffer): void;
  /** Ends every connection without a word, and takes new ones. */
  cut(): void;
}

export async function startLossyProxy(port: number): Promise<LossyProxy> {
  const near = new Set<Socket>();
  let [count, lost] = [0, 'nothing'];
  const listener = createServer((client) => {
    count++;
    const server = connect(port, '127.0.0.1');
    near.add(client);
    client.on('data', (chunk) => lost !== 'everything' && server.write(chunk));
    server.on('data', (chunk) => lost === 'nothing' && client.write(chunk));
    for (const [one, other] of [
      [client, server],
      [server, client],
    ] as const) {
      one.on('error', () => undefined);
      one.on('close', () => (near.delete(client), other.destroy()));
    }
  });
  listener.listen(0, '127.0.0.1');
  await once(listener, 'listening');
  const cut = (): void => near.forEach((socket) => socket.destroy());
  onCleanup(() => (listener.close(), cut()));
  return {
    url: `http://127.0.0.1:${(listener.address() as AddressInfo).port}`,
    count: () => count,
    lose: (what) => (lost = what),
    inject: (bytes) => near.forEach((socket) => socket.write(bytes)),
    cut,
  };
}
