import type { Check } from '../types';

export const serversAnswer: Check = {
  name: 'servers-answer',
  title: 'Every server of the plan answers, and is well',
  run: async ({ servers }) =>
    (await servers()).flatMap(({ name, stats }) =>
      stats?.state === 'ok'
        ? []
        : [
            {
              what: stats ? `${name} says that it is ${stats.state}` : `${name} does not answer`,
              advice: `npx fleet logs ${name}`,
            },
          ],
    ),
};
