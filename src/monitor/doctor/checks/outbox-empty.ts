import { grouped } from '../../words/figures';
import type { Check } from '../types';

export const outboxEmpty: Check = {
  name: 'outbox-empty',
  title: (words) => words.outboxEmpty.title,
  run: async ({ servers, outbox }, { outboxEmpty: words }) => {
    const waiting = (await servers()).filter(({ stats }) => (stats?.queued ?? 0) > 0);
    const setAside = (await outbox()).includes('set-aside.jsonl');
    return [
      ...waiting.map(({ name, stats }) => words.waiting(name, grouped(stats!.queued))),
      ...(setAside ? [words.setAside()] : []),
    ];
  },
};
