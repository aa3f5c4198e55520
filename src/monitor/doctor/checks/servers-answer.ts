import type { Check, ServerLook } from '../types';

/** What another check says more of. */
const isExplained = ({ stats }: ServerLook): boolean =>
  stats !== undefined && (stats.state === 'overloaded' || stats.deaf === true);

export const serversAnswer: Check = {
  name: 'servers-answer',
  title: (words) => words.serversAnswer.title,
  run: async ({ servers }, { serversAnswer: words }) =>
    (await servers())
      .filter((server) => server.stats?.state !== 'ok' && !isExplained(server))
      .map(({ name, stats }) => (stats ? words.notWell(name, stats.state) : words.noAnswer(name))),
};
