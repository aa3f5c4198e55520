import { skewOf } from '../../../fleet/server-status';
import { networkOf } from '../proc';
import type { Check } from '../types';

const SKEWED = 1.5;
const AT_LEAST = 100;

export const skew: Check = {
  name: 'skew',
  title: 'People are spread evenly over the servers',
  run: async ({ servers, nginx }) => {
    // One that does not answer is another check's finding.
    const all = (await servers()).filter(({ stats }) => stats);
    const counts = all.map(({ stats }) => stats?.connections ?? 0);
    const [total, factor] = [counts.reduce((sum, count) => sum + count, 0), skewOf(counts) ?? 0];
    if (total < AT_LEAST || factor < SKEWED) return [];
    const fullest = all[counts.indexOf(Math.max(...counts))]!.name;
    return [
      {
        what: `${fullest} has ${Math.max(...counts)} of ${total} connections, ${factor.toFixed(1)} times its share${largest((await nginx()).peers)}`,
        advice: 'one network goes to one server (ip_hash): more servers do not help it; see "An office on one server" in docs/OPERATING.md',
      },
    ]; // prettier-ignore
  },
};

function largest(peers: string[]): string {
  const counts = new Map<string, number>();
  for (const peer of peers) counts.set(networkOf(peer), (counts.get(networkOf(peer)) ?? 0) + 1);
  const [network, count] = [...counts].reduce((a, b) => (b[1] > a[1] ? b : a), ['', 0]);
  return count === 0 ? '' : `; ${count} of ${peers.length} connections of nginx come from ${network}`;
}
