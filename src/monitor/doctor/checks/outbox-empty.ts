import type { Check } from '../types';

export const outboxEmpty: Check = {
  name: 'outbox-empty',
  title: 'No message waits on the disk',
  run: async ({ servers, outbox }) => {
    const waiting = (await servers()).filter(({ stats }) => (stats?.queued ?? 0) > 0);
    const setAside = (await outbox()).includes('set-aside.jsonl');
    return [
      ...waiting.map(({ name, stats }) => ({
        what: `${stats!.queued} messages wait on the disk of ${name} for Redis`,
        advice: 'nothing is lost; they go out by themselves when Redis takes them: npx fleet status',
      })),
      ...(setAside
        ? [{ what: 'messages were set aside: the log refused them for good', advice: 'read var/outbox/set-aside.jsonl; see "When Redis is away"' }]
        : []),
    ]; // prettier-ignore
  },
};
