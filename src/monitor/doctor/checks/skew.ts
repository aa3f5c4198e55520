import { skewOf } from '../../../fleet/server-status';
import type { DoctorWords } from '../../words/doctor-en';
import { grouped } from '../../words/figures';
import { networkOf } from '../proc';
import type { Check } from '../types';

const SKEWED = 1.5;
const AT_LEAST = 100;

export const skew: Check = {
  name: 'skew',
  title: (words) => words.skew.title,
  run: async ({ servers, nginx }, { skew: words }) => {
    // One that does not answer is another check's finding.
    const all = (await servers()).filter(({ stats }) => stats);
    const counts = all.map(({ stats }) => stats?.connections ?? 0);
    const [total, factor] = [counts.reduce((sum, count) => sum + count, 0), skewOf(counts) ?? 0];
    if (total < AT_LEAST || factor < SKEWED) return [];
    const most = Math.max(...counts);
    const fullest = all[counts.indexOf(most)]!.name;
    const uneven = words.uneven(fullest, grouped(most), grouped(total), factor.toFixed(1));
    return [{ what: `${uneven}${largest((await nginx()).peers, words)}`, advice: words.advice }];
  },
};

function largest(peers: string[], words: DoctorWords['skew']): string {
  const counts = new Map<string, number>();
  for (const peer of peers) counts.set(networkOf(peer), (counts.get(networkOf(peer)) ?? 0) + 1);
  const [network, count] = [...counts].reduce((a, b) => (b[1] > a[1] ? b : a), ['', 0]);
  return count === 0 ? '' : words.network(grouped(count), grouped(peers.length), network);
}
