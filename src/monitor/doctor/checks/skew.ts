import type { DoctorWords } from '../../words/doctor-en';
import { grouped } from '../../words/figures';
import { skewAmong } from '../../skew';
import { networkOf } from '../proc';
import type { Check } from '../types';

export const skew: Check = {
  name: 'skew',
  title: (words) => words.skew.title,
  run: async ({ servers, nginx, settings: { balance } }, { skew: words }) => {
    // One that does not answer is another check's finding.
    const all = (await servers()).flatMap(({ name, stats }) =>
      stats ? [{ name, connections: stats.connections }] : [],
    );
    const found = skewAmong(all);
    if (!found) return [];
    const { server, connections, total, factor } = found;
    const uneven = words.uneven(server, grouped(connections), grouped(total), factor.toFixed(1));
    return [{ what: `${uneven}${largest((await nginx()).peers, words)}`, advice: words.advice[balance] }];
  },
};

function largest(peers: string[], words: DoctorWords['skew']): string {
  const counts = new Map<string, number>();
  for (const peer of peers) counts.set(networkOf(peer), (counts.get(networkOf(peer)) ?? 0) + 1);
  const [network, count] = [...counts].reduce((a, b) => (b[1] > a[1] ? b : a), ['', 0]);
  return count === 0 ? '' : words.network(grouped(count), grouped(peers.length), network);
}
