import type { FastifyInstance } from 'fastify';
import { readSecrets } from '../../config/secrets';
import type { Settings } from '../../config/settings';
import { openRedis } from '../../fleet/ask-redis';
import { Evidence } from './evidence';
import { createOps } from './http';
import { metricsText } from './metrics';
import { Watch } from './watch';

export interface Ops {
  http: FastifyInstance;
  close(): Promise<void>;
}

/** Puts the operator's side together: what watches the fleet, what reads the record, and what shows both. Not listening yet. */
export function openOps(settings: Settings, pages: string): Ops {
  const secrets = readSecrets(settings.varDir);
  const redis = openRedis(settings, 'fleet-monitor'); // what is wrong with it shows in what was seen
  const watch = new Watch(settings.varDir, redis);
  const evidence = new Evidence(settings, watch.memory);
  const http = createOps({
    token: secrets.opsToken,
    pages,
    live: () => watch.live(),
    history: (range) => evidence.history(range),
    verdict: (range, words) => evidence.verdict(range, words),
    metrics: async () => metricsText(watch.look(), await evidence.recordFacts()),
  });
  void watch.start();
  return {
    http,
    close: async () => {
      watch.stop();
      redis.close();
      await http.close();
    },
  };
}
