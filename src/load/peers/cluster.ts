import cluster from 'node:cluster';
import { createServer, type Server as HttpServer } from 'node:http';
import { join } from 'node:path';
import { Server, type ServerOptions } from 'socket.io';
import { serveChat } from './chat';

/** The parts of both packages that are used here: they are installed by the benchmark alone. */
interface Sticky {
  setupMaster(http: HttpServer, options: { loadBalancingMethod: string }): void;
  setupWorker(io: Server): void;
}
interface ClusterAdapter {
  createAdapter(): NonNullable<ServerOptions['adapter']>;
  setupPrimary(): void;
}

const load = (name: string): unknown => require(join(process.env.BENCH_PACKAGES!, 'node_modules', name));
const sticky = load('@socket.io/sticky') as Sticky;
const adapter = load('@socket.io/cluster-adapter') as ClusterAdapter;

/** C: Node cluster, as the documentation of both packages shows it. PORT, WORKERS, BENCH_PACKAGES. */
function main(): void {
  const http = createServer();
  if (cluster.isPrimary) {
    sticky.setupMaster(http, { loadBalancingMethod: 'least-connection' });
    adapter.setupPrimary();
    cluster.setupPrimary({ serialization: 'advanced' }); // buffers stay buffers between the processes
    let listening = 0;
    cluster.on('message', (_worker, message: unknown) => {
      if (message !== 'ready' || ++listening < Number(process.env.WORKERS)) return;
      http.listen({ host: '127.0.0.1', port: Number(process.env.PORT), backlog: 4_096 });
    });
    for (let i = 0; i < Number(process.env.WORKERS); i++) cluster.fork();
    return;
  }
  const io = new Server(http, { adapter: adapter.createAdapter() });
  sticky.setupWorker(io);
  serveChat(io);
  process.send!('ready');
}

main();
