import { recordedAt, recordGoesOn } from '../../../fleet/record-folder';
import { MONITOR_APP } from '../../../fleet/plan';
import type { Check } from '../types';

export const recordIsKept: Check = {
  name: 'record',
  title: (words) => words.record.title,
  run: async ({ apps, settings: { varDir, recordSeconds } }, { record: words }) => {
    const since = (await apps()).find(({ name, status }) => name === MONITOR_APP && status === 'online')?.startedAt ?? 0; // prettier-ignore
    const goesOn = recordGoesOn(since, recordedAt(varDir), recordSeconds * 1_000, Date.now());
    return goesOn ? [] : [words.silent(MONITOR_APP)];
  },
};
