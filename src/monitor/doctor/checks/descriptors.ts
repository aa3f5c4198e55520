import { grouped, share } from '../../words/figures';
import type { Check, Finding } from '../types';

const NEARLY_ALL = 0.8;

export const descriptorsLeft: Check = {
  name: 'descriptors',
  title: (words) => words.descriptors.title,
  run: async ({ servers, nginx }, { descriptors: words }) => {
    const { peers, connections, workers } = await nginx();
    // Each takes two: one from the client, one to the server.
    const used = (2 * peers.length) / (connections * workers);
    return [
      ...(await servers()).flatMap(({ name, descriptors }): Finding[] =>
        descriptors && descriptors.open >= NEARLY_ALL * descriptors.most
          ? [words.server(name, grouped(descriptors.open), grouped(descriptors.most))]
          : [],
      ),
      ...(used < NEARLY_ALL ? [] : [words.nginx(share(used))]),
    ];
  },
};
