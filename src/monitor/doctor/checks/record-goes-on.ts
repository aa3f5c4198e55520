import { recordedAt, recordGoesOn } from '../../../fleet/record-folder';
import { MONITOR_APP } from '../../../fleet/plan';
import type { Check } from '../types';

export const recordIsKept: Check = {
  name: 'record',
  title: 'The monitor writes its record',
  run: async ({ apps, settings: { varDir, recordSeconds } }) => {
    const since = (await apps()).find(({ name, status }) => name === MONITOR_APP && status === 'online')?.startedAt ?? 0; // prettier-ignore
    if (recordGoesOn(since, recordedAt(varDir), recordSeconds * 1_000, Date.now())) return [];
    return [
      { what: 'the record has had no line for two intervals', advice: `npx fleet logs ${MONITOR_APP}` },
    ];
  },
};
